// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.world.Decimal;
import java.util.ArrayList;
import java.util.List;

/** How long each contender takes to leave a bad instance and to come back to it: two bars each. */
final class BarChart {
    private static final int WIDTH = 860;
    private static final int LEFT = 210;
    private static final int RIGHT = 90;
    private static final int TOP = 62;
    private static final int ROW = 34;
    private static final String DETECTED = "#1f77b4";
    private static final String RECOVERED = "#2ca02c";

    private final String title;
    private final double longest;
    private final List<String> names = new ArrayList<>();
    private final List<double[]> values = new ArrayList<>();

    /** @param longest what "never" is drawn as, in seconds */
    BarChart(String title, double longest) {
        this.title = title;
        this.longest = longest;
    }

    void add(String name, double detected, double recovered) {
        names.add(name);
        values.add(new double[] {detected, recovered});
    }

    String svg() {
        Svg svg = new Svg(WIDTH, TOP + ROW * names.size() + 20, title);
        svg.rectangle(LEFT, 34, 12, 12, DETECTED);
        svg.label(LEFT + 18, 44, "until its share is below half of fair", "start", "#222222", false);
        svg.rectangle(LEFT + 280, 34, 12, 12, RECOVERED);
        svg.label(LEFT + 298, 44, "after the repair, until it is back above", "start", "#222222", false);
        for (int i = 0; i < names.size(); i++) {
            double y = TOP + ROW * i;
            svg.label(LEFT - 8, y + 18, names.get(i), "end", "#222222", i == 0);
            bar(svg, y + 3, values.get(i)[0], DETECTED);
            bar(svg, y + 16, values.get(i)[1], RECOVERED);
        }
        return svg.toString();
    }

    private void bar(Svg svg, double y, double seconds, String colour) {
        if (Double.isNaN(seconds)) {
            svg.label(LEFT + 4, y + 10, "–", "start", "#555555", false);
            return;
        }
        boolean never = Double.isInfinite(seconds);
        double width = (WIDTH - LEFT - RIGHT) * Math.min(1, seconds / longest);
        svg.rectangle(LEFT, y, Math.max(1, width), 11, never ? "#dddddd" : colour);
        svg.label(
                LEFT + width + 6, y + 10, never ? "never" : Decimal.text(seconds, 2) + " s", "start", "#555555", false);
    }
}
