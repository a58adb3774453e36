// SPDX-License-Identifier: Apache-2.0
package io.fairlead.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What {@code docs/benchmarks.md} and the README's chart say of peers is what the committed results say. */
class PeerPagesTest {
    private static final Path PAGE = GeneratedBlock.TOP.resolve("docs/benchmarks.md");
    private static final Path CHART = GeneratedBlock.TOP.resolve("docs/picks.svg");

    @Test
    void peers() throws IOException {
        JsonNode results = GeneratedBlock.results("peers.json");
        StringBuilder text = new StringBuilder(madeOn(results));
        text.append(
                        "| whose | policy | 1 thread: 10 | 100 | 1,000 | 10,000 | bytes | 2 threads: 10 | 1,000 | bytes |\n")
                .append("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        for (JsonNode row : rows(results.path("picks"))) {
            text.append("| ").append(row.path("of").asText()).append(" | ").append(name(row));
            for (int size : List.of(10, 100, 1_000, 10_000)) {
                text.append(" | ").append(figure(find(results, row, 1, size), "ns"));
            }
            text.append(" | ").append(bytes(results, row, 1));
            for (int size : List.of(10, 1_000)) {
                text.append(" | ").append(figure(find(results, row, 2, size), "ns"));
            }
            text.append(" | ").append(bytes(results, row, 2)).append(" |\n");
        }
        text.append("\n| a list of 10,000 changes by one | policy | µs | kB |\n|---|---|--:|--:|\n");
        for (JsonNode change : rows(results.path("changes"))) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %,.0f | %,.0f |%n",
                    name(change).isBlank() ? "by hand" : change.path("of").asText(),
                    name(change),
                    change.path("ns").asDouble() / 1_000,
                    change.path("bytes").asDouble() / 1_000));
        }
        assertThat(results.path("picks")).hasSizeGreaterThan(100);
        GeneratedBlock.check(PAGE, "peers", text.toString());
    }

    @Test
    void breakers() throws IOException {
        JsonNode results = GeneratedBlock.results("peers.json");
        StringBuilder text = new StringBuilder(madeOn(results));
        text.append("| breaker | closed: 1 thread | 2 threads | bytes | rejecting: 1 thread | 2 threads | bytes ")
                .append("| one weighs: fresh | after 1,000 calls |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        Map<String, JsonNode> breakers = new TreeMap<>();
        results.path("breakers").forEach(row -> breakers.put(row.path("policy").asText(), row));
        for (String breaker : breakers.keySet()) {
            text.append("| ").append(breaker.replace('_', ' '));
            for (String state : List.of("closed", "rejecting")) {
                JsonNode one = breaker(results, breaker, state, 1);
                JsonNode two = breaker(results, breaker, state, 2);
                text.append(" | ").append(figure(one, "ns")).append(" | ").append(figure(two, "ns"));
                text.append(" | ").append(one.path("bytes").asLong());
            }
            JsonNode weight = results.path("bytesPerBreaker").path(breaker);
            text.append(" | ").append(figure(weight, "fresh")).append(" | ").append(figure(weight, "used"));
            text.append(" |\n");
        }
        assertThat(breakers).hasSizeGreaterThan(10);
        GeneratedBlock.check(PAGE, "breakers", text.toString());
    }

    @Test
    void interceptor() throws IOException {
        JsonNode ours = GeneratedBlock.results("interceptor.json");
        JsonNode peers = GeneratedBlock.results("peers.json");
        List<JsonNode> all = List.of(ours, peers.path("pairs armeria"), peers.path("pairs spring"));
        StringBuilder text = new StringBuilder(madeOn(ours));
        text.append("| a call by | µs | processor µs | bytes |\n|---|--:|--:|--:|\n");
        for (JsonNode results : all) {
            results.path("calls")
                    .forEach(call -> text.append(String.format(
                            Locale.ROOT,
                            "| %s | %.1f | %.1f | %,d |%n",
                            call.path("of").asText().replace('_', ' '),
                            call.path("micros").asDouble(),
                            call.path("cpuMicros").asDouble(),
                            call.path("bytes").asLong())));
        }
        text.append("\n| over | ratio | 95 % interval of each repetition | processor µs more | bytes more |\n")
                .append("|---|--:|---|--:|--:|\n");
        for (JsonNode results : all) {
            results.path("pairs").forEach(pair -> text.append(pair(pair)));
        }
        GeneratedBlock.check(PAGE, "interceptor", text.toString());
    }

    @Test
    void chart() throws IOException {
        String wanted = new PickChart(GeneratedBlock.results("peers.json")).svg();
        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(CHART, wanted);
        }
        assertThat(Files.readString(CHART)).isEqualTo(wanted);
    }

    private static String madeOn(JsonNode results) {
        JsonNode machine = results.path("machine");
        JsonNode settings = results.path("settings");
        String made = String.format(
                "%s, %d processors, %s, %s, %s",
                machine.path("processor").asText(),
                machine.path("processors").asInt(),
                machine.path("system").asText(),
                machine.path("java").asText(),
                machine.path("date").asText());
        String how = settings.isMissingNode()
                ? String.format(
                        "; %d repetitions of %d rounds of blocks of %d calls",
                        results.path("repetitions").asInt(),
                        results.path("rounds").asInt(),
                        results.path("block").asInt())
                : String.format(
                        "; %d forks of %d × %d ms",
                        settings.path("rounds").asInt(),
                        settings.path("iterations").asInt(),
                        settings.path("millis").asInt());
        return made + how + ".\n\n";
    }

    /** One row for each policy: the baselines first, then ours, then the peers by name. */
    private static Collection<JsonNode> rows(JsonNode section) {
        Map<String, JsonNode> rows = new TreeMap<>();
        for (JsonNode row : section) {
            String of = row.path("of").asText();
            String rank = of.equals("baseline") ? "0" : of.equals("fairlead") ? "1" : "2";
            rows.putIfAbsent(rank + of + " " + row.path("policy").asText(), row);
        }
        return rows.values();
    }

    private static String name(JsonNode row) {
        return row.path("policy").asText().replace('_', ' ');
    }

    private static JsonNode find(JsonNode results, JsonNode like, int threads, int size) {
        for (JsonNode row : results.path("picks")) {
            if (row.path("of").equals(like.path("of"))
                    && row.path("policy").equals(like.path("policy"))
                    && row.path("threads").asInt() == threads
                    && row.path("size").asInt() == size) {
                return row;
            }
        }
        throw new AssertionError("no such row: " + like + ", " + threads + " threads, " + size);
    }

    private static JsonNode breaker(JsonNode results, String breaker, String state, int threads) {
        for (JsonNode row : results.path("breakers")) {
            if (row.path("policy").asText().equals(breaker)
                    && row.path("state").asText().equals(state)
                    && row.path("threads").asInt() == threads) {
                return row;
            }
        }
        throw new AssertionError("no such row: " + breaker + ", " + state + ", " + threads + " threads");
    }

    private static String bytes(JsonNode results, JsonNode row, int threads) {
        long few = find(results, row, threads, 10).path("bytes").asLong();
        long many = find(results, row, threads, threads == 1 ? 10_000 : 1_000)
                .path("bytes")
                .asLong();
        return few == many
                ? String.format(Locale.ROOT, "%,d", few)
                : String.format(Locale.ROOT, "%,d … %,d", few, many);
    }

    private static String figure(JsonNode row, String name) {
        if (row.path(name).isMissingNode()) {
            return "";
        }
        double value = row.path(name).asDouble();
        return String.format(Locale.ROOT, value < 100 && row.path(name).isDouble() ? "%.1f" : "%,.0f", value);
    }

    private static String pair(JsonNode pair) {
        StringBuilder intervals = new StringBuilder();
        for (JsonNode each : pair.path("medianLowHigh")) {
            intervals
                    .append(intervals.isEmpty() ? "" : ", ")
                    .append(String.format(
                            Locale.ROOT,
                            "%.3f–%.3f",
                            each.path(1).asDouble(),
                            each.path(2).asDouble()));
        }
        return String.format(
                Locale.ROOT,
                "| %s over %s | %.3f | %s | %.1f | %,d |%n",
                pair.path("of").asText().replace('_', ' '),
                pair.path("against").asText().replace('_', ' '),
                pair.path("ratio").asDouble(),
                intervals,
                pair.path("cpuMicrosMore").asDouble(),
                pair.path("bytesMore").asLong());
    }
}
