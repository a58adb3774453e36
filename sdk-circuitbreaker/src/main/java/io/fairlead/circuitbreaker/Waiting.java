// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** Open: every call is rejected until the wait is over. */
final class Waiting extends Rejecting {
    private static final AtomicLongFieldUpdater<Waiting> UNTIL =
            AtomicLongFieldUpdater.newUpdater(Waiting.class, "untilNanos");

    private final Totals cause;
    /** Any thread moves it, only ever later. */
    private volatile long untilNanos;

    Waiting(Rules rules, int openings, long nowNanos, long nanos, Totals cause) {
        super(CircuitState.OPEN, rules, openings, nowNanos);
        this.cause = cause;
        this.untilNanos = nowNanos + nanos;
    }

    boolean isOver(long nowNanos) {
        return nowNanos - untilNanos >= 0;
    }

    long remainingNanos(long nowNanos) {
        return Math.max(0, untilNanos - nowNanos);
    }

    /** Makes the wait last until then if that is later. */
    void extend(long wantedNanos) {
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
