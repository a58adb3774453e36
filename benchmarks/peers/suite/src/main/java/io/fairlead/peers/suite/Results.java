// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What was measured so far, written as one line a row, so that a change of one figure is a change of one line. */
final class Results {
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Key(String section, String of, String policy, String state, int size, int threads) {}

    private final Map<Key, Samples> rows = new TreeMap<>(Comparator.comparing(Key::section)
            .thenComparing(Key::of)
            .thenComparing(Key::policy)
            .thenComparing(Key::state)
            .thenComparing(Key::threads)
            .thenComparing(Key::size));
    private final Map<String, JsonNode> others = new LinkedHashMap<>();

    void add(Part part, JsonNode results) {
        for (JsonNode result : results) {
            JsonNode params = result.path("params");
            String policy = params.path("policy").asText("");
            Key key = new Key(
                    part.section(),
                    of(part, result.path("benchmark").asText(), policy),
                    policy,
                    params.path("state").asText(""),
                    params.path("size").asInt(0),
                    part.threads());
            rows.computeIfAbsent(key, ignored -> new Samples()).add(result);
        }
    }

    void put(String name, JsonNode value) {
        others.put(name, value);
    }

    private static String of(Part part, String benchmark, String policy) {
        if (part.section().equals("breakers")) {
            return policy.replaceAll("_.*", "");
        }
        if (part.module().equals("ours")) {
            return benchmark.contains(".BaselineBenchmark.") ? "baseline" : "fairlead";
        }
        return part.module();
    }

    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder("{\n");
        others.forEach((name, value) ->
                text.append(" \"").append(name).append("\": ").append(value).append(",\n"));
        Map<String, ArrayNode> sections = new TreeMap<>();
        rows.forEach((key, samples) -> {
            ObjectNode row = JsonNodeFactory.instance.objectNode();
            row.put("of", key.of()).put("policy", key.policy());
            if (!key.state().isEmpty()) {
                row.put("state", key.state());
            }
            if (key.size() > 0) {
                row.put("size", key.size());
            }
            row.put("threads", key.threads());
            samples.writeTo(row);
            sections.computeIfAbsent(key.section(), ignored -> JSON.createArrayNode())
                    .add(row);
        });
        String separator = "";
        for (Map.Entry<String, ArrayNode> section : sections.entrySet()) {
            text.append(separator).append(" \"").append(section.getKey()).append("\": [\n");
            separator = "";
            for (JsonNode row : section.getValue()) {
                text.append(separator).append("  ").append(row);
                separator = ",\n";
            }
            text.append("\n ]");
        }
        Files.writeString(file, text.append("\n}\n"));
    }
}
