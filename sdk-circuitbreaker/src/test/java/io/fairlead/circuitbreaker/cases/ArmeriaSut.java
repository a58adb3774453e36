// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import com.linecorp.armeria.client.circuitbreaker.CircuitBreaker;
import com.linecorp.armeria.client.circuitbreaker.CircuitBreakerBuilder;
import com.linecorp.armeria.common.util.Ticker;
import io.fairlead.circuitbreaker.CircuitState;
import java.lang.reflect.Method;
import java.time.Duration;

/** Armeria 1.40.0. It counts in windows of time only; its clock is set the way its own tests do. */
final class ArmeriaSut implements Sut {
    private final CircuitBreaker breaker;
    private long nanos = 1_000_000_000L;

    ArmeriaSut(Setup setup) {
        if (!setup.timed() && !setup.anyWindow()) {
            throw new Lacking("windows of calls");
        }
        if (!setup.slowAfter().isZero() || setup.multiplier() != 1) {
            throw new Lacking("slow calls and waits that grow");
        }
        CircuitBreakerBuilder builder = CircuitBreaker.builder("armeria")
                .failureRateThreshold(setup.failureRate() / 100.0)
                .minimumRequestThreshold(setup.minimum())
                .circuitOpenWindow(setup.open())
                .trialRequestInterval(Duration.ofMinutes(10))
                .counterSlidingWindow(Duration.ofSeconds(setup.size()))
                .counterUpdateInterval(Duration.ofSeconds(1));
        try {
            Method ticker = CircuitBreakerBuilder.class.getDeclaredMethod("ticker", Ticker.class);
            ticker.setAccessible(true);
            Ticker mine = () -> nanos;
            ticker.invoke(builder, mine);
        } catch (ReflectiveOperationException changed) {
            throw new AssertionError("Armeria's builder has no ticker any more", changed);
        }
        breaker = builder.build();
    }

    @Override
    public Object tryAcquire() {
        return breaker.tryRequest() ? "permit" : null;
    }

    @Override
    public void ok(Object permit, Duration took) {
        breaker.onSuccess();
    }

    @Override
    public void fail(Object permit, Duration took, Throwable cause) {
        breaker.onFailure();
    }

    @Override
    public CircuitState state() {
        return CircuitState.valueOf(breaker.circuitState().name());
    }

    @Override
    public void force(CircuitState state) {
        if (state == CircuitState.DISABLED || state == CircuitState.METRICS_ONLY) {
            throw new Lacking("state " + state);
        }
        breaker.enterState(com.linecorp.armeria.client.circuitbreaker.CircuitState.valueOf(state.name()));
    }

    @Override
    public void plus(Duration time) {
        nanos += time.toNanos();
    }
}
