// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.GuardState;

/** The states of a {@link CircuitBreaker}. */
public enum CircuitState {
    /** Calls pass and are counted. */
    CLOSED(GuardState.CLOSED),
    /** Calls are rejected until the wait is over. */
    OPEN(GuardState.OPEN),
    /** A few probes pass; their results decide. */
    HALF_OPEN(GuardState.HALF_OPEN),
    /** An operator rejects every call; only an operator ends it. */
    FORCED_OPEN(GuardState.FORCED_OPEN),
    /** An operator lets every call pass uncounted; only an operator ends it. */
    DISABLED(GuardState.DISABLED),
    /** Calls pass and are counted but never trip it; only an operator ends it. */
    METRICS_ONLY(GuardState.METRICS_ONLY);

    private final GuardState guardState;

    CircuitState(GuardState guardState) {
        this.guardState = guardState;
    }

    /** The same state in the words of the balancer, which knows guards and not breakers. */
    GuardState guardState() {
        return guardState;
    }

    /** Whether automation may leave this state. */
    boolean isAutomatic() {
        return this == CLOSED || this == OPEN || this == HALF_OPEN;
    }
}
