// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/**
 * What a breaker has counted in its present state, at one moment; while it is open, what opened it. An immutable value.
 *
 * @param failureRate percent of the window's calls that failed; -1 below the minimum of calls
 * @param slowRate percent of the window's calls that were slow; -1 below the minimum of calls
 * @param calls calls in the window, and those that hang if they are counted
 * @param failed of them, those that failed
 * @param slow of them, those that were slow
 * @param notPermitted calls rejected in this state
 * @param lifetime what was counted over the breaker's life
 */
public record CircuitBreakerMetrics(
        double failureRate, double slowRate, int calls, int failed, int slow, long notPermitted, Lifetime lifetime) {

    /** Calls in the window that did not fail. */
    public int successful() {
        return calls - failed;
    }

    /**
     * Counts that no transition resets. An immutable value.
     *
     * @param late results of calls that an earlier state had admitted, or that had been given back before
     * @param ignored calls given back without a result
     * @param suppressedTrips trips that were not allowed, because too many others were open
     * @param classifierErrors calls ignored because a predicate of {@link Classification} threw
     * @param listenerErrors times a listener threw
     */
    public record Lifetime(long late, long ignored, long suppressedTrips, long classifierErrors, long listenerErrors) {}

    static CircuitBreakerMetrics of(Circuit circuit, long nowNanos) {
        Generation now = circuit.current();
        SlidingWindow.Totals totals = now.totals(nowNanos);
        boolean enough = totals.calls() >= now.minimumCalls();
        return new CircuitBreakerMetrics(
                enough ? 100.0 * totals.failed() / totals.calls() : -1,
                enough ? 100.0 * totals.slow() / totals.calls() : -1,
                totals.calls(),
                totals.failed(),
                totals.slow(),
                now.notPermitted(),
                circuit.notices.lifetime());
    }
}
