// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.Outcome;
import io.fairlead.circuitbreaker.CircuitBreaker.Recorded;
import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import io.fairlead.spi.InstanceGuard;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The breaker proper: one reference to the present {@link Generation}, who may pass, what a result does. Every transition
 * is a compare-and-set from the generation that was judged, so a stale judgement does nothing; whoever wins it tells the
 * listener, after it. Operators' commands are in {@link Operator}.
 */
final class Circuit {
    private static final AtomicReferenceFieldUpdater<Circuit, Generation> CURRENT =
            AtomicReferenceFieldUpdater.newUpdater(Circuit.class, Generation.class, "current");

    final Notices notices;
    final RandomGenerator random;
    private final TripGate gate;
    private volatile Generation current;

    Circuit(Counting first, RandomGenerator random, Notices notices, TripGate gate) {
        this.notices = notices;
        this.random = random;
        this.gate = gate;
        this.current = first;
    }

    Generation current() {
        return current;
    }

    @Nullable
    Object tryAcquire(long nowNanos) {
        while (true) {
            Generation now = current;
            if (now instanceof Counting counting) {
                InFlight inFlight = counting.inFlight;
                if (inFlight == null) {
                    return counting;
                }
                if (inFlight.overdue(nowNanos) > 0) {
                    judge(counting, nowNanos);
                }
                if (current == counting) {
                    return inFlight.begin(counting, nowNanos);
                }
            } else if (now instanceof Waiting waiting && waiting.isOver(nowNanos)) {
                // The winner of this transition gets no probe for it: like every thread it asks the new stay for one.
                change(now, new Probing(now.rules, now.openings, nowNanos), "the wait is over");
            } else if (now instanceof Probing probing && probing.isOverdue(nowNanos)) {
                giveUp(probing, nowNanos);
            } else {
                return tryEnter((Rejecting) now, nowNanos);
            }
        }
    }

    private static @Nullable Object tryEnter(Rejecting now, long nowNanos) {
        if (now instanceof Latched latched && latched.passes()) {
            return latched;
        }
        Object permit = now instanceof Probing probing ? probing.tryIssue(nowNanos) : null;
        if (permit == null) {
            now.reject();
        }
        return permit;
    }

    InstanceGuard.Description describe(String reason, long nowNanos) {
        Generation now = current;
        long remaining = now instanceof Waiting waiting ? waiting.remainingNanos(nowNanos) : 0;
        return new InstanceGuard.Description(now.state.guardState(), reason, remaining);
    }

    /** How long successes under this permit need not be recorded; 0 when each must be. */
    long unreportedNanos(Object permit, long nowNanos) {
        return permit == current && permit instanceof Counting counting ? counting.unreportedNanos(nowNanos) : 0;
    }

    Recorded release(Object permit, Outcome outcome, long durationNanos, long nowNanos) {
        Generation now = current;
        if (permit != now) {
            return releaseOther(permit, outcome, durationNanos, nowNanos);
        }
        if (outcome == Outcome.IGNORED) {
            notices.count(Incident.IGNORED);
        } else if (now instanceof Counting counting) {
            record(counting, outcome, durationNanos, nowNanos);
        }
        return Recorded.RECORDED;
    }

    private Recorded releaseOther(Object permit, Outcome outcome, long durationNanos, long nowNanos) {
        if (permit instanceof InFlight.Begun begun) {
            InFlight inFlight = begun.stay.inFlight;
            if (inFlight != null && inFlight.end(begun) && begun.stay == current) {
                return release(begun.stay, outcome, durationNanos, nowNanos);
            }
        } else if (permit instanceof Probing.Probe probe
                && probe.stay == current
                && releaseProbe(probe, outcome, durationNanos, nowNanos)) {
            return Recorded.RECORDED;
        }
        notices.count(Incident.LATE);
        return Recorded.LATE;
    }

    private boolean releaseProbe(Probing.Probe probe, Outcome outcome, long durationNanos, long nowNanos) {
        Probing stay = probe.stay;
        if (outcome == Outcome.IGNORED) {
            return stay.giveBack(probe) && notices.count(Incident.IGNORED);
        }
        Totals results = stay.count(probe, outcome.isFailure(), durationNanos > stay.rules.slowAfterNanos);
        if (results != null) {
            decide(stay, results, nowNanos);
        }
        return results != null;
    }

    private void record(Counting counting, Outcome outcome, long durationNanos, long nowNanos) {
        boolean slow = durationNanos > counting.rules.slowAfterNanos;
        boolean failed = outcome != Outcome.SUCCESS;
        if (counting.record(failed, outcome == Outcome.UNREACHABLE, slow, nowNanos, gate)) {
            judge(counting, nowNanos);
        }
    }

    private void judge(Counting counting, long nowNanos) {
        BreakerRules rules = counting.rules;
        Totals totals = counting.totals(nowNanos);
        boolean failing = rules.tooManyFailed(totals, rules.minimumCalls());
        boolean slow = rules.tooManySlow(totals, rules.minimumCalls());
        boolean inARow = counting.hasTooManyInARow();
        if (!failing && !slow && !inARow) {
            return;
        }
        if (counting.state == CircuitState.METRICS_ONLY) {
            announce(failing, counting, Counting.News.FAILURE_RATE, totals.describe());
            announce(slow, counting, Counting.News.SLOW_RATE, totals.describe());
            announce(inARow, counting, Counting.News.IN_A_ROW, counting.describeInARow());
        } else {
            trip(counting, inARow ? counting.describeInARow() : totals.describe(), totals, nowNanos);
        }
    }

    private void announce(boolean applies, Counting counting, Counting.News news, String reason) {
        if (applies && counting.announce(news)) {
            notices.exceeded(reason);
        }
    }

    /** A vote from outside: opens as if its own counts had said so, when the gate allows. Open and latched ones stay. */
    void trip(String reason, long nowNanos) {
        Generation now = current;
        if (now instanceof Counting counting) {
            if (now.state == CircuitState.METRICS_ONLY) {
                announce(true, counting, Counting.News.IN_A_ROW, reason);
            } else {
                trip(counting, reason, counting.totals(nowNanos), nowNanos);
            }
        } else if (now instanceof Probing probing) {
            reopen(probing, reason, nowNanos);
        }
    }

    private void trip(Counting counting, String reason, Totals totals, long nowNanos) {
        if (counting != current || !mayTrip(counting, reason)) {
            return;
        }
        int openings = counting.rules.openingsAfter(counting, nowNanos);
        long nanos = counting.rules.openNanos(openings, random);
        if (change(counting, new Waiting(counting.rules, openings, nowNanos, nanos, totals), reason)) {
            notices.exceeded(reason);
        } else {
            settle(reason);
        }
    }

    boolean mayTrip(Counting counting, String reason) {
        if (gate.mayTrip(reason)) {
            return true;
        }
        notices.count(Incident.SUPPRESSED);
        if (counting.announce(Counting.News.SUPPRESSED)) {
            notices.suppressed(reason);
        }
        return false;
    }

    /** The gate allowed the trip, but another transition was faster: tells the gate whether the breaker is open now. */
    void settle(String reason) {
        Generation seen;
        do {
            seen = current;
            if (seen instanceof Waiting || seen instanceof Probing) {
                gate.mayTrip(reason);
            } else {
                gate.closed("did not trip after all");
            }
        } while (seen != current);
    }

    private void decide(Probing probing, Totals results, long nowNanos) {
        switch (probing.rules.decision(results)) {
            case OPEN -> reopen(probing, "probes: " + results.describe(), nowNanos);
            case CLOSED -> close(probing, "probes succeeded", nowNanos);
            default -> {}
        }
    }

    private void giveUp(Probing probing, long nowNanos) {
        String reason = "half-open for " + probing.rules.config.halfOpen().maxDuration();
        if (probing.rules.config.halfOpen().whenOver() == CircuitState.CLOSED) {
            close(probing, reason, nowNanos);
        } else {
            reopen(probing, reason, nowNanos);
        }
    }

    private void reopen(Probing probing, String reason, long nowNanos) {
        int openings = probing.openings + 1;
        long nanos = probing.rules.openNanos(openings, random);
        Totals results = probing.totals(nowNanos);
        change(probing, new Waiting(probing.rules, openings, nowNanos, nanos, results), reason);
    }

    private void close(Probing probing, String reason, long nowNanos) {
        change(probing, new Counting(CircuitState.CLOSED, probing.rules, probing.openings, nowNanos), reason);
    }

    /** False when another transition was faster; then nothing has happened. */
    boolean change(Generation from, Generation to, String reason) {
        if (!CURRENT.compareAndSet(this, from, to)) {
            return false;
        }
        if (from.state != to.state) {
            if (to.state == CircuitState.CLOSED || !to.state.isAutomatic()) {
                gate.closed(reason);
            }
            notices.transition(from.state, to.state, reason);
        }
        return true;
    }
}
