// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.Attempt;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;

/** Cuts the connects, reads and writes of an attempt at what is left of its call's deadline, which counts from the call's start. */
final class TimeLeft {
    private final long deadlineNanos;
    private final long startNanos;
    private final Ticker ticker;

    /** @param startNanos when the call came to us, before it waited for anything */
    TimeLeft(Duration deadline, long startNanos, Ticker ticker) {
        this.deadlineNanos = TimeUnit.NANOSECONDS.convert(deadline);
        this.startNanos = startNanos;
        this.ticker = ticker;
    }

    /** Whether nothing is left: what timed out then did so because of us. */
    boolean isOver() {
        return ticker.nanos() - startNanos >= deadlineNanos;
    }

    Interceptor.Chain cut(Interceptor.Chain chain, Attempt attempt) {
        return cut(chain, deadlineNanos - (attempt.startNanos() - startNanos));
    }

    /** With nothing left too, a millisecond is what OkHttp can be told. */
    static Interceptor.Chain cut(Interceptor.Chain chain, long leftNanos) {
        long left = TimeUnit.NANOSECONDS.toMillis(leftNanos);
        // Rounded up, or it would end before the deadline, which then says that it is not due.
        left += leftNanos > TimeUnit.MILLISECONDS.toNanos(left) ? 1 : 0;
        int millis = (int) Math.max(1, Math.min(Integer.MAX_VALUE, left));
        return chain.withConnectTimeout(shorter(chain.connectTimeoutMillis(), millis), TimeUnit.MILLISECONDS)
                .withReadTimeout(shorter(chain.readTimeoutMillis(), millis), TimeUnit.MILLISECONDS)
                .withWriteTimeout(shorter(chain.writeTimeoutMillis(), millis), TimeUnit.MILLISECONDS);
    }

    /** In OkHttp zero means no timeout. */
    private static int shorter(int configured, int left) {
        return configured == 0 ? left : Math.min(configured, left);
    }
}
