// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Figure;
import io.fairlead.benchmarks.simulation.run.Outcomes;
import io.fairlead.benchmarks.simulation.run.Simulation;
import io.fairlead.benchmarks.simulation.scenario.Published;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Published experiments and what came out of them here; the default policy's own bands among them. Each figure is the median
 * over the seeds. Policies run by themselves, nothing ejected, unless it says otherwise. The numbers of the rows are those of
 * {@link Targets}. Stateless.
 */
final class Bands {
    private final int seeds;

    Bands(int seeds) {
        this.seeds = seeds;
    }

    /** What must hold of the default policy, judged for any contender that claims to be it. */
    List<Row> ofDefault(Contender ours) {
        List<Row> rows = new ArrayList<>();
        String name = ours.name() + ": ";
        Outcomes buoyant = run(Published.beyondRoundRobin(), ours);
        rows.add(Row.atLeast(
                "16",
                name + "calls under 1 s with one of 11 stuck at 2 s for 30 of 60 s",
                99.9,
                buoyant.median(Figure.WITHIN),
                2,
                "%"));
        rows.add(Row.atMost("16", name + "p99.9 there", 250, buoyant.median(Figure.P999), 0, "ms"));
        Outcomes sinkhole = run(Published.sinkhole(), ours);
        rows.add(Row.atMost(
                "40",
                name + "share of a fast-failing instance, one of ten, 200 calls a second",
                0.2,
                sinkhole.median(Figure.BAD_SHARE),
                2,
                "%"));
        rows.add(Row.atMost(
                "40",
                name + "back to half its fair share after the repair",
                10,
                sinkhole.median(Figure.RECOVER),
                2,
                "s"));
        rows.add(Row.atMost(
                "40",
                name + "failed calls while one of ten busy instances fails fast, 20 clients",
                0.15,
                run(Published.busySinkhole(), ours).median(Figure.BAD_SHARE),
                3,
                "%"));
        addTail(
                rows,
                "41",
                name + "one of ten pauses (40 times slower for 1 s in 20)",
                Published.gcPause(1),
                ours,
                160);
        addTail(rows, "42", name + "one of ten at half speed", Published.halfSpeed(), ours, 175);
        // The newcomer's part of a second is two dozen calls: five seeds say little of the least of them.
        Outcomes join = new Bands(5 * seeds).run(Published.coldJoin(true), ours);
        addTail(rows, "43", name + "a cold instance joins, the 20 s after", Published.coldJoin(true), ours, 180);
        rows.add(Row.atLeast(
                "43",
                name + "least share of the newcomer in any of these seconds",
                1,
                join.median(Figure.LEAST_SHARE),
                2,
                "%"));
        return rows;
    }

    /** The same where the targets do not fit, or with all that surrounds the policy: shown, not demanded. */
    List<Row> ofDefaultElsewhere(Contender ours) {
        List<Row> rows = new ArrayList<>();
        Contender shipped = ours.withGuards();
        rows.add(Row.atMost(
                "40",
                shipped.name() + ": share of a fast-failing instance, one of ten, 200 calls a second",
                0.2,
                run(Published.sinkhole(), shipped).median(Figure.BAD_SHARE),
                2,
                "%"));
        rows.add(Row.atMost(
                "40",
                shipped.name() + ": back to half its fair share after half a minute of failures",
                10,
                run(Published.sinkhole(), shipped).median(Figure.RECOVER),
                2,
                "s"));
        rows.add(Row.atMost(
                "40",
                shipped.name() + ": failed calls while one of ten busy instances fails fast, 20 clients",
                0.15,
                run(Published.busySinkhole(), shipped).median(Figure.BAD_SHARE),
                3,
                "%"));
        Scenario slow = Published.longColdJoin(true);
        addTail(rows, "43", ours.name() + ": a cold instance that stays cold longer joins", slow, ours, 180);
        rows.add(Row.atLeast(
                "43",
                ours.name() + ": its least share in any of these seconds",
                1,
                run(slow, ours).median(Figure.LEAST_SHARE),
                2,
                "%"));
        addTail(rows, "43", ours.name() + ": the same without slow start", Published.longColdJoin(false), ours, 180);
        return rows;
    }

    private void addTail(List<Row> rows, String number, String what, Scenario scenario, Contender ours, double p999) {
        Outcomes seen = run(scenario, ours);
        rows.add(Row.atMost(number, what + ": p99", 105, seen.median(Figure.P99), 1, "ms"));
        rows.add(Row.atMost(number, what + ": p99.9", p999, seen.median(Figure.P999), 1, "ms"));
    }

    private Outcomes run(Scenario scenario, Contender contender) {
        return Outcomes.of(IntStream.rangeClosed(1, seeds)
                .mapToObj(seed -> Simulation.run(scenario, contender, seed))
                .toList());
    }
}
