// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import io.fairlead.circuitbreaker.CircuitState;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** resilience4j 2.4.0, its windows as they are by default. */
final class Resilience4jSut implements Sut {
    private final List<String> events = new ArrayList<>();
    private final CircuitBreaker breaker;
    private Instant now = Instant.ofEpochSecond(1_000_000);
    private Runnable intruder;

    Resilience4jSut(Setup setup) {
        SlidingWindowType type = setup.timed() ? SlidingWindowType.TIME_BASED : SlidingWindowType.COUNT_BASED;
        CircuitBreakerConfig.Builder config = CircuitBreakerConfig.custom()
                .slidingWindow(setup.size(), setup.minimum(), type)
                .failureRateThreshold(setup.failureRate())
                .slowCallRateThreshold(setup.slowRate())
                .slowCallDurationThreshold(setup.slowAfter().isZero() ? Duration.ofDays(1) : setup.slowAfter())
                .permittedNumberOfCallsInHalfOpenState(setup.probes())
                .recordResult(setup.badResult())
                .ignoreExceptions(Setup.Ignored.class, Setup.IgnoredIo.class)
                .clock(new Now())
                .waitIntervalFunctionInOpenState(attempt -> openMillis(setup, attempt));
        if (setup.recordsOnly()) {
            config.recordExceptions(IOException.class);
        }
        breaker = CircuitBreaker.of("resilience4j", config.build());
        breaker.getEventPublisher()
                .onStateTransition(
                        event -> events.add(event.getStateTransition().getFromState()
                                + ">"
                                + event.getStateTransition().getToState()))
                .onFailureRateExceeded(event -> events.add("exceeded"))
                .onSlowCallRateExceeded(event -> events.add("exceeded"));
    }

    private long openMillis(Setup setup, int attempt) {
        Runnable once = intruder;
        intruder = null;
        if (once != null) {
            once.run();
        }
        return Math.round(setup.open().toMillis() * Math.pow(setup.multiplier(), attempt - 1));
    }

    private final class Now extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @Override
    public Object tryAcquire() {
        return breaker.tryAcquirePermission() ? "permit" : null;
    }

    @Override
    public void ok(Object permit, Duration took) {
        breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void fail(Object permit, Duration took, Throwable cause) {
        breaker.onError(took.toNanos(), TimeUnit.NANOSECONDS, cause);
    }

    @Override
    public void ignore(Object permit) {
        breaker.onError(0, TimeUnit.NANOSECONDS, new Setup.Ignored());
    }

    @Override
    public void cancel(Object permit) {
        breaker.releasePermission();
    }

    @Override
    public CircuitState state() {
        return CircuitState.valueOf(breaker.getState().name());
    }

    @Override
    public Metrics metrics() {
        CircuitBreaker.Metrics m = breaker.getMetrics();
        return new Metrics(
                m.getFailureRate(),
                m.getNumberOfSuccessfulCalls(),
                m.getNumberOfBufferedCalls(),
                m.getNumberOfFailedCalls(),
                m.getNumberOfNotPermittedCalls(),
                m.getSlowCallRate(),
                m.getNumberOfSlowCalls());
    }

    @Override
    public void force(CircuitState state) {
        switch (state) {
            case CLOSED -> breaker.transitionToClosedState();
            case OPEN -> breaker.transitionToOpenState();
            case HALF_OPEN -> breaker.transitionToHalfOpenState();
            case FORCED_OPEN -> breaker.transitionToForcedOpenState();
            case DISABLED -> breaker.transitionToDisabledState();
            case METRICS_ONLY -> breaker.transitionToMetricsOnlyState();
        }
    }

    @Override
    public void reset() {
        breaker.reset();
    }

    @Override
    public void openFor(Duration time) {
        breaker.transitionToOpenStateFor(time);
    }

    @Override
    public void openUntilIn(Duration time) {
        breaker.transitionToOpenStateUntil(now.plus(time));
    }

    @Override
    public Object call(Callable<?> task) throws Exception {
        return breaker.executeCallable(task);
    }

    @Override
    public <T> CompletableFuture<T> async(Supplier<? extends CompletionStage<T>> task) {
        return breaker.executeCompletionStage(task::get).toCompletableFuture();
    }

    @Override
    public void onceWhileOpening(Runnable action) {
        intruder = action;
    }

    @Override
    public void plus(Duration time) {
        now = now.plus(time);
    }

    @Override
    public List<String> events() {
        return events;
    }
}
