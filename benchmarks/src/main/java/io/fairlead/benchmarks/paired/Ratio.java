// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.paired;

import java.util.ArrayList;
import java.util.List;

/**
 * The median of paired ratios and its 95 % interval, which assumes nothing of their distribution: the order statistics
 * {@code n/2 ± 0.98 √n} (the normal approximation of the sign test).
 */
record Ratio(double median, double low, double high) {

    static Ratio of(double[] of, double[] against) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < of.length; i++) {
            ratios.add(of[i] / against[i]);
        }
        ratios.sort(null);
        int n = ratios.size();
        int reach = (int) Math.ceil(0.98 * Math.sqrt(n));
        return new Ratio(
                median(ratios), ratios.get(Math.max(0, n / 2 - reach)), ratios.get(Math.min(n - 1, n / 2 + reach)));
    }

    static double median(List<Double> sorted) {
        int n = sorted.size();
        return n % 2 == 1 ? sorted.get(n / 2) : (sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2;
    }
}
