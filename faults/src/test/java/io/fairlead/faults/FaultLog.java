// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.TreeMap;

/** Writes down what was seen, for {@code docs/faults.md}; only when the run was asked to. */
final class FaultLog {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private FaultLog() {}

    /** One row: the number in the catalogue, what was done, what must hold, what was seen, and whether it held. */
    static void record(String number, String fault, String expected, String seen, boolean met) {
        System.out.println(number + " " + fault + ": " + seen + (met ? "" : "  NOT MET: " + expected));
        if (!Boolean.getBoolean("faults.record")) {
            return;
        }
        File file = new File(System.getProperty("faults.file"));
        try {
            TreeMap<String, Object> rows = new TreeMap<>();
            if (file.exists()) {
                JSON.readTree(file).properties().forEach(row -> rows.put(row.getKey(), row.getValue()));
            }
            ObjectNode row = JSON.createObjectNode();
            row.put("fault", fault).put("expected", expected).put("seen", seen).put("met", met);
            rows.put(number, row);
            JSON.writeValue(file, rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A time that should be within {@code criterion} seconds; three times as much fails the test. */
    static boolean within(double seconds, double criterion) {
        assertThat(seconds).isLessThan(3 * criterion);
        return seconds <= criterion;
    }

    static String seconds(double value) {
        return String.format(Locale.ROOT, "%.2f s", value);
    }

    static String percent(double ratio) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * ratio);
    }

    static String millis(double value) {
        return String.format(Locale.ROOT, "%.1f ms", value);
    }
}
