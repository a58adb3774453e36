// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.benchmarks.baselines.CountedRandom;
import io.fairlead.benchmarks.baselines.CountedTable;
import io.fairlead.benchmarks.baselines.CountedTurns;
import io.fairlead.benchmarks.baselines.CountedTwoChoices;
import io.fairlead.benchmarks.baselines.RandomDraw;
import io.fairlead.benchmarks.baselines.SharedCounter;
import io.fairlead.benchmarks.baselines.TimedTwoChoices;
import io.fairlead.benchmarks.baselines.TwoChoices;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
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

/** A pick and its completion by hand: what {@link PickBenchmark} is compared with. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class BaselineBenchmark {
    /** Instances in the list. */
    @Param({"10", "100", "1000", "10000"})
    public int size;

    /** Whose arithmetic. */
    @Param({
        "shared_counter",
        "random_draw",
        "two_choices",
        "timed_two_choices",
        "counted_two_choices",
        "counted_far_apart",
        "counted_random",
        "counted_turns",
        "counted_table"
    })
    public String baseline = "";

    /** Of the instances; only the counted ones look at them. */
    @Param("equal")
    public String weights = "";

    private IntSupplier arithmetic = () -> 0;

    /** Makes it. */
    @Setup
    public void make() {
        int[] weighing = Weights.of(weights, size);
        arithmetic = switch (baseline) {
            case "shared_counter" -> new SharedCounter(size);
            case "random_draw" -> new RandomDraw(size);
            case "two_choices" -> new TwoChoices(size);
            case "timed_two_choices" -> new TimedTwoChoices(size);
            case "counted_two_choices" -> new CountedTwoChoices(weighing, false);
            case "counted_far_apart" -> new CountedTwoChoices(weighing, true);
            case "counted_random" -> new CountedRandom(weighing);
            case "counted_turns" -> new CountedTurns(weighing);
            case "counted_table" -> new CountedTable(weighing, "user-4711");
            default -> throw new IllegalArgumentException("baseline: " + baseline);
        };
    }

    /** One pick and its completion. */
    @Benchmark
    public int pickAndComplete() {
        return arithmetic.getAsInt();
    }
}
