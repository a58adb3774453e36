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
        put(row, "ns", median);
        put(row, "lowest", sorted.get(0));
        put(row, "highest", sorted.get(sorted.size() - 1));
        row.put("bytes", Math.round(bytes));
        row.put("samples", sorted.size());
    }

    private static void put(ObjectNode row, String name, double value) {
        if (value < 1_000) {
            row.put(name, Double.parseDouble(String.format(Locale.ROOT, "%.2f", value)));
        } else {
            row.put(name, Math.round(value));
        }
    }
}
