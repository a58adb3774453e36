// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Documents that are right, and what a slip of the hand makes of them; all from a seed. */
final class RandomDocuments {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> SUBSETS = List.of("stable", "canary", "v1.1", "pre-2", "blue", "green");
    private static final List<String> DURATIONS = List.of("250ms", "1s", "1.5s", "2m", "1h");
    private static final List<String> STRAY = List.of(
            "", " ", "x", "canray", "off", "none", "any", "2x", "-", "no", "/v1", "same", "ring_hash", "(a", "10 s");

    private final Random random;

    RandomDocuments(long seed) {
        random = new Random(seed);
    }

    ObjectNode right() {
        ObjectNode document = JSON.objectNode().put("apiVersion", "fairlead/v1");
        maybe(0.7, () -> document.put("version", "v" + random.nextInt(100)));
        maybe(0.5, () -> document.set("defaults", options(JSON.objectNode())));
        ObjectNode services = document.putObject("services");
        for (int i = random.nextInt(4); i > 0; i--) {
            services.set("service-" + i, service());
        }
        return document;
    }

    /** One to three slips. */
    JsonNode wrong(ObjectNode right) {
        ObjectNode document = right.deepCopy();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            slip(document);
        }
        return document;
    }

    private void slip(ObjectNode document) {
        List<JsonNode> containers = new ArrayList<>();
        collect(document, containers);
        JsonNode container = containers.get(random.nextInt(containers.size()));
        if (container instanceof ObjectNode fields && !fields.isEmpty()) {
            List<String> keys = new ArrayList<>();
            fields.fieldNames().forEachRemaining(keys::add);
            String key = keys.get(random.nextInt(keys.size()));
            switch (random.nextInt(4)) {
                case 0 -> fields.remove(key);
                case 1 -> fields.set(misspelt(key), fields.remove(key));
                case 2 -> fields.set(key, stray(containers));
                default ->
                    fields.set(
                            List.of("rollout", "extra", "to", "by", "timeout").get(random.nextInt(5)),
                            stray(containers));
            }
        } else if (container instanceof ArrayNode items && !items.isEmpty()) {
            int index = random.nextInt(items.size());
            switch (random.nextInt(4)) {
                case 0 -> items.remove(index);
                case 1 -> items.add(items.get(index).deepCopy());
                case 2 -> items.set(index, stray(containers));
                default -> items.removeAll();
            }
        }
    }

    private String misspelt(String key) {
        int at = random.nextInt(key.length() + 1);
        return random.nextBoolean() ? key.substring(0, at) + "o" + key.substring(at) : key.substring(0, at);
    }

    private JsonNode stray(List<JsonNode> containers) {
        return switch (random.nextInt(9)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.numberNode(-1 - random.nextInt(5));
            case 2 -> JSON.numberNode(random.nextInt(3_000_000));
            case 3 -> JSON.numberNode(random.nextInt(1_000) / 100.0);
            case 4 -> JSON.booleanNode(random.nextBoolean());
            case 5 -> JSON.objectNode();
            case 6 -> JSON.arrayNode();
            case 7 -> containers.get(random.nextInt(containers.size())).deepCopy();
            default -> JSON.textNode(STRAY.get(random.nextInt(STRAY.size())));
        };
    }

    private static void collect(JsonNode part, List<JsonNode> containers) {
        if (part.isContainerNode()) {
            containers.add(part);
            part.forEach(child -> collect(child, containers));
        }
    }

    private ObjectNode service() {
        ObjectNode service = options(JSON.objectNode());
        if (random.nextInt(6) == 0) {
            return service;
        }
        List<String> names = SUBSETS.subList(0, 1 + random.nextInt(SUBSETS.size()));
        ObjectNode subsets = service.putObject("subsets");
        names.forEach(name -> subsets.set(name, subset()));
        if (random.nextBoolean()) {
            ArrayNode rules = service.putArray("rules");
            for (int i = random.nextInt(4); i > 0; i--) {
                ObjectNode rule = rules.addObject().put("name", "rule-" + i);
                maybe(0.8, () -> rule.set("match", match()));
                body(rule, names);
            }
        }
        body(service.putObject("default"), names);
        return service;
    }

    private ObjectNode subset() {
        ObjectNode subset = JSON.objectNode();
        switch (random.nextInt(4)) {
            case 0 -> subset.put("version", "v" + random.nextInt(9));
            case 1 -> subset.put("version", random.nextInt(100) / 10.0);
            case 2 -> subset.putArray("tags").add("canary").add("t" + random.nextInt(3));
            default -> subset.putObject("metadata").put("env", random.nextBoolean());
        }
        maybe(0.3, () -> subset.put("zone", random.nextBoolean() ? "cn-1" : "cn-*"));
        maybe(0.2, () -> subset.put("tags", "one"));
        return subset;
    }

    private JsonNode match() {
        if (random.nextInt(4) == 0) {
            return JSON.arrayNode().add(oneMatch()).add(oneMatch());
        }
        return oneMatch();
    }

    private ObjectNode oneMatch() {
        ObjectNode match = JSON.objectNode();
        maybe(0.3, () -> match.put("method", "GET"));
        maybe(0.3, () -> match.putArray("method").add("GET").add("POST"));
        maybe(0.3, () -> match.putObject("path").put(random.nextBoolean() ? "prefix" : "exact", "/v1"));
        maybe(0.4, () -> match.putObject("headers").set("X-User-Tag", text()));
        maybe(0.2, () -> match.putObject("cookies").set("uid", text()));
        maybe(0.2, () -> match.putObject("baggage").set("user", text()));
        maybe(
                0.2,
                () -> match.putObject("caller")
                        .put("zone", "cn-*")
                        .put("version", 2)
                        .put("tag", "edge"));
        maybe(
                0.2,
                () -> match.putObject("percent").put("of", random.nextInt(101)).set("by", by()));
        return match;
    }

    private JsonNode text() {
        return switch (random.nextInt(6)) {
            case 0 -> JSON.textNode("beta");
            case 1 -> JSON.booleanNode(true);
            case 2 -> JSON.objectNode().put("exact", 5);
            case 3 -> JSON.objectNode().put("prefix", "Test");
            case 4 -> JSON.objectNode().put("regex", "TestApp/v2(\\..*)?");
            default -> JSON.objectNode().put("present", random.nextBoolean());
        };
    }

    private JsonNode by() {
        return switch (random.nextInt(4)) {
            case 0 -> JSON.textNode(random.nextBoolean() ? "hashKey" : "clientIp");
            case 1 -> JSON.objectNode().put("cookie", "uid");
            case 2 -> JSON.objectNode().put("baggage", "user");
            default -> JSON.objectNode().put("header", "X-User-Id");
        };
    }

    private void body(ObjectNode rule, List<String> names) {
        String first = names.get(0);
        if (names.size() == 1 || random.nextBoolean()) {
            rule.put("to", first);
        } else {
            ArrayNode to = rule.putArray("to");
            to.addObject().put("subset", names.get(1)).put("weight", random.nextInt(1_000) / 10.0);
            to.addObject().put("subset", first).put("weight", 1 + random.nextInt(100));
        }
        maybe(0.5, () -> rule.set("by", by()));
        maybe(0.2, () -> rule.put("fallback", "none"));
        maybe(0.2, () -> rule.put("fallback", "any"));
        if (names.size() > 2) {
            maybe(0.4, () -> rule.putArray("fallback").add(names.get(2)).add("any"));
            maybe(
                    0.2,
                    () -> rule.putObject("mirror")
                            .put("to", names.get(2))
                            .put("percent", 5)
                            .put("maxBody", "64KiB"));
        }
        maybe(0.2, () -> rule.put("retryIn", "same"));
        maybe(0.2, () -> rule.put("timeout", duration()));
        maybe(0.2, () -> rule.put("ramp", duration()));
        maybe(0.2, () -> rule.put("seed", "salt"));
        maybe(0.2, () -> rule.put("tell", random.nextBoolean()));
        maybe(0.2, () -> rule.set("retries", retries()));
        maybe(0.2, () -> rule.set("policy", policy()));
        maybe(0.2, () -> rule.putObject("rateLimit").put("perSecond", 1 + random.nextInt(100)));
    }

    private JsonNode retries() {
        ObjectNode retries = JSON.objectNode().put("attempts", 1 + random.nextInt(10));
        switch (random.nextInt(4)) {
            case 0 -> retries.putObject("budget").put("ratio", 0.25);
            case 1 -> retries.putObject("tokens").put("max", 10).put("ratio", 0.1);
            case 2 -> retries.putObject("quota").put("max", 50).put("cost", 5);
            default -> retries.putArray("resend").add("any-on-503");
        }
        return random.nextInt(5) == 0 ? JSON.textNode("off") : retries;
    }

    private JsonNode policy() {
        return switch (random.nextInt(4)) {
            case 0 -> JSON.textNode("random");
            case 1 ->
                JSON.objectNode()
                        .put("name", "ring_hash")
                        .put("loadFactor", 1.5)
                        .set("by", by());
            case 2 -> JSON.objectNode().put("name", "least_request").put("choices", 3);
            default -> JSON.objectNode().put("name", "maglev").put("tableSize", 1_024);
        };
    }

    private ObjectNode options(ObjectNode service) {
        Map<String, Runnable> all = Map.ofEntries(
                Map.entry("policy", () -> service.set("policy", policy())),
                Map.entry("timeout", () -> service.put("timeout", duration())),
                Map.entry("retries", () -> service.set("retries", retries())),
                Map.entry(
                        "rateLimit",
                        () -> service.putObject("rateLimit")
                                .put("perSecond", 0.5)
                                .put("maxWait", "10ms")),
                Map.entry("breaker", this::nothing),
                Map.entry(
                        "hedging",
                        () -> service.putObject("hedging")
                                .put("percentile", 0.9)
                                .put("maxExtraLoad", 0.1)),
                Map.entry(
                        "zones",
                        () -> service.putArray("zones")
                                .add("cn-1")
                                .add(JSON.arrayNode().add("cn-2").add("cn-*"))),
                Map.entry("slowStart", () -> service.put("slowStart", duration())),
                Map.entry("throttle", () -> service.putObject("throttle").put("k", 2)),
                Map.entry(
                        "concurrencyLimits",
                        () -> service.putObject("concurrencyLimits").put("max", 50)),
                Map.entry("subsetting", () -> service.putObject("subsetting").put("above", 100)),
                Map.entry("peers", () -> service.putObject("peers").put("gap", 0.2)),
                Map.entry(
                        "outagePolicy", () -> service.putObject("outagePolicy").put("grace", duration())),
                Map.entry("firstListTimeout", () -> service.put("firstListTimeout", duration())),
                Map.entry(
                        "dynamicWeights",
                        () -> service.putObject("dynamicWeights")
                                .put("window", "5s")
                                .put("signal", "p90")));
        all.keySet().stream().sorted().forEach(key -> maybe(0.1, all.get(key)));
        maybe(
                0.1,
                () -> service.putObject("breaker")
                        .put("failureRate", 60)
                        .set("slow", JSON.objectNode().put("after", "2s").put("rate", 80)));
        return service;
    }

    private void nothing() {}

    private String duration() {
        return DURATIONS.get(random.nextInt(DURATIONS.size()));
    }

    private void maybe(double share, Runnable action) {
        if (random.nextDouble() < share) {
            action.run();
        }
    }
}
