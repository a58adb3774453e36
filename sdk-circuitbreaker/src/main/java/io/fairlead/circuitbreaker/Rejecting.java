// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/** A stay in a state that may reject calls, and how many it has rejected. */
abstract sealed class Rejecting extends Generation permits Waiting, Probing, Latched {
    private static final AtomicLongFieldUpdater<Rejecting> REJECTED =
            AtomicLongFieldUpdater.newUpdater(Rejecting.class, "rejected");

    private volatile long rejected;

    Rejecting(CircuitState state, BreakerRules rules, int openings, long sinceNanos) {
        super(state, rules, openings, sinceNanos);
    }

    void reject() {
        REJECTED.getAndIncrement(this);
    }

    @Override
    final long notPermitted() {
        return rejected;
    }
}
