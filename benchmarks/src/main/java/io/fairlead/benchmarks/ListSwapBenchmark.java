// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.Subsetting;
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
 * One instance of a list changes, its weight or its address: from what the registry says to the new picker, on one thread.
 * {@link PlainDiffBenchmark} is the same by hand.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class ListSwapBenchmark {
    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    /** By name. */
    @Param({"adaptive", "weighted_round_robin", "random", "maglev", "ring_hash"})
    public String policy = "";

    private ChangingList registry;
    private int changes;

    /** Fills the list; listeners run on the caller's thread, so that a change is complete when its call returns. */
    @Setup(Level.Trial)
    public void fill() {
        Environment system = Environment.system();
        Environment direct =
                new Environment(system.ticker(), system.scheduler(), Runnable::run, system.random(), system.listener());
        registry = new ChangingList(size, direct);
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(direct)
                .policy(policy)
                .subsetting(Subsetting.off())
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

    /** Another address: one copy leaves, another comes; the list has it back after a thousand changes. */
    @Benchmark
    public int moveOne() {
        changes++;
        registry.replaceOne(registry.one().toBuilder()
                .address("10.1." + changes / 250 % 4 + "." + (1 + changes % 250), 8080)
                .build());
        return changes;
    }
}
