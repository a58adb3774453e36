// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.api.Outcome;
import io.fairlead.benchmarks.baselines.ReadAndAdd;
import io.fairlead.benchmarks.baselines.ReadAndCount;
import io.fairlead.circuitbreaker.CircuitBreaker;
import io.fairlead.circuitbreaker.CircuitBreakerConfig;
import io.fairlead.circuitbreaker.CircuitState;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Acquire and record, against one volatile read and one atomic addition. The clock is passed in. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class BreakerBenchmark {
    private final CircuitBreaker time = CircuitBreaker.of("time", CircuitBreakerConfig.perInstance());
    private final CircuitBreaker count = CircuitBreaker.of(
            "count", CircuitBreakerConfig.perInstance().withWindow(CircuitBreakerConfig.Window.count(100)));
    private final CircuitBreaker open = CircuitBreaker.of("open", CircuitBreakerConfig.perInstance());
    private final ReadAndCount counted = new ReadAndCount();
    private final ReadAndAdd added = new ReadAndAdd();
    private final long now = System.nanoTime();

    /** Opens the one that rejects. */
    public BreakerBenchmark() {
        open.force(CircuitState.FORCED_OPEN);
    }

    /** The floor with one word. */
    @Benchmark
    public boolean readAndCount() {
        return counted.call();
    }

    /** The floor with striped words. */
    @Benchmark
    public boolean readAndAdd() {
        return added.call();
    }

    /** A healthy call, time window. */
    @Benchmark
    public Object closedTimeWindow() {
        return call(time);
    }

    /** A healthy call, count window. */
    @Benchmark
    public Object closedCountWindow() {
        return call(count);
    }

    /** A rejection. */
    @Benchmark
    public Object rejecting() {
        return open.tryAcquire(now);
    }

    private Object call(CircuitBreaker breaker) {
        Object permit = breaker.tryAcquire(now);
        return permit == null ? "" : breaker.release(permit, Outcome.SUCCESS, 1_000_000, now);
    }
}
