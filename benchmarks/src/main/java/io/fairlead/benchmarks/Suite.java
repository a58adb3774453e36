// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs all benchmarks with their forks interleaved: each round gives every one a fork of its own, so that a slow minute of
 * the machine falls on all of them alike. Arguments: file to write, rounds, and a regular expression of the parts
 * wanted, of {@code policies}, {@code weights}, {@code others}, {@code routes}, {@code callers} (JDK 21 and newer), {@code threads}
 * (one round), {@code cold} (into {@code cold.json}) and {@code essentials}, which is the default policy and its loop only.
 */
public final class Suite {
    private static final int[] THREADS = {2, 4, 8, 16, 32, 64};
    private static final String[] ENDS = {"10", "10000"};
    private static final String[] MIDDLE = {"100", "1000"};
    private static final String[] COUNTED = {
        "counted_two_choices", "counted_far_apart", "counted_random", "counted_turns", "counted_table"
    };
    private static final int COLD_ITERATIONS = 40;
    private static final int COLD_MILLIS = 500;

    private final Map<String, List<RunResult>> runs = new LinkedHashMap<>();
    private final String wanted;

    private Suite(String wanted) {
        this.wanted = wanted;
    }

    /** Runs it. */
    public static void main(String[] args) throws RunnerException {
        if (args.length != 3) {
            throw new IllegalArgumentException("expected: <file to write> <rounds> <regular expression of parts>");
        }
        Suite suite = new Suite(args[2]);
        int rounds = Integer.parseInt(args[1]);
        for (int round = 1; round <= rounds; round++) {
            System.out.println("round " + round + " of " + rounds);
            suite.round(round);
            suite.write(args[0]);
        }
        if (suite.isWanted("cold")) {
            suite.cold(Path.of(args[0]).resolveSibling("cold.json").toString());
        }
    }

    private void round(int round) throws RunnerException {
        if (isWanted("policies")) {
            run(picks(PolicyNames.all(), ENDS, "equal", 1));
            run(picks(new String[] {"adaptive"}, MIDDLE, "equal", 1));
        }
        if (isWanted("weights")) {
            run(picks(PolicyNames.all(), ENDS, "unequal", 1));
            run(byHand(COUNTED, ENDS, "unequal", 1));
        }
        if (isWanted("others")) {
            run(options(".*").exclude("PickBenchmark|CallersBenchmark|Route"));
        }
        if (isWanted("routes")) {
            run(options("Route"));
            run(options(PlainDiffBenchmark.class.getName()).param("size", ENDS));
            run(byHand(new String[] {"counted_two_choices"}, ENDS, "equal", 1));
        }
        if (isWanted("callers")) {
            run(options("CallersBenchmark"));
        }
        if (isWanted("essentials")) {
            for (int threads = 1; threads <= 2; threads++) {
                for (String weights : List.of("equal", "unequal")) {
                    run(picks(new String[] {"adaptive"}, ENDS, weights, threads));
                    run(byHand(new String[] {"counted_two_choices"}, ENDS, weights, threads));
                }
            }
        }
        if (isWanted("threads") && round == 1) {
            for (int threads : THREADS) {
                run(crowded(BaselineBenchmark.class, threads)
                        .param("baseline", "timed_two_choices", "counted_two_choices", "shared_counter"));
                run(crowded(PickBenchmark.class, threads).param("policy", "adaptive", "round_robin"));
            }
        }
    }

    private boolean isWanted(String part) {
        return part.matches(wanted);
    }

    private static ChainedOptionsBuilder picks(String[] policies, String[] sizes, String weights, int threads) {
        return loops(PickBenchmark.class, "policy", policies, sizes, weights, threads);
    }

    private static ChainedOptionsBuilder byHand(String[] baselines, String[] sizes, String weights, int threads) {
        return loops(BaselineBenchmark.class, "baseline", baselines, sizes, weights, threads);
    }

    private static ChainedOptionsBuilder loops(
            Class<?> benchmark, String parameter, String[] values, String[] sizes, String weights, int threads) {
        return options(benchmark.getName())
                .param(parameter, values)
                .param("size", sizes)
                .param("weights", weights)
                .threads(threads);
    }

    /** From the first call on: how long it takes until calls are as quick as they get. */
    private void cold(String file) throws RunnerException {
        List<RunResult> results = new ArrayList<>();
        for (String weights : List.of("equal", "unequal")) {
            results.addAll(new Runner(picks(new String[] {"adaptive"}, ENDS, weights, 1)
                            .warmupIterations(0)
                            .measurementIterations(COLD_ITERATIONS)
                            .measurementTime(TimeValue.milliseconds(COLD_MILLIS))
                            .build())
                    .run());
        }
        ResultFormatFactory.getInstance(ResultFormatType.JSON, file).writeOut(results);
    }

    /** A young generation that lasts: whoever a collection keeps from running would count as a pick of a second. */
    private static ChainedOptionsBuilder crowded(Class<?> benchmark, int threads) {
        return options(benchmark.getName())
                .param("size", "10")
                .threads(threads)
                .jvmArgsAppend("-Xms4g", "-Xmx4g", "-Xmn3g", "-XX:+AlwaysPreTouch");
    }

    private static ChainedOptionsBuilder options(String include) {
        return new OptionsBuilder()
                .include(include)
                .forks(1)
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend("-Xms1g", "-Xmx1g")
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
    }

    private void run(ChainedOptionsBuilder options) throws RunnerException {
        for (RunResult result : new Runner(options.build()).run()) {
            String key = result.getParams().id() + " " + result.getParams().getThreads();
            runs.computeIfAbsent(key, ignored -> new ArrayList<>()).add(result);
        }
    }

    private void write(String file) throws RunnerException {
        Collection<RunResult> merged = new ArrayList<>();
        for (List<RunResult> each : runs.values()) {
            List<BenchmarkResult> forks = each.stream()
                    .flatMap(run -> run.getBenchmarkResults().stream())
                    .toList();
            merged.add(new RunResult(each.get(0).getParams(), forks));
        }
        ResultFormatFactory.getInstance(ResultFormatType.JSON, file).writeOut(merged);
        ResultFormatFactory.getInstance(ResultFormatType.TEXT, System.out).writeOut(merged);
    }
}
