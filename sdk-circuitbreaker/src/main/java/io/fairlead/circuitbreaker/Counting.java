// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** Closed, or counting only: every call passes and is counted. It is its own permit. */
final class Counting extends Generation {
    private static final AtomicReferenceFieldUpdater<Counting, @Nullable SlidingWindow> WINDOW =
            AtomicReferenceFieldUpdater.newUpdater(Counting.class, SlidingWindow.class, "window");
    private static final AtomicIntegerFieldUpdater<Counting> FAILURES =
            AtomicIntegerFieldUpdater.newUpdater(Counting.class, "failuresInARow");
    private static final AtomicIntegerFieldUpdater<Counting> REFUSED =
            AtomicIntegerFieldUpdater.newUpdater(Counting.class, "refusedInARow");
    private static final AtomicIntegerFieldUpdater<Counting> ANNOUNCED =
            AtomicIntegerFieldUpdater.newUpdater(Counting.class, "announced");

    /** What can be told once in a stay. */
    enum News {
        FAILURE_RATE,
        SLOW_RATE,
        IN_A_ROW,
        SUPPRESSED
    }

    /** Null unless calls that hang count as slow. */
    final @Nullable InFlight inFlight;

    /** Made at the first recorded call: most instances of a long list are never called. */
    private volatile @Nullable SlidingWindow window;

    private volatile int failuresInARow;
    private volatile int refusedInARow;
    private volatile int announced;

    Counting(CircuitState state, BreakerRules rules, int openings, long nowNanos) {
        super(state, rules, openings, nowNanos);
        this.inFlight = rules.countsInFlight() ? new InFlight(rules.slowAfterNanos, nowNanos) : null;
    }

    /** Whether what it counts can be judged by other rules. */
    boolean fits(BreakerRules other) {
        return other.config.window().equals(rules.config.window()) && !other.countsInFlight() && inFlight == null;
    }

    /** Counts one call; true when the totals must be judged, because a recent call failed or was slow. */
    boolean record(boolean failed, boolean refused, boolean slow, long nowNanos, TripGate gate) {
        SlidingWindow made = window;
        boolean suspicious = (made == null ? makeWindow(gate) : made).record(failed, slow, nowNanos);
        if (failed) {
            FAILURES.getAndIncrement(this);
            if (refused) {
                REFUSED.getAndIncrement(this);
            } else {
                refusedInARow = 0;
            }
        } else if (failuresInARow != 0) {
            failuresInARow = 0;
            refusedInARow = 0;
        }
        return suspicious;
    }

    /** For how long successes need not be recorded: no call failed or was slow, so no success can change the verdict. */
    long unreportedNanos(long nowNanos) {
        SlidingWindow made = window;
        boolean watches = inFlight != null || rules.slowAfterNanos != Long.MAX_VALUE || failuresInARow != 0;
        return made == null || watches || state != CircuitState.CLOSED ? 0 : made.unreportedNanos(nowNanos);
    }

    /** True the first time. */
    boolean announce(News news) {
        int bit = 1 << news.ordinal();
        return (announced & bit) == 0 && (ANNOUNCED.getAndUpdate(this, bits -> bits | bit) & bit) == 0;
    }

    boolean hasTooManyInARow() {
        return rules.tooManyInARow(failuresInARow, refusedInARow);
    }

    String describeInARow() {
        int refused = refusedInARow;
        int failures = failuresInARow;
        return refused > 0 && rules.tooManyInARow(0, refused)
                ? refused + " refused connections in a row"
                : failures + " failures in a row";
    }

    @Override
    boolean isAvailable(long nowNanos) {
        return true;
    }

    @Override
    Totals totals(long nowNanos) {
        SlidingWindow made = window;
        Totals ended = made == null ? Totals.NONE : made.totals(nowNanos);
        int hanging = inFlight == null ? 0 : inFlight.overdue(nowNanos);
        return hanging == 0 ? ended : ended.plus(new Totals(hanging, 0, hanging));
    }

    @Override
    int minimumCalls() {
        return rules.minimumCalls();
    }

    @Override
    long notPermitted() {
        return 0;
    }

    private SlidingWindow makeWindow(TripGate gate) {
        SlidingWindow fresh = rules.newWindow(sinceNanos, gate);
        if (WINDOW.compareAndSet(this, null, fresh)) {
            return fresh;
        }
        SlidingWindow raced = window;
        return raced == null ? fresh : raced;
    }
}
