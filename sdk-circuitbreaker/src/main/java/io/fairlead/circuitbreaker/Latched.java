// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;

/** An operator's latch that counts nothing: all pass ({@code DISABLED}) or none ({@code FORCED_OPEN}). */
final class Latched extends Rejecting {
    Latched(CircuitState state, BreakerRules rules, long nowNanos) {
        super(state, rules, 0, nowNanos);
    }

    boolean passes() {
        return state == CircuitState.DISABLED;
    }

    @Override
    boolean isAvailable(long nowNanos) {
        return passes();
    }

    @Override
    Totals totals(long nowNanos) {
        return Totals.NONE;
    }

    @Override
    int minimumCalls() {
        return 1;
    }
}
