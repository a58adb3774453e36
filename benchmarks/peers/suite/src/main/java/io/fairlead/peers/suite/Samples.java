// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Every iteration of one benchmark, from all its forks. */
final class Samples {
    private final List<Double> nanos = new ArrayList<>();
    private double bytes = Double.MAX_VALUE;

    void add(JsonNode result) {
        result.at("/primaryMetric/rawData").forEach(fork -> fork.forEach(each -> nanos.add(each.asDouble())));
        bytes = Math.min(
                bytes,
                Math.max(
                        0,
                        result.at("/secondaryMetrics/gc.alloc.rate.norm/score").asDouble()));
    }

    /** Median, lowest and highest of the iterations; bytes of the fork that allocated least, free of what the JVM does beside. */
    void writeTo(ObjectNode row) {
        List<Double> sorted = nanos.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        row.put("ns", rounded(median));
        row.put("lowest", rounded(sorted.get(0)));
        row.put("highest", rounded(sorted.get(sorted.size() - 1)));
        row.put("bytes", Math.round(bytes));
        row.put("samples", sorted.size());
    }

    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, value < 1_000 ? "%.2f" : "%.0f", value));
    }
}
