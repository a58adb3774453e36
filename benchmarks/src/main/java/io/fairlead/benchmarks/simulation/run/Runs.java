// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.scenario.Scenario;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs scenarios with contenders and seeds on a few threads, each run on one of them by itself, and says how far it is. The
 * results do not depend on the number of threads.
 */
public final class Runs implements AutoCloseable {
    private static final int MOST_FOR_ALL_SEEDS = 1_000;

    private final ExecutorService threads;
    private final int seeds;
    private final PrintStream progress;

    public Runs(int threads, int seeds, PrintStream progress) {
        this.threads = Executors.newFixedThreadPool(threads);
        this.seeds = seeds;
        this.progress = progress;
    }

    /** Medians over the seeds for each contender, in their order. */
    public Map<Contender, Outcomes> compare(Scenario scenario, List<Contender> contenders) {
        AtomicInteger done = new AtomicInteger();
        int seedsOfEach = scenario.servers().size() > MOST_FOR_ALL_SEEDS ? 1 : seeds;
        int all = contenders.size() * seedsOfEach;
        Map<Contender, List<Future<Outcomes>>> started = new LinkedHashMap<>();
        for (Contender contender : contenders) {
            List<Future<Outcomes>> runs = new ArrayList<>();
            for (int seed = 1; seed <= seedsOfEach; seed++) {
                long mine = seed;
                runs.add(threads.submit(() -> {
                    Outcomes outcomes = Simulation.run(scenario, contender, mine);
                    progress.print("\r  " + scenario.name() + " " + done.incrementAndGet() + "/" + all + "   ");
                    progress.flush();
                    return outcomes;
                }));
                if (scenario.isLarge()) {
                    await(runs.get(runs.size() - 1));
                }
            }
            started.put(contender, runs);
        }
        Map<Contender, Outcomes> results = new LinkedHashMap<>();
        started.forEach((contender, runs) -> results.put(
                contender, Outcomes.of(runs.stream().map(Runs::await).toList())));
        progress.println();
        return results;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    @SuppressWarnings("UnusedReturnValue")
    private static Outcomes await(Future<Outcomes> run) {
        try {
            return run.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new IllegalStateException("a run failed", failed.getCause());
        }
    }
}
