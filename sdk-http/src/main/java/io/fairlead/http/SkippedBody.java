// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer that nobody wants, within bounds, so that its connection can serve again. Signals come one at a time; {@link
 * #cut} comes from any thread. Belongs to one exchange.
 */
final class SkippedBody implements BodyHandler<@Nullable Void>, BodySubscriber<@Nullable Void> {
    /** A longer body costs more than a connection. */
    private static final long MOST_BYTES = 64 << 10;

    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    private volatile Flow.@Nullable Subscription body;
    private volatile boolean answered;
    private volatile boolean cut;
    private long read;

    /** Whether headers came. */
    boolean isAnswered() {
        return answered;
    }

    @Override
    public BodySubscriber<@Nullable Void> apply(ResponseInfo info) {
        answered = true;
        return this;
    }

    @Override
    public CompletionStage<@Nullable Void> getBody() {
        return end;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        body = subscription;
        if (cut) {
            cut();
        } else {
            subscription.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> part) {
        for (ByteBuffer bytes : part) {
            read += bytes.remaining();
        }
        Flow.Subscription open = body;
        if (read > MOST_BYTES || open == null) {
            cut();
        } else {
            open.request(1);
        }
    }

    @Override
    public void onError(Throwable failure) {
        boolean unused = end.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        boolean unused = end.complete(null);
    }

    /** The rest is not read: its connection ends. */
    void cut() {
        cut = true;
        Flow.Subscription open = body;
        if (open != null) {
            open.cancel();
        }
        boolean unused = end.complete(null);
    }
}
