// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

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
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs all benchmarks with their forks interleaved: each round gives every one a fork of its own, so that a slow minute of
 * the machine falls on all of them alike. Arguments: file to write, rounds, and optionally a regular expression of the
 * benchmarks wanted.
 */
public final class Suite {
    private static final int[] THREADS = {2, 4, 8, 16, 32, 64};

    private final Map<String, List<RunResult>> runs = new LinkedHashMap<>();
    private final String wanted;

    private Suite(String wanted) {
        this.wanted = wanted;
    }

    /** Runs it. */
    public static void main(String[] args) throws RunnerException {
        if (args.length < 2 || args.length > 3) {
            throw new IllegalArgumentException("expected: <file to write> <rounds> [regular expression]");
        }
        Suite suite = new Suite(args.length == 3 ? args[2] : ".*");
        int rounds = Integer.parseInt(args[1]);
        for (int round = 1; round <= rounds; round++) {
            System.out.println("round " + round + " of " + rounds);
            suite.round();
            suite.write(args[0]);
        }
    }

    private void round() throws RunnerException {
        run(options(wanted).exclude("^(?!.*PickBenchmark)").param("policy", PolicyNames.all()));
        run(options(wanted).exclude("PickBenchmark"));
        for (int threads : THREADS) {
            if ("threads".matches(wanted)) {
                run(crowded(BaselineBenchmark.class, threads).param("baseline", "timed_two_choices", "shared_counter"));
                run(crowded(PickBenchmark.class, threads).param("policy", "adaptive", "round_robin"));
            }
        }
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
        try {
            for (RunResult result : new Runner(options.build()).run()) {
                String key = result.getParams().id() + " " + result.getParams().getThreads();
                runs.computeIfAbsent(key, ignored -> new ArrayList<>()).add(result);
            }
        } catch (NoBenchmarksException unwanted) {
            System.out.println("none wanted of " + options.build().getIncludes());
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
