// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/** The states of a {@link CircuitBreaker}. */
public enum CircuitState {
    /** Calls pass and are counted. */
    CLOSED,
    /** Calls are rejected until the wait is over. */
    OPEN,
    /** A few probes pass; their results decide. */
    HALF_OPEN,
    /** An operator rejects every call; only an operator ends it. */
    FORCED_OPEN,
    /** An operator lets every call pass uncounted; only an operator ends it. */
    DISABLED,
    /** Calls pass and are counted but never trip it; only an operator ends it. */
    METRICS_ONLY;

    /** Whether automation may leave this state. */
    boolean isAutomatic() {
        return this == CLOSED || this == OPEN || this == HALF_OPEN;
    }
}
