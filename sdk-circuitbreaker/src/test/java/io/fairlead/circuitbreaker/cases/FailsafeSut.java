// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerBuilder;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import io.fairlead.circuitbreaker.CircuitState;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * Failsafe 3.3.2. Its clocks can not be set, so windows of time are left out, and at the end of a wait it is made half-open
 * by hand, which is what its own next call would do.
 */
final class FailsafeSut implements Sut {
    private final CircuitBreaker<Object> breaker;
    private final Duration wait;
    private Duration open = Duration.ZERO;

    FailsafeSut(Setup setup) {
        if (setup.timed()) {
            throw new Lacking("a clock of the test's");
        }
        if (!setup.slowAfter().isZero() || setup.multiplier() != 1) {
            throw new Lacking("slow calls and waits that grow");
        }
        wait = setup.open();
        CircuitBreakerBuilder<Object> builder = CircuitBreaker.builder()
                .withFailureThreshold(atThreshold(setup.size(), setup.failureRate()), setup.size())
                .withSuccessThreshold(
                        setup.probes() - atThreshold(setup.probes(), setup.failureRate()) + 1, setup.probes())
                .withDelay(Duration.ofDays(1))
                .handleResultIf(setup.badResult()::test);
        if (setup.recordsOnly()) {
            builder.handle(IOException.class);
        }
        breaker = builder.build();
    }

    private static int atThreshold(int calls, int rate) {
        return (calls * rate + 99) / 100;
    }

    @Override
    public Object tryAcquire() {
        endWait();
        return breaker.tryAcquirePermit() ? "permit" : null;
    }

    private void endWait() {
        if (breaker.isOpen() && open.compareTo(wait) >= 0) {
            breaker.halfOpen();
        }
        if (!breaker.isOpen()) {
            open = Duration.ZERO;
        }
    }

    @Override
    public void ok(Object permit, Duration took) {
        breaker.recordSuccess();
    }

    @Override
    public void fail(Object permit, Duration took, Throwable cause) {
        breaker.recordException(cause);
    }

    @Override
    public CircuitState state() {
        return CircuitState.valueOf(breaker.getState().name());
    }

    @Override
    public void force(CircuitState state) {
        open = Duration.ZERO;
        switch (state) {
            case CLOSED -> breaker.close();
            case OPEN -> breaker.open();
            case HALF_OPEN -> breaker.halfOpen();
            default -> throw new Lacking("state " + state);
        }
    }

    @Override
    public void reset() {
        breaker.close();
        open = Duration.ZERO;
    }

    @Override
    public Object call(Callable<?> task) throws Exception {
        endWait();
        try {
            return Failsafe.with(breaker).get(task::call);
        } catch (FailsafeException wrapped) {
            throw wrapped.getCause() instanceof Exception cause ? cause : wrapped;
        }
    }

    @Override
    public void plus(Duration time) {
        open = breaker.isOpen() ? open.plus(time) : Duration.ZERO;
    }
}
