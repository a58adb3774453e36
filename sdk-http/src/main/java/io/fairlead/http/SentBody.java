// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/**
 * The caller's request body on its way to one instance. Knows whether it was the body that broke: it threw, failed, or had
 * another length than it said. That is no instance's failure. Belongs to one attempt.
 */
final class SentBody implements BodyPublisher {
    private final BodyPublisher body;
    private volatile boolean broken;

    SentBody(BodyPublisher body) {
        this.body = body;
    }

    /** Whether the body failed, not whoever it was sent to. */
    boolean isBroken() {
        return broken;
    }

    @Override
    public long contentLength() {
        try {
            return body.contentLength();
        } catch (Throwable thrown) {
            broken = true;
            throw thrown;
        }
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> client) {
        try {
            body.subscribe(new Watched(client, body.contentLength()));
        } catch (Throwable thrown) {
            broken = true;
            throw thrown;
        }
    }

    private final class Watched implements Flow.Subscriber<ByteBuffer> {
        private final Flow.Subscriber<? super ByteBuffer> client;
        private final long length;
        private long sent;

        Watched(Flow.Subscriber<? super ByteBuffer> client, long length) {
            this.client = client;
            this.length = length;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            client.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long count) {
                    try {
                        subscription.request(count);
                    } catch (Throwable thrown) {
                        broken = true;
                        client.onError(thrown);
                    }
                }

                @Override
                public void cancel() {
                    subscription.cancel();
                }
            });
        }

        @Override
        public void onNext(ByteBuffer part) {
            sent += part.remaining();
            if (length >= 0 && sent > length) {
                broken = true;
            }
            client.onNext(part);
        }

        @Override
        public void onError(Throwable failure) {
            broken = true;
            client.onError(failure);
        }

        @Override
        public void onComplete() {
            if (length >= 0 && sent < length) {
                broken = true;
            }
            client.onComplete();
        }
    }
}
