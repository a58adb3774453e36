// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.route.Routes;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One instance of a list changes its weight, and other routes come into force, with four subsets and without; the first is
 * {@link PlainDiffBenchmark} by hand. With routes {@code off} a swap brings the routes or replaces what the last one brought.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class RoutedListBenchmark {
    /** Instances in the list. */
    @Param({"10", "10000"})
    public int size;

    /** By name. */
    @Param({"adaptive", "ring_hash"})
    public String policy = "";

    /** As {@link FourSubsets} names them. */
    @Param({"off", "four"})
    public String routes = "";

    private ChangingList registry;
    private Fairlead fairlead;
    private int changes;

    /** Fills the list; listeners run on the caller's thread, so that a change is complete when its call returns. */
    @Setup(Level.Trial)
    public void fill() {
        Environment system = Environment.system();
        Environment direct =
                new Environment(system.ticker(), system.scheduler(), Runnable::run, system.random(), system.listener());
        registry = new ChangingList(size, direct);
        fairlead = Fairlead.builder(registry)
                .environment(direct)
                .policy(policy)
                .subsetting(Subsetting.off())
                .forService("orders", o -> o.withRoutes(FourSubsets.named(routes)))
                .build();
        fairlead.awaitReady(Duration.ofSeconds(30), "orders");
    }

    /** Another weight. */
    @Benchmark
    public int changeOne() {
        changes++;
        registry.replaceOne(
                registry.one().toBuilder().weight(changes % 1_000 + 1).build());
        return changes;
    }

    /** Another split of the same subsets comes into force. */
    @Benchmark
    public int swapRoutes() {
        changes++;
        Routes next = FourSubsets.weighing(1 + changes % 9);
        fairlead.reconfigure(fairlead.options().forService("orders", o -> o.withRoutes(next)));
        return changes;
    }
}
