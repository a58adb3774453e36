// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/**
 * Empty methods a user may override to see what a breaker does. Called on the thread that made it happen, after the fact
 * and outside any lock, so a listener may call the breaker and sees the new state; what it throws is dropped.
 */
public interface CircuitBreakerListener {
    /** Hears nothing. */
    CircuitBreakerListener NONE = new CircuitBreakerListener() {};

    /** The breaker changed state, exactly once per transition. */
    default void onTransition(String breaker, CircuitState from, CircuitState to, String reason) {}

    /** Under {@link CircuitState#METRICS_ONLY}: it would have tripped. Once until the counts are reset. */
    default void onThresholdExceeded(String breaker, String reason) {}

    /** A trip was not allowed, because too many others are open; the breaker stays closed. */
    default void onTripSuppressed(String breaker, String reason) {}
}
