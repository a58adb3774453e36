// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Problem;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.routes.tree.DocumentProblems;
import io.fairlead.routes.tree.Position;
import io.fairlead.spi.BalancingPolicy;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the subsets and rules of a service. What can not be read of them stands in for as something that is right, so that the
 * model finds all that is wrong with the rest. Stateless.
 */
final class RoutesReader {
    /** What a service with routes has. */
    static final Set<String> KEYS = Set.of("subsets", "rules", Rule.DEFAULT);

    private static final Set<String> DEFAULT_KEYS = Set.of(
            "to",
            "by",
            "seed",
            "fallback",
            "retryIn",
            "timeout",
            "retries",
            "rateLimit",
            "policy",
            "ramp",
            "mirror",
            "tell");
    private static final Set<String> RULE_KEYS = with(DEFAULT_KEYS, "name", "match");
    private static final Set<String> MIRROR_KEYS =
            Set.of("to", "percent", "maxBody", "inFlight", "timeout", "methods", "credentials");
    private static final String SUBSET = "an object as in '{version: v2}'";
    private static final String TO = "a subset, or a list as in '[{subset: canary, weight: 10}, …]'";
    private static final String DESTINATION = "an object as in '{subset: canary, weight: 10}'";
    private static final String FALLBACK = "'none', or a list of subsets, of which the last may be 'any'";

    private static final Duration LONGEST_COPY = Duration.ofSeconds(60);
    private static final long MOST_BODY = 16 << 20;

    /** Where a name is missing, something must stand that nobody would give. */
    private static final String UNREAD = "unread-";

    private RoutesReader() {}

    /** The routes; null when something is wrong with them, or when a service has none. */
    static @Nullable Routes read(FieldsReader service) {
        if (KEYS.stream().noneMatch(service::has)) {
            return null;
        }
        int before = service.whole().problems().total();
        Routes.Builder routes = Routes.builder();
        PartReader subsets = service.get("subsets");
        FieldsReader named = subsets == null ? null : subsets.named("an object as in '{canary: {version: v2}}'");
        if (named != null) {
            named.forEach((name, part) -> routes.subset(name, subset(part)));
        }
        PartReader rules = service.get("rules");
        List<PartReader> items = rules == null ? null : rules.items("a list of rules");
        if (items != null) {
            Map<String, Position> names = new HashMap<>();
            for (int i = 0; i < items.size(); i++) {
                routes.rule(rule(items.get(i), UNREAD + i, names));
            }
        }
        PartReader otherwise = service.get(Rule.DEFAULT);
        if (otherwise != null) {
            FieldsReader fields = otherwise.fields(DEFAULT_KEYS, "an object as in '{to: stable, fallback: none}'");
            Rule.Builder rule = Rule.otherwise();
            routes.otherwise(fields == null ? rule.build() : body(fields, rule));
        }
        List<Problem> problems = routes.problems();
        new ModelProblems(service).add(problems);
        return service.whole().problems().total() > before || !problems.isEmpty() ? null : routes.build();
    }

    private static Set<String> with(Set<String> keys, String... more) {
        Set<String> all = new HashSet<>(keys);
        all.addAll(List.of(more));
        return Set.copyOf(all);
    }

    private static Subset subset(PartReader part) {
        FieldsReader fields = part.fields(Set.of("version", "tags", "zone", "metadata"), SUBSET);
        if (fields == null) {
            return Subset.ofVersion(UNREAD);
        }
        Subset[] subset = {Subset.empty()};
        fields.word("version", "a version, as in 'v2'", text -> subset[0] = subset[0].withVersion(text));
        fields.word("zone", "a zone, or its beginning with '*'", text -> subset[0] = subset[0].withZone(text));
        PartReader tags = fields.get("tags");
        if (tags != null) {
            for (PartReader tag : tags.each("a tag, or a list of tags that are all there")) {
                String text = tag.word("a tag");
                subset[0] = text == null ? subset[0] : subset[0].withTags(text);
            }
        }
        PartReader metadata = fields.get("metadata");
        FieldsReader entries = metadata == null ? null : metadata.named("an object as in '{env: pre}'");
        if (entries != null && entries.fields().fields().isEmpty()) {
            entries.whole().refuse("empty (expected: an object as in '{env: pre}')");
        } else if (entries != null) {
            entries.forEach((key, value) -> {
                String text = value.text("a text");
                subset[0] = text == null ? subset[0] : subset[0].withMetadata(key, text);
            });
        }
        return subset[0];
    }

    private static Rule rule(PartReader part, String unread, Map<String, Position> names) {
        FieldsReader fields = part.fields(RULE_KEYS, "an object as in '{name: split, to: canary}'");
        if (fields == null) {
            return Rule.named(unread).build();
        }
        PartReader name = fields.require("name", "a name, as in 'testers'") ? fields.get("name") : null;
        String word = name == null ? null : name.word("a name, as in 'testers'");
        Position first = word == null || name == null ? null : names.putIfAbsent(word, name.place());
        if (name != null && word != null && first != null) {
            name.refuse(DocumentProblems.quote(word) + " twice (first at " + first + ")");
        }
        Rule.Builder rule = Rule.named(word == null ? unread : word);
        PartReader match = fields.get("match");
        if (match != null) {
            for (PartReader one : match.each("an object, or a list of objects of which one must hold")) {
                rule.match(MatchReader.read(one));
            }
        }
        return body(fields, rule);
    }

    private static Rule body(FieldsReader fields, Rule.Builder rule) {
        PartReader to = fields.get("to");
        if (to != null) {
            destinations(to, rule);
        }
        PartReader by = fields.get("by");
        StickyKey key = by == null ? null : PolicyReader.key(by);
        if (key != null) {
            rule.by(key);
        }
        fields.word("seed", "a word", rule::seed);
        fallback(fields.get("fallback"), rule);
        PartReader retryIn = fields.get("retryIn");
        if (retryIn != null && retryIn.oneOf(List.of("same")) != null) {
            rule.retryInSame();
        }
        Duration timeout = fields.duration("timeout", false, PartReader.LONGEST_TIME);
        if (timeout != null) {
            rule.timeout(timeout);
        }
        PartReader retries = fields.get("retries");
        Retries sent = retries == null ? null : RetriesReader.read(retries);
        if (sent != null) {
            rule.retries(sent);
        }
        PartReader rateLimit = fields.get("rateLimit");
        RateLimit limit = rateLimit == null ? null : OptionsReader.rateLimit(rateLimit);
        if (limit != null) {
            rule.rateLimit(limit);
        }
        PartReader policy = fields.get("policy");
        BalancingPolicy chosen = policy == null ? null : PolicyReader.read(policy);
        if (chosen != null) {
            rule.policy(chosen);
        }
        Duration ramp = fields.duration("ramp", true, PartReader.LONGEST_TIME);
        if (ramp != null) {
            rule.ramp(ramp);
        }
        PartReader mirror = fields.get("mirror");
        Mirror copies = mirror == null ? null : mirror(mirror);
        if (copies != null) {
            rule.mirror(copies);
        }
        if (fields.value("tell", ValueKind.BOOLEANS, false)) {
            rule.tell();
        }
        return rule.build();
    }

    private static void destinations(PartReader to, Rule.Builder rule) {
        if (!to.isItems()) {
            String subset = to.word(TO);
            if (subset != null) {
                rule.to(subset);
            }
            return;
        }
        for (PartReader item : to.each()) {
            FieldsReader fields = item.fields(Set.of("subset", "weight"), DESTINATION);
            String name = null;
            BigDecimal weight = null;
            if (fields != null) {
                PartReader subset = fields.require("subset", "a subset") ? fields.get("subset") : null;
                name = subset == null ? null : subset.word("a subset");
                weight = fields.require("weight", "0 to 1,000,000") ? fields.value("weight", ValueKind.NUMBERS) : null;
            }
            rule.to(new Destination(name == null ? UNREAD : name, weight == null ? BigDecimal.ONE : weight));
        }
    }

    private static void fallback(@Nullable PartReader part, Rule.Builder rule) {
        if (part == null || part.isWord("none")) {
            return;
        }
        for (PartReader one : part.each(FALLBACK)) {
            String name = one.word(FALLBACK);
            if (name != null) {
                rule.fallback(name);
            }
        }
    }

    private static int bounded(long bytes) {
        if (bytes > MOST_BODY) {
            throw new IllegalArgumentException("maxBody: " + bytes + " bytes (expected: up to 16MiB)");
        }
        return (int) bytes;
    }

    private static @Nullable Mirror mirror(PartReader part) {
        FieldsReader fields = part.fields(MIRROR_KEYS, "an object as in '{to: pre, percent: 5}'");
        if (fields == null || !fields.require("to", "a subset")) {
            return null;
        }
        PartReader to = fields.get("to");
        String subset = to == null ? null : to.word("a subset");
        Mirror mirror = Mirror.to(subset == null ? UNREAD : subset);
        mirror = fields.with(mirror, "percent", ValueKind.NUMBERS, (m, value) -> m.withPercent(value.toString()));
        mirror = fields.with(mirror, "maxBody", ValueKind.SIZES, (m, value) -> m.withMaxBody(bounded(value)));
        mirror = fields.with(mirror, "inFlight", ValueKind.INTEGERS, Mirror::withInFlight);
        Duration timeout = fields.duration("timeout", false, LONGEST_COPY);
        mirror = timeout == null ? mirror : mirror.withTimeout(timeout);
        mirror = fields.with(mirror, "credentials", ValueKind.BOOLEANS, Mirror::withCredentials);
        PartReader methods = fields.get("methods");
        if (methods == null) {
            return mirror;
        }
        Set<String> words = new LinkedHashSet<>();
        for (PartReader one : methods.each("a method, as in GET, or a list of some")) {
            String word = one.word("a method, as in GET");
            if (word != null) {
                words.add(word);
            }
        }
        return words.isEmpty() ? mirror : mirror.withMethods(words.toArray(String[]::new));
    }
}
