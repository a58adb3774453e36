// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Half-open: a few probes pass, their results decide. Each permit is its own object, given back at most once; one that is
 * not given back within the probe timeout is forfeited and issued again, so that a lost probe can not wedge the breaker.
 * All of it is one immutable value behind one reference, replaced by compare-and-set: no lock, and reads see one moment.
 */
final class Probing extends Rejecting {
    private static final AtomicReferenceFieldUpdater<Probing, Standing> STANDING =
            AtomicReferenceFieldUpdater.newUpdater(Probing.class, Standing.class, "standing");

    private volatile Standing standing;

    /** One permit. */
    static final class Probe {
        final Probing stay;
        final long sinceNanos;

        Probe(Probing stay, long sinceNanos) {
            this.stay = stay;
            this.sinceNanos = sinceNanos;
        }
    }

    /** Probes under way, at most as many as may be at once, and the results so far. The array is never written. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Standing(@Nullable Probe[] underWay, Totals results) {
        int slotOf(@Nullable Probe probe) {
            for (int i = 0; i < underWay.length; i++) {
                if (underWay[i] == probe) {
                    return i;
                }
            }
            return -1;
        }

        Standing with(int slot, @Nullable Probe probe, Totals then) {
            @Nullable Probe[] copy = underWay.clone();
            copy[slot] = probe;
            return new Standing(copy, then);
        }
    }

    Probing(BreakerRules rules, int openings, long nowNanos) {
        super(CircuitState.HALF_OPEN, rules, openings, nowNanos);
        this.standing = new Standing(new @Nullable Probe[rules.config.halfOpen().concurrent()], Totals.NONE);
    }

    @Nullable
    Probe tryIssue(long nowNanos) {
        Probe probe = null;
        while (true) {
            Standing now = standing;
            int slot = freeSlot(now, nowNanos);
            if (slot < 0) {
                return null;
            }
            probe = probe == null ? new Probe(this, nowNanos) : probe;
            if (STANDING.compareAndSet(this, now, now.with(slot, probe, now.results))) {
                return probe;
            }
        }
    }

    @Override
    boolean isAvailable(long nowNanos) {
        return isOverdue(nowNanos)
                ? rules.config.halfOpen().whenOver() == CircuitState.CLOSED
                : freeSlot(standing, nowNanos) >= 0;
    }

    /** Whether it has lasted as long as it may. */
    boolean isOverdue(long nowNanos) {
        long longest = rules.maxHalfOpenNanos();
        return longest > 0 && isPast(nowNanos - sinceNanos, longest);
    }

    /** Whether so long a time is over; true also when the clock was set back by more than that. */
    private static boolean isPast(long sinceNanos, long nanos) {
        return sinceNanos >= nanos || sinceNanos < -Math.max(nanos, BreakerRules.STEP_BACK_NANOS);
    }

    /** Takes the permit back uncounted; false when it had been given back or forfeited. */
    boolean giveBack(Probe probe) {
        return end(probe, Totals.NONE) != null;
    }

    /** Takes the permit back and counts its result; the results so far, or null when it had been given back or forfeited. */
    @Nullable
    Totals count(Probe probe, boolean failed, boolean slow) {
        return end(probe, new Totals(1, failed ? 1 : 0, slow ? 1 : 0));
    }

    private @Nullable Totals end(Probe probe, Totals result) {
        while (true) {
            Standing now = standing;
            int slot = now.slotOf(probe);
            if (slot < 0) {
                return null;
            }
            Totals then = now.results.plus(result);
            if (STANDING.compareAndSet(this, now, now.with(slot, null, then))) {
                return then;
            }
        }
    }

    @Override
    Totals totals(long nowNanos) {
        return standing.results;
    }

    @Override
    int minimumCalls() {
        return rules.probes();
    }

    /** The index of a free slot, or of one whose probe is overdue; none when enough results are in or under way. */
    private int freeSlot(Standing now, long nowNanos) {
        long timeoutNanos = rules.probeTimeoutNanos();
        int live = 0;
        int overdue = -1;
        for (int i = 0; i < now.underWay.length; i++) {
            Probe probe = now.underWay[i];
            if (probe != null && !isPast(nowNanos - probe.sinceNanos, timeoutNanos)) {
                live++;
            } else if (probe != null) {
                overdue = i;
            }
        }
        if (now.results.calls() + live >= rules.probes()) {
            return -1;
        }
        int empty = now.slotOf(null);
        return empty >= 0 ? empty : overdue;
    }
}
