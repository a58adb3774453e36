// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.benchmarks.baselines.PlainDiff;
import io.fairlead.benchmarks.baselines.PlainDiff.Listed;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One instance of a list changes its weight, by hand: what {@link ListSwapBenchmark} is compared with. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class PlainDiffBenchmark {
    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    private Listed[] known = {};
    private double sum;

    /** Makes the list. */
    @Setup
    public void make() {
        known = new Listed[size];
        Arrays.setAll(known, i -> new Listed("i" + (1_000_000 + i), 1));
        sum = size;
    }

    /** Another weight. */
    @Benchmark
    public int[] changeOne() {
        Listed before = known[size / 2];
        Listed[] fresh = known.clone();
        fresh[size / 2] = new Listed(before.id(), before.weight() % 1_000 + 1);
        sum += fresh[size / 2].weight() - before.weight();
        known = PlainDiff.diff(known, fresh);
        return PlainDiff.alias(known, sum, new double[size]);
    }
}
