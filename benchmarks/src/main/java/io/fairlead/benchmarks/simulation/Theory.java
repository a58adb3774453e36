// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.run.Figure;
import io.fairlead.benchmarks.simulation.run.Outcomes;
import io.fairlead.benchmarks.simulation.run.Simulation;
import io.fairlead.benchmarks.simulation.scenario.Arrivals;
import io.fairlead.benchmarks.simulation.scenario.ClosedLoop;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What queueing theory says, and what the simulator makes of it: if it misses these, nothing else it says counts.
 * Stateless.
 */
final class Theory {
    private static final double MEAN_MILLIS = 20;
    private static final int QUEUES = 100;
    private static final int BINS = 10_000;

    private Theory() {}

    static List<Row> rows(long seed) {
        List<Row> rows = new ArrayList<>();
        Contender random = Contenders.named("random");
        Contender twoChoices = Contenders.named("least_request");
        rows.add(queues(
                "M/M/1 queues at load 0.5, picked at random: mean time in service times, theory 2",
                random,
                0.5,
                1.96,
                2.04,
                seed));
        rows.add(queues("M/M/1 queues at load 0.9, picked at random, theory 10", random, 0.9, 9.5, 10.5, seed));
        rows.add(queues(
                "supermarket model at load 0.5, two choices, theory 1.266", twoChoices, 0.5, 1.246, 1.286, seed));
        rows.add(queues(
                "supermarket model at load 0.9, two choices among 100, theory 2.65",
                twoChoices,
                0.9,
                2.60,
                2.70,
                seed));
        rows.add(shared("processor sharing at load 0.5, exponential work, theory 2", Demand.exponential(20), seed));
        rows.add(shared(
                "the same, heavy-tailed work (lognormal, σ = 1), theory 2 again", Demand.lognormal(20, 1), seed));
        rows.add(closedLoop(random, seed));
        rows.add(fullestBin(
                "10,000 calls into 10,000 instances, two choices: most on one, theory ln ln n / ln 2 + O(1)",
                twoChoices,
                3,
                4,
                seed));
        rows.add(fullestBin("the same at random, theory (1 + o(1)) ln n / ln ln n", random, 6, 9, seed));
        rows.add(cap(twoChoices, seed));
        rows.addAll(laws(seed));
        return rows;
    }

    private static Row queues(String what, Contender contender, double load, double low, double high, long seed) {
        Outcomes seen = Simulation.run(queues(load, 220), contender, seed);
        return Row.between("13", what, low, high, seen.median(Figure.MEAN) / MEAN_MILLIS, 3, "");
    }

    private static Scenario queues(double load, double seconds) {
        List<ServerSpec> servers = Collections.nCopies(QUEUES, ServerSpec.queue(1, Demand.exponential(MEAN_MILLIS)));
        return new Scenario("queues", "", servers, 1, Arrivals.poisson(QUEUES * 1e3 / MEAN_MILLIS * load), seconds)
                .measuredFrom(20);
    }

    /** Kleinrock 1976: under processor sharing the mean does not depend on how the work is distributed. */
    private static Row shared(String what, Demand demand, long seed) {
        List<ServerSpec> servers = Collections.nCopies(QUEUES, ServerSpec.sharing(1, demand));
        Scenario scenario = new Scenario("shared", "", servers, 1, Arrivals.poisson(2_500), 220).measuredFrom(20);
        Outcomes seen = Simulation.run(scenario, Contenders.named("random"), seed);
        return Row.between("13", what, 1.95, 2.05, seen.median(Figure.MEAN) / MEAN_MILLIS, 3, "");
    }

    /** The interactive response time law: as many users as calls a second, times the time of an answer and a thought. */
    private static Row closedLoop(Contender contender, long seed) {
        List<ServerSpec> servers = Collections.nCopies(10, ServerSpec.queue(1, Demand.exponential(MEAN_MILLIS)));
        ClosedLoop loop = new ClosedLoop(50, 80);
        Outcomes seen =
                Simulation.run(new Scenario("loop", "", servers, 10, loop, 120).measuredFrom(10), contender, seed);
        double users = seen.median(Figure.CALLS) / 110 * (seen.median(Figure.MEAN) + loop.thinkMillis()) / 1e3;
        return Row.between("–", "closed loops of 50 users: calls a second × (answer + thought)", 49, 51, users, 2, "");
    }

    /** Calls that never end are balls. */
    private static Row fullestBin(String what, Contender contender, double low, double high, long seed) {
        List<ServerSpec> servers = Collections.nCopies(BINS, ServerSpec.unlimited(Demand.fixed(1e9)));
        Scenario scenario = new Scenario("bins", "", servers, 1, Arrivals.uniform(BINS), 1);
        Outcomes seen = Simulation.run(scenario, contender, seed);
        return Row.between("–", what, low, high, seen.median(Figure.MAX_OVER_MEAN), 0, "");
    }

    /** An instance that always looks best is in two of N pairs and gets no more. */
    private static Row cap(Contender contender, long seed) {
        int size = 10;
        List<ServerSpec> servers = new ArrayList<>();
        servers.add(ServerSpec.unlimited(Demand.fixed(0.001)).bad());
        for (int i = 1; i < size; i++) {
            servers.add(ServerSpec.unlimited(Demand.fixed(1_000)));
        }
        Scenario scenario = new Scenario("cap", "", servers, 1, Arrivals.poisson(2_000), 50).fault(5, 50);
        double share = Simulation.run(scenario, contender, seed).median(Figure.BAD_SHARE);
        double sigma = 100 * Math.sqrt(0.2 * 0.8 / (2_000 * 45));
        return Row.between(
                "14",
                "share of an instance that always looks idle, one of ten, two choices: 2/N ± 4σ",
                20 - 4 * sigma,
                20 + 4 * sigma,
                share,
                2,
                "%");
    }

    private static List<Row> laws(long seed) {
        Scenario scenario = queues(0.9, 60);
        Simulation simulation = new Simulation(scenario, Contenders.named(Contenders.DEFAULT), seed);
        simulation.begin();
        int difference = 0;
        for (int second = 5; second <= 55; second += 5) {
            simulation.runUntil(second);
            difference = Math.max(difference, Math.abs(simulation.inFlight() - simulation.openAttempts()));
        }
        Outcomes seen = simulation.end();
        double outstanding = seen.median(Figure.OUTSTANDING);
        double error = 100 * Math.abs(outstanding - seen.median(Figure.LITTLE)) / outstanding;
        boolean again = Simulation.run(scenario, Contenders.named(Contenders.DEFAULT), seed)
                .equals(seen);
        return List.of(
                Row.atMost("–", "Little's law: difference between L and λW", 1, error, 3, "%"),
                Row.between(
                        "–",
                        "in-flight of all balancers against attempts open, greatest difference",
                        0,
                        0,
                        difference,
                        0,
                        ""),
                Row.between("–", "the same seed again gives the same bytes (1: yes)", 1, 1, again ? 1 : 0, 0, ""));
    }
}
