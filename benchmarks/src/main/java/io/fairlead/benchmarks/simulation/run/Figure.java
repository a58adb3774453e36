// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.benchmarks.simulation.world.Decimal;

/** What is measured of a run, and how it is written. */
public enum Figure {
    CALLS("calls", 0, ""),
    SUCCESS("success", 3, "%"),
    WITHIN("in time", 3, "%"),
    MEAN("mean", 2, "ms"),
    P50("p50", 1, "ms"),
    P99("p99", 1, "ms"),
    P999("p99.9", 1, "ms"),
    P9999("p99.99", 1, "ms"),
    BAD_SHARE("share of the bad", 2, "%"),
    LEAST_SHARE("least share of the bad in a second", 2, "%"),
    DETECT("detected after", 2, "s"),
    RECOVER("recovered after", 2, "s"),
    LEFT("below half its share, the second that begins", 2, "s"),
    BACK("half its share again, the second that begins", 2, "s"),
    MAX_OVER_MEAN("busiest / mean", 3, ""),
    SPREAD("spread over 10 s (CV)", 3, ""),
    JAIN("Jain's index", 4, ""),
    UNEVEN("seconds with busiest / idlest ≥ 2.5", 2, "%"),
    WORST_TEN("busiest / idlest in the worst 10 s", 2, ""),
    FALSE_EJECTIONS("healthy ejected", 0, ""),
    PANICS("panics", 0, ""),
    PANIC_SECONDS("seconds in panic", 2, ""),
    LEVEL_CHANGES("weight levels moved a minute", 3, ""),
    LONGEST_QUEUE("longest queue", 0, ""),
    WASTED("work for nobody", 2, "%"),
    ATTEMPTS("attempts a call", 4, ""),
    OUTSTANDING("mean outstanding (L)", 3, ""),
    LITTLE("rate × mean latency (λW)", 3, ""),
    CONNECTIONS("instances a client used", 0, ""),
    CLIENTS("most clients of an instance", 0, "");

    private final String title;
    private final int digits;
    private final String unit;

    Figure(String title, int digits, String unit) {
        this.title = title;
        this.digits = digits;
        this.unit = unit;
    }

    public String title() {
        return unit.isEmpty() ? title : title + ", " + unit;
    }

    String unit() {
        return unit;
    }

    /** The value as the report shows it; a dash where there is none. */
    public String text(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        if (Double.isInfinite(value)) {
            return "never";
        }
        return Decimal.text(value, digits);
    }
}
