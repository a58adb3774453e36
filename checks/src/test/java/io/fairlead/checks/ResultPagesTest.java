// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** {@code docs/faults.md} and {@code docs/benchmarks.md} say what the committed results say. */
class ResultPagesTest {

    @Test
    void faults() throws IOException {
        StringBuilder table = new StringBuilder("| | fault | expected | seen | met |\n|---|---|---|---|---|\n");
        JsonNode rows = GeneratedBlock.results("faults.json");
        for (Map.Entry<String, JsonNode> row : rows.properties()) {
            table.append("| ").append(row.getKey());
            for (String column : List.of("fault", "expected", "seen")) {
                table.append(" | ").append(row.getValue().get(column).asText());
            }
            table.append(" | ")
                    .append(row.getValue().get("met").asBoolean() ? "yes" : "**no**")
                    .append(" |\n");
        }
        assertThat(rows.size()).isGreaterThan(20);
        GeneratedBlock.check(GeneratedBlock.TOP.resolve("docs/faults.md"), "faults", table.toString());
    }

    @Test
    void jmh() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        for (JsonNode result : GeneratedBlock.results("jmh.json")) {
            String name = result.get("benchmark").asText().replaceAll("^.*\\.(\\w+\\.\\w+)$", "$1");
            List<String> parameters = new ArrayList<>();
            result.path("params")
                    .properties()
                    .forEach(each -> parameters.add(each.getValue().asText()));
            JsonNode time = result.get("primaryMetric");
            JsonNode bytes = result.path("secondaryMetrics").path("gc.alloc.rate.norm");
            String key = String.format(
                    Locale.ROOT,
                    "%s | %s | %d",
                    name,
                    String.join(", ", parameters),
                    result.get("threads").asInt());
            rows.put(
                    key,
                    String.format(
                            Locale.ROOT,
                            "%.1f ± %s | %s | %.0f",
                            time.get("score").asDouble(),
                            error(time.get("scoreError").asText()),
                            time.get("scoreUnit").asText(),
                            Math.max(0, bytes.path("score").asDouble())));
        }
        StringBuilder table = new StringBuilder(
                "| benchmark | parameters | threads | score ± error | unit | B/op |\n|---|---|---|---|---|---|\n");
        rows.forEach((key, row) ->
                table.append("| ").append(key).append(" | ").append(row).append(" |\n"));
        GeneratedBlock.check(GeneratedBlock.TOP.resolve("docs/benchmarks.md"), "jmh", table.toString());
    }

    @Test
    void registries() throws IOException {
        StringBuilder table = new StringBuilder("| what | figure | |\n|---|---|---|\n");
        for (Map.Entry<String, JsonNode> part :
                GeneratedBlock.results("registries.json").properties()) {
            part.getValue()
                    .properties()
                    .forEach(figure -> table.append("| ")
                            .append(part.getKey())
                            .append(" | ")
                            .append(figure.getKey())
                            .append(" | ")
                            .append(figure.getValue().asText())
                            .append(" |\n"));
        }
        GeneratedBlock.check(GeneratedBlock.TOP.resolve("docs/benchmarks.md"), "registries", table.toString());
    }

    private static String error(String text) {
        return text.equals("NaN") ? "?" : String.format(Locale.ROOT, "%.1f", Double.parseDouble(text));
    }
}
