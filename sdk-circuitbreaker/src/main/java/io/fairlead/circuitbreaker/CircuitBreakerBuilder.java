// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.Ticker;
import io.fairlead.spi.kit.SystemThreads;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** Builds a {@link CircuitBreaker}. Everything has a default; not safe for several threads. */
public final class CircuitBreakerBuilder {
    private final String name;
    private CircuitBreakerConfig config = CircuitBreakerConfig.defaults();
    private Classification classification = Classification.defaults();
    private CircuitBreakerListener listener = CircuitBreakerListener.NONE;
    private Ticker ticker = Ticker.system();
    private RandomGenerator random = SystemThreads.random();

    CircuitBreakerBuilder(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /** When it trips and how it comes back; default {@link CircuitBreakerConfig#defaults()}. */
    public CircuitBreakerBuilder config(CircuitBreakerConfig value) {
        config = Objects.requireNonNull(value, "config");
        return this;
    }

    /** What counts as a failure in {@code call} and {@code callAsync}; default {@link Classification#defaults()}. */
    public CircuitBreakerBuilder classification(Classification value) {
        classification = Objects.requireNonNull(value, "classification");
        return this;
    }

    /** Hears what happens; default nobody. */
    public CircuitBreakerBuilder listener(CircuitBreakerListener value) {
        listener = Objects.requireNonNull(value, "listener");
        return this;
    }

    /** Its clock, safe for any thread; default the system's. */
    public CircuitBreakerBuilder ticker(Ticker value) {
        ticker = Objects.requireNonNull(value, "ticker");
        return this;
    }

    /** Randomness for jitter, safe for any thread; default a generator of its own for each thread. */
    public CircuitBreakerBuilder random(RandomGenerator value) {
        random = Objects.requireNonNull(value, "random");
        return this;
    }

    /** A closed breaker. */
    public CircuitBreaker build() {
        Counting closed = new Counting(CircuitState.CLOSED, new BreakerRules(config), 0, ticker.nanos());
        Circuit circuit = new Circuit(closed, random, new Notices(name, listener), TripGate.OPEN);
        return new CircuitBreaker(circuit, ticker, classification);
    }
}
