// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.run.Figure;
import io.fairlead.benchmarks.simulation.run.Outcomes;
import io.fairlead.benchmarks.simulation.run.Simulation;
import io.fairlead.benchmarks.simulation.scenario.Arrivals;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.Behaviour;
import io.fairlead.benchmarks.simulation.world.Decimal;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether equals get equal parts, at once when they are equal again, and how soon somebody slow is left: the default policy
 * beside two choices by what is in flight, which moves for load and not for luck. Stateless.
 */
final class FairnessRows {
    private static final int FAULT_FROM = 30;
    private static final int FAULT_UNTIL = 60;
    private static final int UNTIL = 125;
    private static final int EQUALS = 5;
    private static final int RATE = 200;
    private static final int WINDOW = 5;

    /** One window more or less is chance. */
    private static final double CHANCE = 0.5;

    private final Contender ours;
    private final Contender theirs = Contenders.named("least_request");
    private final int seeds;

    FairnessRows(Contender ours, int seeds) {
        this.ours = ours;
        this.seeds = seeds;
    }

    /** Of equals: mean and σ of service times, calls a second; over 3, 5 and 20 servers and 1 and 10 clients. */
    List<Row> ofEquals(double... rates) {
        List<Row> rows = new ArrayList<>();
        for (double rate : rates) {
            for (double mean : new double[] {0.7, 5, 50}) {
                for (double sigma : new double[] {0.3, 0.7, 1.2}) {
                    rows.addAll(ofEquals(rate, mean, sigma));
                }
            }
        }
        return rows;
    }

    private List<Row> ofEquals(double rate, double mean, double sigma) {
        List<Scenario> scenarios = new ArrayList<>();
        for (int servers : new int[] {3, 5, 20}) {
            for (int clients : new int[] {1, 10}) {
                ServerSpec spec = ServerSpec.unlimited(Demand.lognormal(mean, sigma));
                scenarios.add(new Scenario(
                                "equals", "", Collections.nCopies(servers, spec), clients, Arrivals.poisson(rate), 70)
                        .measuredFrom(10));
            }
        }
        double[] seen = means(scenarios, ours);
        double[] limit = means(scenarios, theirs);
        String what =
                Decimal.text(rate, 0) + "/s, " + Decimal.text(mean, 1) + " ms, σ " + Decimal.text(sigma, 1) + ": ";
        return List.of(
                Row.atMost(
                        "–",
                        what + "seconds at or above 2.5 ×",
                        Math.max(limit[0] * 1.5, limit[0] + CHANCE),
                        seen[0],
                        2,
                        "%"),
                Row.atMost("–", what + "worst ten seconds", limit[1] * 1.2, seen[1], 2, "×"));
    }

    /** The mean share of uneven seconds, and the mean of the runs' worst ten seconds. */
    private double[] means(List<Scenario> scenarios, Contender contender) {
        List<Outcomes> runs = IntStream.range(0, scenarios.size() * seeds)
                .mapToObj(i -> Simulation.run(scenarios.get(i / seeds), contender, i % seeds + 1))
                .toList();
        return new double[] {
            runs.stream()
                    .mapToDouble(run -> run.median(Figure.UNEVEN))
                    .average()
                    .orElse(0),
            runs.stream()
                    .mapToDouble(run -> run.median(Figure.WORST_TEN))
                    .average()
                    .orElse(0)
        };
    }

    /** How soon an instance that takes twice as long is below half its share. */
    List<Row> ofSlow() {
        return List.of(slow(5, 0.3, 2.4), slow(50, 0.3, 1.5), slow(5, 1.2, 2.3), slow(0.7, 0.7, 5.1));
    }

    private Row slow(double mean, double sigma, double limit) {
        ServerSpec first = ServerSpec.unlimited(Demand.lognormal(mean, sigma))
                .demandBetween(FAULT_FROM, FAULT_UNTIL, Demand.lognormal(2 * mean, sigma));
        List<Outcomes> runs = runs(scenario(first, Demand.lognormal(mean, sigma), 0), ours);
        String what = Decimal.text(mean, 1) + " ms, σ " + Decimal.text(sigma, 1);
        return Row.atMost(
                "–",
                what + ": one takes twice as long, below half its share after",
                limit,
                Outcomes.of(runs).median(Figure.LEFT),
                2,
                "s");
    }

    /** An instance that is well again, or new: half its share soon, and hardly more than its share ever. */
    List<Row> ofReturns() {
        List<Row> rows = new ArrayList<>();
        for (double sigma : new double[] {0.3, 0.7, 1.2}) {
            Demand usual = Demand.lognormal(5, sigma);
            String what = "5 ms, σ " + Decimal.text(sigma, 1) + ": ";
            ServerSpec slow =
                    ServerSpec.unlimited(usual).demandBetween(FAULT_FROM, FAULT_UNTIL, Demand.lognormal(55, sigma));
            addReturn(rows, what + "was slow, its peers too just before", ours, scenario(slow, usual, 10), true);
            ServerSpec dead = ServerSpec.unlimited(usual)
                    .then(FAULT_FROM, Behaviour.REFUSES)
                    .then(FAULT_UNTIL, Behaviour.SERVES);
            addReturn(rows, what + "was dead", ours.withGuards(), scenario(dead, usual, 0), false);
            Scenario atOnce = scenario(dead, usual, 0).withoutSlowStart();
            addReturn(rows, what + "was dead, no slow start", ours.withGuards(), atOnce, true);
            ServerSpec late = ServerSpec.unlimited(usual).listed(FAULT_UNTIL, UNTIL);
            addReturn(rows, what + "is new", ours, scenario(late, usual, 0), false);
            addReturn(
                    rows,
                    what + "is new, no slow start",
                    ours,
                    scenario(late, usual, 0).withoutSlowStart(),
                    true);
        }
        return rows;
    }

    private void addReturn(List<Row> rows, String what, Contender contender, Scenario scenario, boolean atOnce) {
        List<Outcomes> runs = runs(scenario, contender);
        if (atOnce) {
            rows.add(Row.atMost(
                    "–", what + ": half its share after", 2, Outcomes.of(runs).median(Figure.BACK), 2, "s"));
        }
        double mean = 0;
        double worst = 0;
        for (int from = FAULT_UNTIL; from + WINDOW <= FAULT_UNTIL + 60; from++) {
            double sum = 0;
            for (Outcomes run : runs) {
                double share = Arrays.stream(run.badShareBySecond(), from, from + WINDOW)
                                .sum()
                        / WINDOW
                        / (100.0 / EQUALS);
                worst = Math.max(worst, share);
                sum += share;
            }
            mean = Math.max(mean, sum / runs.size());
        }
        rows.add(Row.atMost("–", what + ": most of its share in any 5 s, mean of the seeds", 1.15, mean, 2, "×"));
        rows.add(Row.atMost("–", what + ": the same, worst seed", 1.35, worst, 2, "×"));
    }

    /** @param before by how many milliseconds all calls of the peers were slower for the last two seconds */
    private static Scenario scenario(ServerSpec first, Demand usual, double before) {
        List<ServerSpec> servers = new ArrayList<>();
        servers.add(first.bad());
        for (int i = 1; i < EQUALS; i++) {
            ServerSpec peer = ServerSpec.unlimited(usual);
            long added = Millis.toNanos(before);
            servers.add(
                    before == 0
                            ? peer
                            : peer.demandBetween(
                                    FAULT_UNTIL - 2, FAULT_UNTIL, (seed, call) -> usual.nanos(seed, call) + added));
        }
        return new Scenario("returns", "", servers, 1, Arrivals.poisson(RATE), UNTIL).fault(FAULT_FROM, FAULT_UNTIL);
    }

    private List<Outcomes> runs(Scenario scenario, Contender contender) {
        return IntStream.rangeClosed(1, 4 * seeds)
                .mapToObj(seed -> Simulation.run(scenario, contender, seed))
                .toList();
    }
}
