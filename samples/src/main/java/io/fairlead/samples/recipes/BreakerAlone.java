// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.circuitbreaker.CallNotPermittedException;
import io.fairlead.circuitbreaker.CircuitBreaker;
import io.fairlead.circuitbreaker.CircuitBreakerConfig;
import io.fairlead.circuitbreaker.Classification;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;

/** The circuit breaker by itself, around anything that may fail: no registry, no balancer, no HTTP client. */
public final class BreakerAlone {
    private final CircuitBreaker breaker = CircuitBreaker.builder("warehouse")
            .config(CircuitBreakerConfig.defaults()
                    .withTrip(CircuitBreakerConfig.defaults().trip().slow(Duration.ofSeconds(2), 80)))
            .classification(Classification.defaults().recording(IOException.class))
            .build();

    /** What the query returns, or {@code otherwise} at once while the warehouse is down. */
    public String ask(Callable<String> query, String otherwise) throws Exception {
        try {
            return breaker.call(query);
        } catch (CallNotPermittedException open) {
            return otherwise;
        }
    }
}
