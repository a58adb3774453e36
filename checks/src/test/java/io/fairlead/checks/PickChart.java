// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The README's chart: nanoseconds of a pick by the length of the list, both on logarithmic scales, in two panels. */
final class PickChart {
    private static final int[] SIZES = {10, 100, 1_000, 10_000};
    private static final int TOP = 66;
    private static final int BOTTOM = 400;
    private static final int WIDTH = 300;

    private record Series(String of, String policy, String label, String colour, String style) {}

    private record Line(Series series, double[] nanos) {
        double last() {
            return nanos[nanos.length - 1];
        }
    }

    private static final String LIMIT = "stroke-dasharray=\"5 4\" stroke-width=\"1.6\"";
    private static final String OURS = "stroke-width=\"3.6\"";
    private static final String PEER = "stroke-width=\"1.6\"";

    private static final List<Series> LEARNING = List.of(
            new Series("baseline", "timed_two_choices", "limit: by hand", "#555555", LIMIT),
            new Series("fairlead", "adaptive", "Fairlead adaptive", "#0072b2", OURS),
            new Series("grpc", "least_request_experimental", "gRPC least request", "#009e73", PEER),
            new Series("stork", "power-of-two-choices", "Stork two choices", "#d55e00", PEER),
            new Series("stork", "least-response-time", "Stork response time", "#d55e00", PEER),
            new Series("dubbo", "adaptive", "Dubbo adaptive", "#cc79a7", PEER),
            new Series("dubbo", "leastactive", "Dubbo least active", "#cc79a7", PEER),
            new Series("ribbon", "zone_avoidance", "Ribbon zone avoidance", "#a6761d", PEER));

    private static final List<Series> TURNS = List.of(
            new Series("baseline", "shared_counter", "limit: one counter", "#555555", LIMIT),
            new Series("fairlead", "round_robin", "Fairlead", "#0072b2", OURS),
            new Series("armeria", "round_robin", "Armeria", "#e69f00", PEER),
            new Series("grpc", "round_robin", "gRPC", "#009e73", PEER),
            new Series("ribbon", "round_robin", "Ribbon", "#a6761d", PEER),
            new Series("spring", "blocking_client", "Spring", "#66a61e", PEER),
            new Series("stork", "round-robin", "Stork", "#d55e00", PEER),
            new Series("dubbo", "roundrobin", "Dubbo", "#cc79a7", PEER));

    private final JsonNode results;
    private final int decades;
    private final StringBuilder svg = new StringBuilder();

    PickChart(JsonNode results) {
        this.results = results;
        double slowest = 0;
        for (Series series : LEARNING) {
            slowest = Math.max(slowest, new Line(series, nanos(series)).last());
        }
        for (Series series : TURNS) {
            slowest = Math.max(slowest, new Line(series, nanos(series)).last());
        }
        decades = (int) Math.ceil(Math.log10(slowest));
    }

    String svg() {
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1010 456\" font-family=\"sans-serif\" ")
                .append("font-size=\"12\" fill=\"#222222\">\n<rect width=\"1010\" height=\"456\" fill=\"#ffffff\"/>\n");
        text(
                16,
                24,
                "start",
                "16",
                "One pick and its completion, by the number of instances (one thread; lower is better)");
        panel(66, "Policies that learn from calls", LEARNING);
        panel(578, "Round robin", TURNS);
        JsonNode machine = results.path("machine");
        text(
                16,
                446,
                "start",
                "11",
                machine.path("processor").asText() + ", " + machine.path("java").asText() + ", "
                        + machine.path("date").asText() + ", medians; made from benchmarks/results/peers.json");
        return svg.append("</svg>\n").toString();
    }

    private void panel(int left, String title, List<Series> wanted) {
        text(left, 50, "start", "13", title);
        for (int decade = 0; decade <= decades; decade++) {
            double y = y(Math.pow(10, decade));
            format("<path d=\"M%d %.1fh%d\" stroke=\"#dddddd\"/>%n", left, y, WIDTH);
            text(left - 6, y + 4, "end", "11", nanos(decade));
        }
        for (int i = 0; i < SIZES.length; i++) {
            String size = String.format(Locale.ROOT, "%,d", SIZES[i]);
            text(x(left, i), BOTTOM + 18, i == SIZES.length - 1 ? "end" : "middle", "11", size);
        }
        List<Line> lines = new ArrayList<>();
        wanted.forEach(series -> lines.add(new Line(series, nanos(series))));
        lines.forEach(line -> draw(left, line));
        label(left, lines);
    }

    private void draw(int left, Line line) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < SIZES.length; i++) {
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f", i == 0 ? "M" : "L", x(left, i), y(line.nanos()[i])));
        }
        format(
                "<path d=\"%s\" fill=\"none\" stroke=\"%s\" %s stroke-linejoin=\"round\"/>%n",
                path, line.series().colour(), line.series().style());
    }

    /** At the lines' right ends, from the top down, never closer than 14 apart. */
    private void label(int left, List<Line> lines) {
        List<Line> slowestFirst = lines.stream()
                .sorted(Comparator.comparingDouble(Line::last).reversed())
                .toList();
        double[] at = new double[lines.size()];
        for (int i = 0; i < at.length; i++) {
            at[i] = i == 0
                    ? y(slowestFirst.get(i).last())
                    : Math.max(y(slowestFirst.get(i).last()), at[i - 1] + 14);
        }
        // whatever was pushed below the axis goes back up
        for (int i = at.length - 1; i >= 0; i--) {
            at[i] = Math.min(at[i], i == at.length - 1 ? BOTTOM - 2 : at[i + 1] - 14);
        }
        for (int i = 0; i < at.length; i++) {
            Series series = slowestFirst.get(i).series();
            format(
                    "<path d=\"M%d %.1fL%d %.1f\" stroke=\"%s\" stroke-width=\"0.7\"/>%n",
                    left + WIDTH, y(slowestFirst.get(i).last()), left + WIDTH + 12, at[i], series.colour());
            format(
                    "<text x=\"%d\" y=\"%.1f\" fill=\"%s\"%s>%s</text>%n",
                    left + WIDTH + 15,
                    at[i] + 4,
                    series.colour(),
                    series.style().equals(OURS) ? " font-weight=\"bold\"" : "",
                    series.label());
        }
    }

    private double[] nanos(Series series) {
        double[] nanos = new double[SIZES.length];
        for (JsonNode row : results.path("picks")) {
            for (int i = 0; i < SIZES.length; i++) {
                if (row.path("of").asText().equals(series.of())
                        && row.path("policy").asText().equals(series.policy())
                        && row.path("threads").asInt() == 1
                        && row.path("size").asInt() == SIZES[i]) {
                    nanos[i] = row.path("ns").asDouble();
                }
            }
        }
        for (double each : nanos) {
            if (each <= 0) {
                throw new AssertionError("not measured: " + series);
            }
        }
        return nanos;
    }

    private static String nanos(int decade) {
        return List.of("1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s")
                .get(decade);
    }

    private static double x(int left, int size) {
        return left + size * WIDTH / (SIZES.length - 1.0);
    }

    private double y(double nanos) {
        return BOTTOM - Math.log10(nanos) * (BOTTOM - TOP) / decades;
    }

    private void text(double x, double y, String anchor, String size, String text) {
        format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%s\">%s</text>%n", x, y, anchor, size, text);
    }

    private void format(String format, Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments));
    }
}
