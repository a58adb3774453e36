// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Collects a response body, but only so much of it: whatever a registry sends must fit in memory. */
final class CappedBody implements BodySubscriber<byte[]> {
    private final int maxBytes;
    private final boolean beginning;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    /** There is more than there is room for. */
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1;

        TooLong(int maxBytes) {
            super("body above " + maxBytes + " bytes");
        }
    }

    private CappedBody(int maxBytes, boolean beginning) {
        this.maxBytes = maxBytes;
        this.beginning = beginning;
    }

    /** The whole body; a longer one is an error. */
    static CappedBody whole(int maxBytes) {
        return new CappedBody(maxBytes, false);
    }

    /** As much of it; the rest is not read. */
    static CappedBody beginning(int maxBytes) {
        return new CappedBody(maxBytes, true);
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription started) {
        subscription = started;
        started.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (bytes.size() + buffer.remaining() > maxBytes) {
                if (subscription != null) {
                    subscription.cancel();
                }
                if (beginning) {
                    byte[] rest = new byte[maxBytes - bytes.size()];
                    buffer.get(rest);
                    bytes.writeBytes(rest);
                    body.complete(bytes.toByteArray());
                } else {
                    body.completeExceptionally(new TooLong(maxBytes));
                }
                return;
            }
            byte[] chunk = new byte[buffer.remaining()];
            buffer.get(chunk);
            bytes.writeBytes(chunk);
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(bytes.toByteArray());
    }
}
