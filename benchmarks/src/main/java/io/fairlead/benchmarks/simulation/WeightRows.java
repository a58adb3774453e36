// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.balancer.DynamicWeights;
import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.run.Figure;
import io.fairlead.benchmarks.simulation.run.Outcomes;
import io.fairlead.benchmarks.simulation.run.Simulation;
import io.fairlead.benchmarks.simulation.scenario.Arrivals;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.Demand;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import io.fairlead.benchmarks.simulation.world.Speed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether weights that follow health keep still: levels moved a minute for each client and server, and what they do to the
 * tail, on top of two choices. Six servers of eight workers, 150 ms of exponential work, ten clients, 80 %, five minutes;
 * expected is what the prototype saw. Stateless.
 */
final class WeightRows {
    private static final int SERVERS = 6;
    private static final double STILL = 0.2;
    private static final DynamicWeights NAIVE = DynamicWeights.defaults()
            .withWindow(Duration.ofSeconds(1))
            .withMinSamples(1)
            .withHysteresis(new DynamicWeights.Hysteresis(1, 1, 1, 1, 0, 1));

    private final List<Row> rows = new ArrayList<>();
    private final Contender two = Contenders.named("least_request");
    private final Contender weighted = with(DynamicWeights.defaults());
    private final long seed;

    private WeightRows(long seed) {
        this.seed = seed;
    }

    static List<Row> rows(long seed) {
        return new WeightRows(seed).rows();
    }

    private List<Row> rows() {
        Outcomes naive = run(with(NAIVE), 1);
        moved("six equal servers, bands of a second alone, no hysteresis", 13, 27, naive);
        Outcomes equal = run(weighted, 1);
        moved("six equal servers", 0, STILL, equal);
        tail("six equal servers", 687, 730, equal);
        Outcomes half = run(weighted, 0.5);
        moved("one of six at half speed", 0, STILL, half);
        tail("one of six at half speed", 750, 920, half);
        tail("one of six at half speed, without dynamic weights", 940, 1_040, run(two, 0.5));
        Outcomes fifth = run(weighted, 0.2);
        moved("one of six at a fifth of the speed", 0, STILL, fifth);
        tail("one of six at a fifth of the speed", 1_000, 1_624, fifth);
        return rows;
    }

    private Contender with(DynamicWeights weights) {
        return two.with("dynamic weights", builder -> builder.dynamicWeights(weights));
    }

    private Outcomes run(Contender contender, double speed) {
        List<ServerSpec> servers = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
            servers.add(ServerSpec.queue(8, Demand.exponential(150)).speedOfStart(Speed.of(i == 0 ? speed : 1)));
        }
        Arrivals arrivals = Arrivals.poisson(SERVERS * 8 / 0.15 * 0.8);
        Scenario scenario = new Scenario("weights", "", servers, 10, arrivals, 300).measuredFrom(10);
        return Simulation.run(scenario, contender, seed);
    }

    private void moved(String what, double low, double high, Outcomes seen) {
        rows.add(Row.between(
                "–", what + ": levels moved a minute", low, high, seen.median(Figure.LEVEL_CHANGES), 3, ""));
    }

    private void tail(String what, double low, double high, Outcomes seen) {
        rows.add(Row.between("–", what + ": p99", low, high, seen.median(Figure.P99), 0, "ms"));
    }
}
