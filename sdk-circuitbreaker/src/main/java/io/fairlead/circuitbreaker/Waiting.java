// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** Open: every call is rejected until the wait is over. */
final class Waiting extends Rejecting {
    private static final AtomicLongFieldUpdater<Waiting> UNTIL =
            AtomicLongFieldUpdater.newUpdater(Waiting.class, "untilNanos");

    private final Totals cause;
    /** When the wait is over. Any thread may move it to a later time; to an earlier one only when the clock was set back. */
    private volatile long untilNanos;
    /** The longest it was ever told to wait; a longer time left means that the clock was set back. */
    private volatile long longestNanos;

    Waiting(BreakerRules rules, int openings, long nowNanos, long nanos, Totals cause) {
        super(CircuitState.OPEN, rules, openings, nowNanos);
        this.cause = cause;
        this.untilNanos = nowNanos + nanos;
        this.longestNanos = nanos;
    }

    boolean isOver(long nowNanos) {
        long until = untilNanos;
        if (until - nowNanos - longestNanos > BreakerRules.STEP_BACK_NANOS) {
            // The clock was set back: begin the wait anew, instead of waiting until the clock has caught up.
            UNTIL.compareAndSet(this, until, nowNanos + longestNanos);
        }
        return nowNanos - until >= 0;
    }

    long remainingNanos(long nowNanos) {
        return Math.max(0, Math.min(longestNanos, untilNanos - nowNanos));
    }

    /** Makes the wait last until then if that is later. */
    void extend(long wantedNanos, long nowNanos) {
        longestNanos = Math.max(longestNanos, wantedNanos - nowNanos);
        while (true) {
            long until = untilNanos;
            if (wantedNanos - until <= 0 || UNTIL.compareAndSet(this, until, wantedNanos)) {
                return;
            }
        }
    }

    @Override
    boolean isAvailable(long nowNanos) {
        return isOver(nowNanos);
    }

    @Override
    Totals totals(long nowNanos) {
        return cause;
    }

    @Override
    int minimumCalls() {
        return 1;
    }
}
