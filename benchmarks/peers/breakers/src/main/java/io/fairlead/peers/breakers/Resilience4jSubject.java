// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.util.concurrent.TimeUnit;

/** resilience4j, by its permission methods: what its decorators call, without their two clock reads. */
final class Resilience4jSubject implements Subject {
    private final CircuitBreaker breaker;

    Resilience4jSubject(CircuitBreakerConfig config) {
        breaker = CircuitBreaker.of("orders", config);
    }

    @Override
    public boolean call() {
        if (!breaker.tryAcquirePermission()) {
            return false;
        }
        breaker.onSuccess(1_000_000, TimeUnit.NANOSECONDS);
        return true;
    }

    @Override
    public void open() {
        breaker.transitionToOpenState();
    }

    @Override
    public Object breaker() {
        return breaker;
    }
}
