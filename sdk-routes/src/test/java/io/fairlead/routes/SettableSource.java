// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentSource;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A document in memory. */
final class SettableSource implements DocumentSource {
    private final String description;
    private volatile @Nullable Listener listener;
    private int revision;

    SettableSource() {
        this("a test");
    }

    SettableSource(String description) {
        this.description = description;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Subscription watch(Listener heard) {
        listener = heard;
        return () -> listener = null;
    }

    boolean isWatched() {
        return listener != null;
    }

    void set(String text) {
        listener.onPresent(text.getBytes(StandardCharsets.UTF_8), String.valueOf(++revision));
    }

    void remove() {
        listener.onAbsent();
    }

    void fail(String why) {
        listener.onFailed(new IllegalStateException(why));
    }
}
