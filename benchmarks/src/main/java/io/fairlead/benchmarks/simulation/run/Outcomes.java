// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of one run, or the medians of several with their extremes, and two curves by the second. Immutable.
 */
public final class Outcomes {
    private final Map<Figure, double[]> sorted;
    private final double[] p99BySecond;
    private final double[] badShareBySecond;

    private Outcomes(Map<Figure, double[]> sorted, double[] p99BySecond, double[] badShareBySecond) {
        this.sorted = sorted;
        this.p99BySecond = p99BySecond;
        this.badShareBySecond = badShareBySecond;
    }

    public static Outcomes of(Map<Figure, Double> figures, double[] p99BySecond, double[] badShareBySecond) {
        Map<Figure, double[]> single = new EnumMap<>(Figure.class);
        figures.forEach((figure, value) -> single.put(figure, new double[] {value}));
        return new Outcomes(single, p99BySecond, badShareBySecond);
    }

    /** The runs of several seeds; the curves are the first one's. */
    public static Outcomes of(List<Outcomes> runs) {
        Map<Figure, double[]> all = new EnumMap<>(Figure.class);
        for (Figure figure : Figure.values()) {
            double[] values = runs.stream()
                    .mapToDouble(run -> run.median(figure))
                    .sorted()
                    .toArray();
            all.put(figure, values);
        }
        return new Outcomes(all, runs.get(0).p99BySecond, runs.get(0).badShareBySecond);
    }

    public double median(Figure figure) {
        double[] values = sorted.get(figure);
        return values == null ? Double.NaN : values[(values.length - 1) / 2];
    }

    public double least(Figure figure) {
        double[] values = sorted.get(figure);
        return values == null ? Double.NaN : values[0];
    }

    public double most(Figure figure) {
        double[] values = sorted.get(figure);
        return values == null ? Double.NaN : values[values.length - 1];
    }

    public double[] p99BySecond() {
        return p99BySecond.clone();
    }

    public double[] badShareBySecond() {
        return badShareBySecond.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Outcomes that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** Every digit of everything: two runs are the same when this is. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        sorted.forEach((figure, values) -> text.append(figure).append(Arrays.toString(values)));
        return text.append(Arrays.toString(p99BySecond))
                .append(Arrays.toString(badShareBySecond))
                .toString();
    }
}
