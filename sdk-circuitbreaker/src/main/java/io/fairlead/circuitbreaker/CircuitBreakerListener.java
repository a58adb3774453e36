// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/**
 * Empty methods a user may override to see what a breaker does. Called on the thread that made it happen, after the fact
 * and outside any lock, so a listener may call the breaker and sees the new state; what it throws, errors too, is
 * counted and dropped.
 */
public interface CircuitBreakerListener {
    /** Hears nothing. */
    CircuitBreakerListener NONE = new CircuitBreakerListener() {};

    /** The breaker changed state, exactly once per transition. */
    default void onTransition(String breaker, CircuitState from, CircuitState to, String reason) {}

    /**
     * A threshold was reached: after the transition that follows from it, and under {@link CircuitState#METRICS_ONLY},
     * where none does, once for failures, once for slow calls and once for failures in a row until the counts are reset.
     */
    default void onThresholdExceeded(String breaker, String reason) {}

    /** A trip was not allowed, because too many others are open; the breaker stays closed. */
    default void onTripSuppressed(String breaker, String reason) {}
}
