// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import com.linecorp.armeria.client.circuitbreaker.CircuitBreaker;
import com.linecorp.armeria.client.circuitbreaker.CircuitState;
import java.time.Duration;

/** Armeria's; it reads the clock itself. */
final class ArmeriaSubject implements Subject {
    private final CircuitBreaker breaker;

    ArmeriaSubject(Duration window) {
        breaker = CircuitBreaker.builder("orders")
                .counterSlidingWindow(window)
                .minimumRequestThreshold(20)
                .circuitOpenWindow(Duration.ofHours(1))
                .build();
    }

    @Override
    public boolean call() {
        if (!breaker.tryRequest()) {
            return false;
        }
        breaker.onSuccess();
        return true;
    }

    @Override
    public void open() {
        breaker.enterState(CircuitState.OPEN);
    }

    @Override
    public Object breaker() {
        return breaker;
    }
}
