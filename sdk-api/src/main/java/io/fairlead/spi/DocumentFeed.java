// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.RegistryException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a source finds to one listener of a {@link DocumentSource}, with the manners that
 * {@link DocumentSource.Listener} promises: one call at a time, on a thread of the environment's executor, and only what
 * differs from what the listener heard last. Of what comes while the listener is busy, the last is kept; so a listener that
 * never returns costs one thread and one document. Safe for any thread; nothing runs under a lock.
 */
public final class DocumentFeed implements AutoCloseable {
    private final String description;
    private final Environment environment;
    private final DocumentSource.Listener listener;
    private final SerialTasks tasks;
    private final AtomicBoolean waiting = new AtomicBoolean();
    private volatile @Nullable News newest;
    private volatile boolean closed;
    private @Nullable News told; // belongs to the queue

    /** What can be told. */
    private sealed interface News {
        void tellTo(DocumentSource.Listener listener);

        boolean saysNoMoreThan(@Nullable News before);
    }

    private record Present(byte[] content, String revision) implements News {
        @Override
        public void tellTo(DocumentSource.Listener listener) {
            listener.onPresent(content.clone(), revision);
        }

        @Override
        public boolean saysNoMoreThan(@Nullable News before) {
            return before instanceof Present last && Arrays.equals(content, last.content);
        }
    }

    private record Absent() implements News {
        @Override
        public void tellTo(DocumentSource.Listener listener) {
            listener.onAbsent();
        }

        @Override
        public boolean saysNoMoreThan(@Nullable News before) {
            return before instanceof Absent;
        }
    }

    private record Failed(Throwable cause) implements News {
        @Override
        public void tellTo(DocumentSource.Listener listener) {
            listener.onFailed(cause);
        }

        @Override
        public boolean saysNoMoreThan(@Nullable News before) {
            return before instanceof Failed last
                    && Objects.equals(cause.getMessage(), last.cause.getMessage())
                    && cause.getClass() == last.cause.getClass();
        }
    }

    /**
     * Nothing is told yet.
     *
     * @param description the source's, which names the listener when it throws
     * @throws NullPointerException when the listener is null
     */
    public DocumentFeed(String description, Environment environment, DocumentSource.Listener listener) {
        this.description = description;
        this.environment = environment;
        this.listener =
                Objects.requireNonNull(listener, () -> "listener of " + description + ": null (expected: a listener)");
        this.tasks = new SerialTasks(environment, this::tellOfFailure);
    }

    /**
     * The document as it now is.
     *
     * @param content not changed by anybody from now on; one longer than {@link DocumentSource#MOST_BYTES} is told as a failure
     */
    public void present(byte[] content, String revision) {
        if (content.length > DocumentSource.MOST_BYTES) {
            failed(new RegistryException(
                    RegistryException.Reason.INVALID_ANSWER,
                    description + ": " + content.length + " bytes (expected: at most " + DocumentSource.MOST_BYTES
                            + ")"));
        } else {
            offer(new Present(content, revision));
        }
    }

    /** There is none. */
    public void absent() {
        offer(new Absent());
    }

    /** Nobody can say; a cause of the same class and message is told once an outage. */
    public void failed(Throwable cause) {
        offer(new Failed(cause));
    }

    /** Nothing more is told; a call under way goes on. Idempotent. */
    @Override
    public void close() {
        closed = true;
        newest = null;
    }

    private void offer(News news) {
        if (closed) {
            return;
        }
        newest = news;
        // One waits at most: a listener that blocks lets nothing grow.
        if (!waiting.compareAndSet(false, true)) {
            return;
        }
        try {
            tasks.execute(this::tell);
        } catch (Throwable noMemory) {
            waiting.set(false);
            tellOfFailure(noMemory);
        }
    }

    private void tell() {
        // First: what comes from here on is told by another turn.
        waiting.set(false);
        News next = newest;
        if (closed || next == null || next.saysNoMoreThan(told)) {
            return;
        }
        told = next;
        next.tellTo(listener);
    }

    private void tellOfFailure(Throwable failure) {
        environment.listener().onCallbackFailed("document listener of " + description, failure);
    }
}
