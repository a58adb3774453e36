// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The caller's request body on its way to one instance. Knows whether it was the body that broke: it threw, failed, or had
 * another length than it said; and whether the next part of it is asked for and has not come. Neither is an instance's
 * failure. Belongs to one attempt.
 */
final class SentBody implements BodyPublisher {
    private static final long ALL_CAME = -1;

    private final BodyPublisher body;
    private volatile boolean broken;
    /** How many parts were asked for and have not come. The client asks when it has sent what came before. */
    private final AtomicLong owed = new AtomicLong();

    SentBody(BodyPublisher body) {
        this.body = body;
    }

    /** Whether the body failed, not whoever it was sent to. */
    boolean isBroken() {
        return broken;
    }

    /** Whether it is the body that is waited for, now. */
    boolean isAwaited() {
        return owed.get() > 0;
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
        owed.set(1);
        try {
            long length = body.contentLength();
            owed.set(length == 0 ? ALL_CAME : 1);
            body.subscribe(new Watched(client, length));
        } catch (Throwable thrown) {
            broken = true;
            throw thrown;
        }
    }

    private static long added(long owed, long count) {
        return owed < 0 ? owed : owed > Long.MAX_VALUE - count ? Long.MAX_VALUE : owed + count;
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
            owed.updateAndGet(left -> Math.min(left, 0));
            client.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long count) {
                    owed.accumulateAndGet(Math.max(0, count), SentBody::added);
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
            if (length >= 0 && sent >= length) {
                owed.set(ALL_CAME);
            } else {
                owed.updateAndGet(left -> left > 0 && left < Long.MAX_VALUE ? left - 1 : left);
            }
            client.onNext(part);
        }

        @Override
        public void onError(Throwable failure) {
            broken = true;
            owed.set(ALL_CAME);
            client.onError(failure);
        }

        @Override
        public void onComplete() {
            if (length >= 0 && sent < length) {
                broken = true;
            }
            owed.set(ALL_CAME);
            client.onComplete();
        }
    }
}
