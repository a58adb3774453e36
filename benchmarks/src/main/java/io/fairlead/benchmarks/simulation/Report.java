// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The report as Markdown and its charts as SVG, from results; the same results give the same bytes. */
final class Report {
    private static final List<String> DRAWN =
            List.of("adaptive", "adaptive + ejection", "least_request", "peak_ewma", "round_robin", "oracle");
    private static final List<Figure> WITH_FAULT = List.of(
            Figure.SUCCESS,
            Figure.WITHIN,
            Figure.P50,
            Figure.P99,
            Figure.P999,
            Figure.BAD_SHARE,
            Figure.DETECT,
            Figure.RECOVER,
            Figure.FALSE_EJECTIONS,
            Figure.PANICS);
    private static final List<Figure> WITHOUT_FAULT = List.of(
            Figure.SUCCESS,
            Figure.WITHIN,
            Figure.P50,
            Figure.P99,
            Figure.P999,
            Figure.SPREAD,
            Figure.MAX_OVER_MEAN,
            Figure.LONGEST_QUEUE,
            Figure.FALSE_EJECTIONS,
            Figure.CONNECTIONS);

    private final StringBuilder text = new StringBuilder();
    private final Map<String, String> charts = new TreeMap<>();

    Report(int seeds) {
        text.append(Prose.OPENING.formatted(seeds == 1 ? "one seed" : seeds + " seeds"));
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
        table(hasFault ? WITH_FAULT : WITHOUT_FAULT, results);
        chart(scenario, results, "p99", "p99 of the calls of each second, failed calls counted as the wait", true);
        if (hasFault) {
            chart(scenario, results, "share", "Share of the bad instances, of all attempts of each second", false);
            bars(scenario, results);
        }
    }

    String markdown() {
        return text.toString();
    }

    /** File names and contents. */
    Map<String, String> charts() {
        return charts;
    }

    private void table(List<Figure> figures, Map<Contender, Outcomes> results) {
        text.append("| policy |");
        figures.forEach(figure -> text.append(' ').append(figure.title()).append(" |"));
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
            if (DRAWN.contains(contender.name())) {
                chart.add(contender.name(), latency ? seen.p99BySecond() : seen.badShareBySecond());
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
