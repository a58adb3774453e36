// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/faults.md} and {@code docs/benchmarks.md} say what the committed results say. */
class ResultPagesTest {
    private static final Path PAGE = GeneratedBlock.TOP.resolve("docs/benchmarks.md");
    private static final List<Double> COLD_SECONDS = List.of(0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0);
    private static final List<Step> STEPS = List.of(
            new Step("two clocks, a draw of two and the same counts, by hand", "counted_two_choices", true),
            new Step("the same, with as much memory for each instance as ours takes", "counted_far_apart", true),
            new Step("everything but the choice: `pick_first`", "pick_first", true),
            new Step("one drawn by weight: `random`", "random", false),
            new Step("a second drawn, and less in flight taken: `least_request`", "least_request", false),
            new Step("what is known of latencies and failures compared: `adaptive`", "adaptive", false),
            new Step("together: `adaptive`", "adaptive", true));

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

    @ParameterizedTest
    @ValueSource(strings = {"jmh", "jmh25", "routing"})
    void jmh(String run) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        for (JsonNode result : GeneratedBlock.results(run + ".json")) {
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
        GeneratedBlock.check(PAGE, run, table.toString());
    }

    /** Where the nanoseconds of the default policy are: the difference each step makes to the one before. */
    @Test
    void ledger() throws IOException {
        Map<String, Double> nanos = new HashMap<>();
        for (JsonNode result : GeneratedBlock.results("jmh.json")) {
            JsonNode params = result.path("params");
            String who = params.path("policy").asText(params.path("baseline").asText());
            if (result.get("threads").asInt() == 1) {
                nanos.put(
                        who + " " + params.path("weights").asText() + " "
                                + params.path("size").asText(),
                        result.get("primaryMetric").get("score").asDouble());
            }
        }
        StringBuilder table = new StringBuilder("| ns | 10 equal | 10 unequal | 10,000 equal | 10,000 unequal |\n")
                .append("|---|--:|--:|--:|--:|\n");
        String before = "";
        for (Step step : STEPS) {
            StringBuilder row = new StringBuilder("| " + step.what());
            for (String size : List.of("10", "10000")) {
                for (String weights : List.of("equal", "unequal")) {
                    String key = " " + weights + " " + size;
                    double all = nanos.get(step.who() + key);
                    row.append(
                            step.isAlone()
                                    ? String.format(Locale.ROOT, " | %.0f", all)
                                    : String.format(Locale.ROOT, " | %+.0f", all - nanos.get(before + key)));
                }
            }
            before = step.who();
            table.append(row).append(" |\n");
        }
        GeneratedBlock.check(PAGE, "ledger", table.toString());
    }

    /** One that {@code who} takes and the one before does not; or all it takes. */
    private record Step(String what, String who, boolean isAlone) {}

    @Test
    void cold() throws IOException {
        StringBuilder table = new StringBuilder("| adaptive");
        COLD_SECONDS.forEach(seconds -> table.append(" | ").append(seconds).append(" s"));
        table.append(" |\n|---").append("|--:".repeat(COLD_SECONDS.size())).append("|\n");
        for (JsonNode result : GeneratedBlock.results("cold.json")) {
            JsonNode iterations = result.get("primaryMetric").get("rawData").get(0);
            table.append("| ")
                    .append(result.get("params").get("size").asText())
                    .append(", ")
                    .append(result.get("params").get("weights").asText());
            for (double seconds : COLD_SECONDS) {
                table.append(String.format(
                        Locale.ROOT,
                        " | %.0f",
                        iterations.get((int) (seconds * 2) - 1).asDouble()));
            }
            table.append(" |\n");
        }
        GeneratedBlock.check(PAGE, "cold", table.toString());
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
        GeneratedBlock.check(PAGE, "registries", table.toString());
    }

    private static String error(String text) {
        return text.equals("NaN") ? "?" : String.format(Locale.ROOT, "%.1f", Double.parseDouble(text));
    }
}
