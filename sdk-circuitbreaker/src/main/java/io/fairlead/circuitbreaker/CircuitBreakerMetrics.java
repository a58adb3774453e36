// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/**
 * What a breaker has counted in its present state, at one moment. An immutable value.
 *
 * @param failureRate percent of the window's calls that failed; -1 below the minimum of calls
 * @param slowRate percent of the window's calls that were slow; -1 below the minimum of calls
 * @param calls calls in the window
 * @param failed of them, those that failed
 * @param slow of them, those that were slow
 * @param notPermitted calls rejected in this state
 * @param late results of calls that an earlier state had admitted, over the breaker's life
 * @param suppressedTrips trips that were not allowed, over the breaker's life
 */
public record CircuitBreakerMetrics(
        double failureRate,
        double slowRate,
        int calls,
        int failed,
        int slow,
        long notPermitted,
        long late,
        long suppressedTrips) {

    /** Calls in the window that did not fail. */
    public int successful() {
        return calls - failed;
    }
}
