// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Passes a body on to the caller's subscriber and closes its answer at the end: all read, broken, given up by the reader,
 * or the reader threw. Signals come one at a time; {@link #cancel} comes from any thread.
 *
 * @param <T> what the body becomes
 */
final class BodyEnd<T> implements Flow.Subscriber<List<ByteBuffer>> {
    private final BodySubscriber<T> reader;
    private final Runnable close;
    private final CompletableFuture<T> whole = new CompletableFuture<>();
    private volatile Flow.@Nullable Subscription body;
    private volatile boolean cancelled;

    BodyEnd(BodySubscriber<T> reader, Runnable close) {
        this.reader = reader;
        this.close = close;
    }

    /** What the reader makes of the body, or what it failed with. */
    CompletableFuture<T> whole() {
        return whole;
    }

    /** Nobody reads on. */
    void cancel() {
        cancelled = true;
        try {
            Flow.Subscription open = body;
            if (open != null) {
                open.cancel();
            }
        } finally {
            close.run();
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        body = subscription;
        if (cancelled) {
            subscription.cancel();
            return;
        }
        try {
            reader.getBody().whenComplete((value, failure) -> {
                if (failure == null) {
                    boolean unused = whole.complete(value);
                } else {
                    broken(failure);
                }
            });
            reader.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long count) {
                    subscription.request(count);
                }

                @Override
                public void cancel() {
                    BodyEnd.this.cancel();
                }
            });
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> part) {
        try {
            reader.onNext(part);
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    @Override
    public void onError(Throwable failure) {
        try {
            reader.onError(failure);
        } catch (Throwable thrown) {
            failure.addSuppressed(thrown);
        } finally {
            close.run();
            boolean unused = whole.completeExceptionally(failure);
        }
    }

    @Override
    public void onComplete() {
        try {
            reader.onComplete();
            close.run();
        } catch (Throwable thrown) {
            broken(thrown);
        }
    }

    /** The reader is no use: the rest of the body has no reader. */
    private void broken(Throwable thrown) {
        try {
            cancel();
        } finally {
            boolean unused = whole.completeExceptionally(thrown);
        }
    }
}
