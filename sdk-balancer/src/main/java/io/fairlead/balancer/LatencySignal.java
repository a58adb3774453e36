// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/** Which figure of a window's latencies dynamic weights compare with their bands. */
public enum LatencySignal {
    /** The mean, the default: what most services' dashboards show, and one long call in twenty moves it. */
    MEAN(Double.NaN),
    /** The median: what the usual call takes, however long the longest do. */
    MEDIAN(0.5),
    /** What nine calls of ten stay below. */
    P90(0.9);

    private final double quantile;

    LatencySignal(double quantile) {
        this.quantile = quantile;
    }

    WindowLatency newWindow() {
        return this == MEAN ? new WindowLatency.Mean() : new WindowLatency.Quantile(quantile);
    }
}
