// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import io.fairlead.api.Outcome;
import io.fairlead.circuitbreaker.CircuitBreaker;
import io.fairlead.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;

/** Ours; the clock is passed in by the caller, who reads it anyway, or read here twice as somebody alone would. */
final class FairleadSubject implements Subject {
    private static final CircuitBreakerConfig TIME = CircuitBreakerConfig.defaults();
    private static final CircuitBreakerConfig COUNT = TIME.withWindow(CircuitBreakerConfig.Window.count(100));

    private final CircuitBreaker breaker;
    private final boolean ownClock;
    private final long now = System.nanoTime();

    private FairleadSubject(CircuitBreakerConfig config, boolean ownClock) {
        breaker = CircuitBreaker.of("orders", config);
        this.ownClock = ownClock;
    }

    static Subject time(boolean ownClock) {
        return new FairleadSubject(TIME, ownClock);
    }

    static Subject count() {
        return new FairleadSubject(COUNT, false);
    }

    @Override
    public boolean call() {
        long start = nanos();
        Object permit = breaker.tryAcquire(start);
        if (permit == null) {
            return false;
        }
        long end = nanos();
        breaker.release(permit, Outcome.SUCCESS, end - start, end);
        return true;
    }

    private long nanos() {
        return ownClock ? System.nanoTime() : now;
    }

    @Override
    public void open() {
        breaker.openFor(Duration.ofHours(1));
    }

    @Override
    public Object breaker() {
        return breaker;
    }
}
