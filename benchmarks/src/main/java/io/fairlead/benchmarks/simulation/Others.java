// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Contenders;
import io.fairlead.benchmarks.simulation.run.Figure;
import io.fairlead.benchmarks.simulation.run.Outcomes;
import io.fairlead.benchmarks.simulation.run.Simulation;
import io.fairlead.benchmarks.simulation.scenario.Published;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Published experiments with other policies than the default one, by themselves. Medians over the seeds. The numbers of the
 * rows are those of {@link Targets}. Stateless.
 */
final class Others {
    private final int seeds;

    Others(int seeds) {
        this.seeds = seeds;
    }

    /** What others saw. */
    List<Row> rows() {
        Contender turns = Contenders.named("round_robin");
        Contender two = Contenders.named("least_request");
        Contender all = Contenders.leastOfAll();
        Contender peak = Contenders.named("peak_ewma");
        List<Row> rows = new ArrayList<>();
        rows.add(between(
                "16",
                "round_robin: calls under 1 s in Buoyant's experiment",
                95.2,
                95.6,
                Published.beyondRoundRobin(),
                turns,
                Figure.WITHIN,
                "%"));
        rows.add(between(
                "16", "least_request: the same", 99.4, 99.6, Published.beyondRoundRobin(), two, Figure.WITHIN, "%"));
        rows.add(between(
                "16", "least_request: p99 there, fast", 167, 250, Published.beyondRoundRobin(), two, Figure.P99, "ms"));
        rows.add(between(
                "16",
                "least_request: p99.9 there, slow",
                1_990,
                2_010,
                Published.beyondRoundRobin(),
                two,
                Figure.P999,
                "ms"));
        rows.add(between(
                "17",
                "least of all: success in Dialogue's black hole",
                91.1,
                91.6,
                Published.blackHole(),
                all,
                Figure.SUCCESS,
                "%"));
        rows.add(between(
                "40",
                "least_request: share of a fast-failing instance",
                17.8,
                20,
                Published.sinkhole(),
                two,
                Figure.BAD_SHARE,
                "%"));
        rows.add(between("40", "least of all: the same", 50, 64, Published.sinkhole(), all, Figure.BAD_SHARE, "%"));
        rows.add(between(
                "40",
                "least_request: failed calls in the busy cluster",
                11.3,
                13.3,
                Published.busySinkhole(),
                two,
                Figure.BAD_SHARE,
                "%"));
        rows.add(between(
                "41", "least_request: p99.9 with pauses", 530, 560, Published.gcPause(1), two, Figure.P999, "ms"));
        rows.add(between(
                "41", "round_robin: p99 with pauses", 23_000, 24_600, Published.gcPause(1), turns, Figure.P99, "ms"));
        rows.add(between(
                "41",
                "least_request: p99.9 if they were pauses of 1.75 s",
                500,
                600,
                Published.gcPause(1.75),
                two,
                Figure.P999,
                "ms"));
        rows.add(between(
                "41",
                "round_robin: p99 if they were pauses of 8 s",
                23_000,
                24_600,
                Published.gcPause(8),
                turns,
                Figure.P99,
                "ms"));
        rows.add(between(
                "42",
                "least_request: p99 with one at half speed",
                115,
                127,
                Published.halfSpeed(),
                two,
                Figure.P99,
                "ms"));
        rows.add(between(
                "42",
                "least_request: p99.9 with one at half speed",
                197,
                217,
                Published.halfSpeed(),
                two,
                Figure.P999,
                "ms"));
        rows.add(between(
                "42", "peak_ewma: p99 with one at half speed", 95, 105, Published.halfSpeed(), peak, Figure.P99, "ms"));
        rows.add(between(
                "42",
                "peak_ewma: p99.9 with one at half speed",
                150,
                166,
                Published.halfSpeed(),
                peak,
                Figure.P999,
                "ms"));
        Scenario cold = Published.longColdJoin(false);
        Scenario ramp = Published.longColdJoin(true);
        rows.add(between("43", "least_request: p99 with a long cold join", 340, 370, cold, two, Figure.P99, "ms"));
        rows.add(between("43", "least_request: p99.9 with a long cold join", 790, 870, cold, two, Figure.P999, "ms"));
        rows.add(between("43", "least_request: p99 with slow start too", 117, 129, ramp, two, Figure.P99, "ms"));
        rows.add(between("43", "least_request: p99.9 with slow start too", 330, 370, ramp, two, Figure.P999, "ms"));
        return rows;
    }

    private Row between(
            String number,
            String what,
            double low,
            double high,
            Scenario scenario,
            Contender who,
            Figure figure,
            String unit) {
        return Row.between(number, what, low, high, run(scenario, who).median(figure), 2, unit);
    }

    private Outcomes run(Scenario scenario, Contender contender) {
        return Outcomes.of(IntStream.rangeClosed(1, seeds)
                .mapToObj(seed -> Simulation.run(scenario, contender, seed))
                .toList());
    }
}
