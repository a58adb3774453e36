// SPDX-License-Identifier: Apache-2.0
import io.fairlead.circuitbreaker.CircuitBreakerGuards;
import io.fairlead.circuitbreaker.CircuitBreakerServiceGuards;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import org.jspecify.annotations.NullMarked;

/** A circuit breaker usable alone, and the per-instance guard made from it. */
@NullMarked
module io.fairlead.circuitbreaker {
    requires transitive io.fairlead.api;

    exports io.fairlead.circuitbreaker;

    provides InstanceGuard.Factory with
            CircuitBreakerGuards;
    provides ServiceGuard.Factory with
            CircuitBreakerServiceGuards;
}
