// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import io.fairlead.api.Outcome;
import io.fairlead.circuitbreaker.CircuitBreaker;
import io.fairlead.circuitbreaker.CircuitBreakerConfig;
import io.fairlead.circuitbreaker.CircuitBreakerListener;
import io.fairlead.circuitbreaker.CircuitBreakerMetrics;
import io.fairlead.circuitbreaker.CircuitState;
import io.fairlead.circuitbreaker.Classification;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Ours, through its public side only. */
final class OurSut implements Sut, CircuitBreakerListener, RandomGenerator {
    private final VirtualTime time = new VirtualTime();
    private final List<String> events = new ArrayList<>();
    private final CircuitBreaker breaker;
    private Runnable intruder;

    OurSut(Setup setup) {
        CircuitBreakerConfig.Window window = setup.timed()
                ? CircuitBreakerConfig.Window.time(setup.size(), Duration.ofSeconds(1))
                : CircuitBreakerConfig.Window.count(setup.size());
        CircuitBreakerConfig config = new CircuitBreakerConfig(
                window,
                new CircuitBreakerConfig.Trip(
                        setup.minimum(), setup.failureRate(), setup.slowRate(), setup.slowAfter(), 0, 0, false),
                // A jitter, so that it asks for randomness while it opens; ours is always the middle.
                new CircuitBreakerConfig.Open(setup.open(), Duration.ofHours(1), setup.multiplier(), 1),
                CircuitBreakerConfig.HalfOpen.of(
                        setup.probes(), setup.probes(), setup.early(), Duration.ofMinutes(10)));
        Classification classification = Classification.defaults()
                .ignoring(Setup.Ignored.class)
                .ignoring(Setup.IgnoredIo.class)
                .failingOn(setup.badResult());
        breaker = CircuitBreaker.builder("ours")
                .config(config)
                .classification(setup.recordsOnly() ? classification.recording(IOException.class) : classification)
                .listener(this)
                .ticker(time)
                .random(this)
                .build();
    }

    @Override
    public Object tryAcquire() {
        return breaker.tryAcquire(time.nanos());
    }

    @Override
    public void ok(Object permit, Duration took) {
        breaker.release(permit, Outcome.SUCCESS, took.toNanos(), time.nanos());
    }

    @Override
    public void fail(Object permit, Duration took, Throwable cause) {
        breaker.release(permit, Outcome.FAILURE, took.toNanos(), time.nanos());
    }

    @Override
    public void ignore(Object permit) {
        breaker.release(permit, Outcome.IGNORED, 0, time.nanos());
    }

    @Override
    public void cancel(Object permit) {
        breaker.cancel(permit);
    }

    @Override
    public CircuitState state() {
        return breaker.state();
    }

    @Override
    public Metrics metrics() {
        CircuitBreakerMetrics m = breaker.metrics(time.nanos());
        return new Metrics(
                m.failureRate(), m.successful(), m.calls(), m.failed(), m.notPermitted(), m.slowRate(), m.slow());
    }

    @Override
    public Duration remaining() {
        return breaker.remaining(time.nanos());
    }

    @Override
    public void force(CircuitState state) {
        breaker.force(state);
    }

    @Override
    public void reset() {
        breaker.reset();
    }

    @Override
    public void openFor(Duration duration) {
        breaker.openFor(duration);
    }

    @Override
    public void openUntilIn(Duration duration) {
        breaker.openUntil(time.nanos() + duration.toNanos());
    }

    @Override
    public Object call(Callable<?> task) throws Exception {
        return breaker.call(task);
    }

    @Override
    public <T> CompletableFuture<T> async(Supplier<? extends CompletionStage<T>> task) {
        return breaker.callAsync(task);
    }

    @Override
    public void onceWhileOpening(Runnable action) {
        intruder = action;
    }

    @Override
    public void plus(Duration duration) {
        time.jump(duration.toNanos());
    }

    @Override
    public List<String> events() {
        return events;
    }

    @Override
    public void onTransition(String name, CircuitState from, CircuitState to, String reason) {
        events.add(from + ">" + to);
    }

    @Override
    public void onThresholdExceeded(String name, String reason) {
        events.add("exceeded");
    }

    @Override
    public double nextDouble() {
        Runnable once = intruder;
        intruder = null;
        if (once != null) {
            once.run();
        }
        return 0.5;
    }

    @Override
    public long nextLong() {
        return 0;
    }
}
