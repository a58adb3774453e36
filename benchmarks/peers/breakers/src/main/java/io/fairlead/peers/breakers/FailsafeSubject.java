// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import dev.failsafe.CircuitBreaker;
import java.time.Duration;

/** Failsafe, by its permit methods. */
final class FailsafeSubject implements Subject {
    private final CircuitBreaker<Object> breaker;

    private FailsafeSubject(CircuitBreaker<Object> breaker) {
        this.breaker = breaker;
    }

    static Subject count(int calls) {
        return new FailsafeSubject(CircuitBreaker.builder()
                .withFailureThreshold(calls / 2, calls)
                .withDelay(Duration.ofHours(1))
                .build());
    }

    static Subject time(Duration window) {
        return new FailsafeSubject(CircuitBreaker.builder()
                .withFailureRateThreshold(50, 20, window)
                .withDelay(Duration.ofHours(1))
                .build());
    }

    @Override
    public boolean call() {
        if (!breaker.tryAcquirePermit()) {
            return false;
        }
        breaker.recordSuccess();
        return true;
    }

    @Override
    public void open() {
        breaker.open();
    }

    @Override
    public Object breaker() {
        return breaker;
    }
}
