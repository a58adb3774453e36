// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import io.fairlead.spi.DocumentSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Hears of a document and remembers it. */
final class RecordedDocuments implements DocumentSource.Listener {
    final List<String> heard = new CopyOnWriteArrayList<>();

    @Override
    public void onPresent(byte[] content, String revision) {
        heard.add(new String(content, StandardCharsets.UTF_8));
    }

    @Override
    public void onAbsent() {
        heard.add("absent");
    }

    @Override
    public void onFailed(Throwable cause) {
        heard.add("failed: " + cause.getMessage());
    }
}
