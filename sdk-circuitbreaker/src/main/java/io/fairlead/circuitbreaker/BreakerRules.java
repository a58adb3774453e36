// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * A configuration in the form that judging needs. Thresholds are integers, so that a rate is at its threshold or is not,
 * without rounding. What only an outage needs is worked out when it is asked for. Immutable; breakers of one configuration may
 * share it, and an object of its own costs a breaker 32 bytes.
 */
final class BreakerRules {
    /** A clock further behind than this has been set back; a thread may be held up for less. */
    static final long STEP_BACK_NANOS = TimeUnit.SECONDS.toNanos(10);

    final CircuitBreakerConfig config;
    /** A call longer than this is slow; never reached when slow calls are not judged. */
    final long slowAfterNanos;

    private final int minimumCalls;

    BreakerRules(CircuitBreakerConfig config) {
        CircuitBreakerConfig.Window window = config.window();
        CircuitBreakerConfig.Trip trip = config.trip();
        this.config = config;
        this.slowAfterNanos =
                trip.slowAfter().isZero() ? Long.MAX_VALUE : trip.slowAfter().toNanos();
        this.minimumCalls = window.isTime() ? trip.minimumCalls() : Math.min(trip.minimumCalls(), window.size());
    }

    SlidingWindow newWindow(long originNanos, TripGate gate) {
        CircuitBreakerConfig.Window window = config.window();
        return window.isTime()
                ? new TimeWindow(window.size(), window.bucket().toNanos(), originNanos, gate)
                : new CountWindow(window.size());
    }

    long probeTimeoutNanos() {
        return config.halfOpen().probeTimeout().toNanos();
    }

    /** The longest time it may be half-open; 0 for any time. */
    long maxHalfOpenNanos() {
        return config.halfOpen().maxDuration().toNanos();
    }

    boolean countsInFlight() {
        return config.trip().countInFlight();
    }

    int minimumCalls() {
        return minimumCalls;
    }

    int probes() {
        return config.halfOpen().calls();
    }

    boolean tooManyFailed(Totals totals, int minimum) {
        return totals.calls() >= minimum
                && totals.failed() * 100L >= (long) config.trip().failureRate() * totals.calls();
    }

    boolean tooManySlow(Totals totals, int minimum) {
        return totals.slow() > 0
                && totals.calls() >= minimum
                && totals.slow() * 100L >= (long) config.trip().slowRate() * totals.calls();
    }

    boolean tooManyInARow(int failures, int refused) {
        CircuitBreakerConfig.Trip trip = config.trip();
        return trip.consecutiveRefused() > 0 && refused >= trip.consecutiveRefused()
                || trip.consecutiveFailures() > 0 && failures >= trip.consecutiveFailures();
    }

    /** What follows from these results of probes; {@code HALF_OPEN} while it is undecided. */
    CircuitState decision(Totals results) {
        int missing = probes() - results.calls();
        if (missing > 0 && !config.halfOpen().early()) {
            return CircuitState.HALF_OPEN;
        }
        if (tooBad(results.plus(new Totals(missing, 0, 0)))) {
            return CircuitState.OPEN;
        }
        boolean couldStillFail = tooBad(results.plus(new Totals(missing, missing, missing)));
        return couldStillFail ? CircuitState.HALF_OPEN : CircuitState.CLOSED;
    }

    private boolean tooBad(Totals probes) {
        return tooManyFailed(probes, probes()) || tooManySlow(probes, probes());
    }

    /** The number of openings in a row that a trip now makes it; the past is forgotten after one healthy window. */
    int openingsAfter(Counting closed, long nowNanos) {
        long closedNanos = nowNanos - closed.sinceNanos;
        // When the clock was set back, nobody knows how long the breaker was closed: it is taken for long enough.
        boolean isSustained =
                closedNanos >= sustainedNanos() || closedNanos < -Math.max(sustainedNanos(), STEP_BACK_NANOS);
        return isSustained ? 1 : closed.openings + 1;
    }

    private long sustainedNanos() {
        CircuitBreakerConfig.Window window = config.window();
        return window.isTime()
                ? window.size() * window.bucket().toNanos()
                : config.open().base().toNanos();
    }

    /** How long to stay open this time. */
    long openNanos(int openings, RandomGenerator random) {
        CircuitBreakerConfig.Open open = config.open();
        double grown = open.base().toNanos() * Math.pow(open.multiplier(), openings - 1);
        long nanos = (long) Math.min(grown, open.cap().toNanos());
        if (open.jitter() == 0) {
            return nanos;
        }
        return (long) (nanos * (1 + open.jitter() / 100.0 * (2 * random.nextDouble() - 1)));
    }
}
