// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;

/**
 * One stay in one state: what is counted in it, the rules it is judged by, and its identity. A transition replaces the
 * whole object by compare-and-set, so nothing of an earlier stay can decide anything in a later one.
 */
abstract sealed class Generation permits Counting, Rejecting {
    final CircuitState state;
    /** Replaced when the guards of a running balancer get other thresholds: see {@link Operator#adopt}. */
    volatile BreakerRules rules;
    /** Openings in a row that led here. */
    final int openings;

    final long sinceNanos;

    Generation(CircuitState state, BreakerRules rules, int openings, long sinceNanos) {
        this.state = state;
        this.rules = rules;
        this.openings = openings;
        this.sinceNanos = sinceNanos;
    }

    /** Whether a call would be granted a permit. A read. */
    abstract boolean isAvailable(long nowNanos);

    /** What has been counted, or, while open, what opened it. A read. */
    abstract Totals totals(long nowNanos);

    /** How many calls there must be before a rate is judged. */
    abstract int minimumCalls();

    abstract long notPermitted();

    /** The same latch, or closed, under other rules and empty. */
    Generation under(BreakerRules other, long nowNanos) {
        return switch (state) {
            case FORCED_OPEN, DISABLED -> new Latched(state, other, nowNanos);
            case METRICS_ONLY -> new Counting(state, other, 0, nowNanos);
            case CLOSED, OPEN, HALF_OPEN -> new Counting(CircuitState.CLOSED, other, 0, nowNanos);
        };
    }
}
