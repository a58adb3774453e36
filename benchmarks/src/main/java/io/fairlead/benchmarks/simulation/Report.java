// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.run.Contender;
import io.fairlead.benchmarks.simulation.run.Figure;
import io.fairlead.benchmarks.simulation.run.Outcomes;
import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The report as Markdown and its charts as SVG, from results; the same results give the same bytes. */
final class Report {
    private static final List<String> DRAWN = List.of(
            "adaptive",
            "adaptive + ejection",
            "least_request",
            "peak_ewma",
            "round_robin",
            "oracle",
            "best of all, 2 ms stale",
            "best of two, 2 ms stale");
    private static final List<Figure> WITH_FAULT = List.of(
            Figure.SUCCESS,
            Figure.WITHIN,
            Figure.P50,
            Figure.P99,
            Figure.P999,
            Figure.BAD_SHARE,
            Figure.DETECT,
            Figure.RECOVER,
            Figure.WASTED,
            Figure.FALSE_EJECTIONS,
            Figure.PANIC_SECONDS);
    private static final List<Figure> LARGE = List.of(
            Figure.SUCCESS,
            Figure.WITHIN,
            Figure.P50,
            Figure.P99,
            Figure.P999,
            Figure.BAD_SHARE,
            Figure.LONGEST_QUEUE,
            Figure.CONNECTIONS,
            Figure.CLIENTS,
            Figure.JAIN);
    private static final List<Figure> WITHOUT_FAULT = List.of(
            Figure.SUCCESS,
            Figure.WITHIN,
            Figure.P50,
            Figure.P99,
            Figure.P999,
            Figure.SPREAD,
            Figure.MAX_OVER_MEAN,
            Figure.JAIN,
            Figure.LONGEST_QUEUE,
            Figure.FALSE_EJECTIONS,
            Figure.CONNECTIONS);

    private final StringBuilder text = new StringBuilder();
    private final StringBuilder figures = new StringBuilder("scenario,policy");
    private final Map<String, int[]> metOfAll = new TreeMap<>();
    private final Map<String, String> charts = new TreeMap<>();

    Report(int seeds) {
        text.append(Prose.OPENING.formatted(seeds == 1 ? "one seed" : seeds + " seeds"));
        for (Figure figure : Figure.values()) {
            figures.append(',').append(figure.title().replace(",", ""));
        }
        figures.append('\n');
    }

    void rows(String title, String introduction, List<Row> rows) {
        text.append("\n## ").append(title).append("\n\n").append(introduction).append("\n\n");
        text.append("| target | what | expected | seen | |\n|---|---|---|---|---|\n");
        for (Row row : rows) {
            text.append("| ")
                    .append(row.number())
                    .append(" | ")
                    .append(row.what())
                    .append(" | ")
                    .append(row.expected());
            text.append(" | ").append(row.seenText()).append(" | ").append(row.isMet() ? "met" : "**differs**");
            text.append(" |\n");
            int[] counts = metOfAll.computeIfAbsent(row.number(), unused -> new int[2]);
            counts[0] += row.isMet() ? 1 : 0;
            counts[1]++;
        }
    }

    /** Where each target is proven; after all rows. */
    void targets(List<Target> targets) {
        text.append("\n## Every target\n\n").append(Prose.TARGETS).append("\n\n");
        text.append("| target | what | rows met | tests |\n|---|---|--:|---|\n");
        for (Target target : targets) {
            int[] counts = metOfAll.get(Integer.toString(target.number()));
            List<String> proofs = new ArrayList<>();
            target.tests().forEach(test -> proofs.add("`" + test + "`"));
            if (!target.note().isEmpty()) {
                proofs.add(target.note());
            }
            text.append("| ")
                    .append(target.number())
                    .append(" | ")
                    .append(target.what())
                    .append(" | ");
            text.append(counts == null ? "" : counts[0] + " of " + counts[1]);
            text.append(" | ").append(String.join("; ", proofs)).append(" |\n");
        }
    }

    void catalogue() {
        text.append("\n## The catalogue\n\n").append(Prose.CATALOGUE).append('\n');
    }

    void scenario(Scenario scenario, Map<Contender, Outcomes> results) {
        boolean hasFault = scenario.servers().stream().anyMatch(ServerSpec::isBad);
        text.append("\n### ").append(scenario.name()).append("\n\n").append(scenario.sentence());
        text.append(" In time means within ")
                .append(scenario.inTimeNanos() / 1_000_000)
                .append(" ms.\n\n");
        table(scenario, scenario.isLarge() ? LARGE : hasFault ? WITH_FAULT : WITHOUT_FAULT, results);
        results.forEach((contender, seen) -> figures.append(figures(scenario, contender, seen)));
        chart(scenario, results, "p99", "p99 of the calls of each second, failed calls counted as the wait", true);
        if (hasFault) {
            String whose = scenario.isOfNewcomers() ? "new" : "bad";
            String title = "Share of the " + whose + " instances, of all attempts of each second";
            chart(scenario, results, "share", title, false);
        }
        if (hasFault && !scenario.isOfNewcomers()) {
            bars(scenario, results);
        }
    }

    String markdown() {
        return text.toString();
    }

    /** Every figure of the catalogue, medians, a line for each scenario and policy. */
    String csv() {
        return figures.toString();
    }

    private static String figures(Scenario scenario, Contender contender, Outcomes seen) {
        StringBuilder line = new StringBuilder(scenario.name())
                .append(",\"")
                .append(contender.name())
                .append('"');
        for (Figure figure : Figure.values()) {
            double value = seen.median(figure);
            line.append(',').append(Double.isNaN(value) ? "" : figure.text(value));
        }
        return line.append('\n').toString();
    }

    /** File names and contents. */
    Map<String, String> charts() {
        return charts;
    }

    private void table(Scenario scenario, List<Figure> figures, Map<Contender, Outcomes> results) {
        text.append("| policy |");
        String whose = scenario.isOfNewcomers() ? "the new" : "the bad";
        figures.forEach(figure -> text.append(' ')
                .append(figure.title().replace("the bad", whose))
                .append(" |"));
        text.append("\n|---|").append("--:|".repeat(figures.size())).append('\n');
        results.forEach((contender, seen) -> text.append(row(figures, contender, seen)));
        text.append('\n');
    }

    static String row(List<Figure> figures, Contender contender, Outcomes seen) {
        StringBuilder row = new StringBuilder("| ").append(contender.name()).append(" |");
        for (Figure figure : figures) {
            row.append(' ').append(figure.text(seen.median(figure)));
            boolean shows = figure == Figure.P999 || figure == Figure.DETECT || figure == Figure.RECOVER;
            String least = figure.text(seen.least(figure));
            String most = figure.text(seen.most(figure));
            if (shows && !least.equals(most)) {
                row.append(" (").append(least).append(" … ").append(most).append(')');
            }
            row.append(" |");
        }
        return row.append('\n').toString();
    }

    private void chart(
            Scenario scenario, Map<Contender, Outcomes> results, String kind, String title, boolean latency) {
        LineChart chart = new LineChart(scenario.name() + ": " + title, latency ? "ms" : "%", latency, scenario);
        results.forEach((contender, seen) -> {
            int colour = DRAWN.indexOf(contender.name());
            if (colour >= 0) {
                chart.add(contender.name(), colour, latency ? seen.p99BySecond() : seen.badShareBySecond());
            }
        });
        add(scenario.name() + "-" + kind + ".svg", title, chart.svg());
    }

    private void bars(Scenario scenario, Map<Contender, Outcomes> results) {
        String title = "Time to leave the bad instances and to come back";
        BarChart chart =
                new BarChart(scenario.name() + ": " + title, scenario.faultUntil() > scenario.seconds() ? 30 : 20);
        results.forEach((contender, seen) ->
                chart.add(contender.name(), seen.median(Figure.DETECT), seen.median(Figure.RECOVER)));
        add(scenario.name() + "-times.svg", title, chart.svg());
    }

    private void add(String file, String title, String svg) {
        charts.put(file, svg);
        text.append("![").append(title).append("](charts/").append(file).append(")\n\n");
    }
}
