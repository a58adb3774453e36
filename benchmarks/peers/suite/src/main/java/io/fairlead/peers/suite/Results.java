// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was measured so far, written as one line a row, so that a change of one figure is a change of one line. */
final class Results {
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
            String policy = params.path("policy").asText(params.path("baseline").asText(""));
            Key key = new Key(
                    part.section(),
                    part.of().isEmpty() ? policy.replaceAll("_.*", "") : part.of(),
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

    void write(Path file) throws IOException {
        Map<String, List<String>> sections = new TreeMap<>();
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
            sections.computeIfAbsent(key.section(), ignored -> new ArrayList<>())
                    .add("  " + row);
        });
        List<String> parts = new ArrayList<>();
        others.forEach((name, value) -> parts.add(" \"" + name + "\": " + value));
        sections.forEach((name, lines) -> parts.add(" \"" + name + "\": [\n" + String.join(",\n", lines) + "\n ]"));
        Files.writeString(file, "{\n" + String.join(",\n", parts) + "\n}\n");
    }
}
