// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import io.fairlead.spi.DocumentSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Remembers what the watch of a document said. Safe for any thread. */
public final class RecordingDocuments implements DocumentSource.Listener {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<String> revisions = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    @Override
    public void onPresent(byte[] content, String revision) {
        revisions.add(revision);
        told.add("present " + new String(content, StandardCharsets.UTF_8));
    }

    @Override
    public void onAbsent() {
        told.add("absent");
    }

    @Override
    public void onFailed(Throwable cause) {
        failures.add(cause);
        told.add("failed");
    }

    /** All that was told, oldest first: {@code present} and the content in UTF-8, {@code absent}, {@code failed}. */
    public List<String> told() {
        return List.copyOf(told);
    }

    /** What was told last, or null before the first. */
    public @Nullable String last() {
        return told.isEmpty() ? null : told.get(told.size() - 1);
    }

    /** The revision of each document told, oldest first. */
    public List<String> revisions() {
        return List.copyOf(revisions);
    }

    /** The cause of each failure told, oldest first. */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }
}
