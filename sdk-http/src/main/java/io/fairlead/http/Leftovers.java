// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The answers of one call that nobody reads. A short body is read, so that its connection can serve again; but no longer
 * than the call lasts, so that a server that sends no end keeps nothing. Safe for any thread.
 */
final class Leftovers {
    /** A longer body costs more than a connection. */
    private static final long MOST_BYTES = 16_384;

    private final Queue<Drain> open = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    /** Nobody wants this answer: its attempt ends now, its body soon. */
    void add(Answer unwanted) {
        unwanted.close();
        long length = unwanted.headers().firstValueAsLong("Content-Length").orElse(Long.MAX_VALUE);
        Drain drain = new Drain(length <= MOST_BYTES);
        open.add(drain);
        unwanted.body().subscribe(drain);
        if (over) {
            end();
        }
    }

    /** Nobody wants this body, and nobody waits: it is cut. */
    static void cut(Flow.Publisher<List<ByteBuffer>> unwanted) {
        unwanted.subscribe(new Drain(false));
    }

    /** The call is over: what has not ended is cut. */
    void end() {
        over = true;
        for (Drain drain = open.poll(); drain != null; drain = open.poll()) {
            drain.cut();
        }
    }

    private static final class Drain implements Flow.Subscriber<List<ByteBuffer>> {
        private final boolean isShort;
        private volatile Flow.@Nullable Subscription body;
        private volatile boolean done;

        Drain(boolean isShort) {
            this.isShort = isShort;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            body = subscription;
            if (isShort && !done) {
                subscription.request(Long.MAX_VALUE);
            } else {
                subscription.cancel();
            }
        }

        void cut() {
            boolean wasDone = done;
            done = true;
            Flow.Subscription open = body;
            if (!wasDone && open != null) {
                open.cancel();
            }
        }

        @Override
        public void onNext(List<ByteBuffer> part) {}

        @Override
        public void onError(Throwable failure) {
            done = true;
        }

        @Override
        public void onComplete() {
            done = true;
        }
    }
}
