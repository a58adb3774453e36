// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.benchmarks.simulation.scenario.Scenario;
import io.fairlead.benchmarks.simulation.world.Decimal;
import io.fairlead.benchmarks.simulation.world.ServerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Curves over the seconds of a run, on a plain or a logarithmic scale, with the time of the fault shaded. */
final class LineChart {
    private static final int WIDTH = 890;
    private static final int HEIGHT = 330;
    private static final int LEFT = 64;
    private static final int RIGHT = 220;
    private static final int TOP = 56;
    private static final int BOTTOM = 44;
    private static final double[] STEPS = {1, 2, 5};
    private static final double[] FINE_STEPS = {1, 1.5, 2, 3, 4, 5, 7};

    private final String title;
    private final String unit;
    private final boolean logarithmic;
    private final Scenario scenario;
    private final List<Curve> curves = new ArrayList<>();

    private record Curve(String name, String colour, double[] bySecond) {}

    LineChart(String title, String unit, boolean logarithmic, Scenario scenario) {
        this.title = title;
        this.unit = unit;
        this.logarithmic = logarithmic;
        this.scenario = scenario;
    }

    /** @param colour number of the curve's colour, the same in every chart */
    void add(String name, int colour, double[] bySecond) {
        curves.add(new Curve(name, Svg.COLOURS.get(colour % Svg.COLOURS.size()), bySecond));
    }

    String svg() {
        Svg svg = new Svg(WIDTH, HEIGHT, title);
        double low = logarithmic ? floor(extreme(false)) : 0;
        double high = logarithmic ? extreme(true) * 1.1 : ceiling(extreme(true));
        drawFault(svg);
        drawScale(svg, low, high);
        drawTime(svg);
        for (int i = curves.size() - 1; i >= 0; i--) {
            Curve curve = curves.get(i);
            svg.path(points(curve.bySecond(), low, high), curve.colour(), i == 0 ? 2.4 : 1.4);
        }
        drawLegend(svg);
        return svg.toString();
    }

    /** A curve that lies under another is named as the same. */
    private void drawLegend(Svg svg) {
        for (int i = 0; i < curves.size(); i++) {
            Curve curve = curves.get(i);
            Curve first = curves.stream()
                    .filter(other -> Arrays.equals(other.bySecond(), curve.bySecond()))
                    .findFirst()
                    .orElse(curve);
            double y = TOP + 14 + 20 * i;
            svg.line(WIDTH - RIGHT + 14, y - 4, WIDTH - RIGHT + 36, y - 4, first.colour(), i == 0 ? 3 : 2);
            String name = first == curve ? curve.name() : curve.name() + " (same)";
            svg.label(WIDTH - RIGHT + 42, y, name, "start", "#222222", i == 0);
        }
    }

    private void drawFault(Svg svg) {
        if (scenario.servers().stream().noneMatch(ServerSpec::isBad)) {
            return;
        }
        double from = x(scenario.faultFrom());
        double to = x(Math.min(scenario.faultUntil(), scenario.seconds()));
        svg.rectangle(from, TOP, to - from, HEIGHT - TOP - BOTTOM, "#fbeaea");
        svg.label((from + to) / 2, TOP - 4, scenario.isOfNewcomers() ? "new" : "fault", "middle", "#aa5555", false);
    }

    private void drawScale(Svg svg, double low, double high) {
        List<Double> ticks = logarithmic ? logarithmicTicks(low, high, STEPS) : plainTicks(high);
        for (double tick : ticks.size() > 2 ? ticks : logarithmicTicks(low, high, FINE_STEPS)) {
            double y = y(tick, low, high);
            svg.line(LEFT, y, WIDTH - RIGHT, y, "#e3e3e3", 1);
            svg.label(LEFT - 6, y + 4, number(tick), "end", "#555555", false);
        }
        svg.label(LEFT - 6, TOP - 14, unit, "end", "#555555", false);
    }

    private void drawTime(Svg svg) {
        double bottom = HEIGHT - BOTTOM;
        svg.line(LEFT, bottom, WIDTH - RIGHT, bottom, "#888888", 1);
        double step = scenario.seconds() > 45 ? 10 : scenario.seconds() > 15 ? 5 : 1;
        for (double at = 0; at <= scenario.seconds(); at += step) {
            svg.line(x(at), bottom, x(at), bottom + 4, "#888888", 1);
            svg.label(x(at), bottom + 18, number(at), "middle", "#555555", false);
        }
        svg.label((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "seconds", "middle", "#555555", false);
    }

    private double[] points(double[] values, double low, double high) {
        List<Double> points = new ArrayList<>();
        for (int second = 0; second < values.length; second++) {
            if (!Double.isNaN(values[second])) {
                points.add(x(second + 0.5));
                points.add(y(values[second], low, high));
            }
        }
        return points.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private double x(double second) {
        return LEFT + (WIDTH - LEFT - RIGHT) * second / scenario.seconds();
    }

    private double y(double value, double low, double high) {
        double share = logarithmic ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : value / high;
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
    }

    private double extreme(boolean most) {
        double found = most ? 0 : Double.MAX_VALUE;
        for (Curve curve : curves) {
            for (double value : curve.bySecond()) {
                if (!Double.isNaN(value) && (value > 0 || most)) {
                    found = most ? Math.max(found, value) : Math.min(found, value);
                }
            }
        }
        return found;
    }

    /** The largest 1, 2 or 5 times a power of ten that is not above a value. */
    private static double floor(double value) {
        double best = 1e-3;
        for (double tick : logarithmicTicks(1e-3, value, STEPS)) {
            best = tick;
        }
        return best;
    }

    private static double ceiling(double value) {
        for (double tick : logarithmicTicks(1, 1e6, STEPS)) {
            if (tick >= value) {
                return tick;
            }
        }
        return value;
    }

    private static List<Double> logarithmicTicks(double low, double high, double[] steps) {
        List<Double> ticks = new ArrayList<>();
        for (int exponent = -3; exponent < 7; exponent++) {
            for (double step : steps) {
                double tick = exponent < 0 ? step / Math.pow(10, -exponent) : step * Math.pow(10, exponent);
                if (tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    private static List<Double> plainTicks(double high) {
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i <= 5; i++) {
            ticks.add(high * i / 5);
        }
        return ticks;
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Decimal.text(value, 0) : Decimal.text(value, 1);
    }
}
