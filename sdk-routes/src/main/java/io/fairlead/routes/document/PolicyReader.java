// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.document;

import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.policy.LeastRequestPolicy;
import io.fairlead.balancer.policy.MaglevPolicy;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.spi.BalancingPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a policy, by its name or as an object with options, and the key of a call. Stateless. */
final class PolicyReader {
    private static final String BY = "hashKey, clientIp, or an object as in '{header: X-User-Id}'";
    private static final String EXPECTED = "a policy's name, or an object as in '{name: ring_hash, by: hashKey}'";

    /** What besides its name a policy may say. */
    private static final Map<String, Set<String>> OPTIONS = Map.of(
            "ring_hash", Set.of("name", "by", "loadFactor"),
            "maglev", Set.of("name", "by", "loadFactor", "tableSize"),
            "least_request", Set.of("name", "choices"));

    private PolicyReader() {}

    static @Nullable BalancingPolicy read(PartReader part) {
        if (part.isText()) {
            return named(part);
        }
        FieldsReader fields = part.named(EXPECTED);
        if (fields == null || !fields.require("name", EXPECTED)) {
            return null;
        }
        PartReader name = fields.get("name");
        BalancingPolicy policy = name == null ? null : named(name);
        if (policy == null) {
            return null;
        }
        // Which keys there may be is known only now.
        part.fields(OPTIONS.getOrDefault(policy.name(), Set.of("name")), EXPECTED);
        return with(fields, policy);
    }

    private static @Nullable BalancingPolicy named(PartReader part) {
        String name = part.word(EXPECTED);
        if (name == null) {
            return null;
        }
        return part.made(() -> ServiceOptions.defaults().withPolicy(name).policy());
    }

    private static BalancingPolicy with(FieldsReader fields, BalancingPolicy policy) {
        PartReader by = fields.get("by");
        StickyKey key = by == null ? null : key(by);
        if (policy instanceof RingHashPolicy ring) {
            RingHashPolicy keyed = key == null ? ring : ring.keyedBy(key);
            return fields.with(keyed, "loadFactor", ValueKind.DOUBLES, RingHashPolicy::withLoadFactor);
        }
        if (policy instanceof MaglevPolicy maglev) {
            MaglevPolicy keyed = key == null ? maglev : maglev.keyedBy(key);
            keyed = fields.with(keyed, "loadFactor", ValueKind.DOUBLES, MaglevPolicy::withLoadFactor);
            return fields.with(keyed, "tableSize", ValueKind.INTEGERS, MaglevPolicy::withTableSize);
        }
        if (policy instanceof LeastRequestPolicy least) {
            return fields.with(least, "choices", ValueKind.INTEGERS, LeastRequestPolicy::withChoices);
        }
        return policy;
    }

    /** Where the key of a call is. */
    static @Nullable StickyKey key(PartReader part) {
        if (part.isText()) {
            String word = part.oneOf(List.of("hashKey", "clientIp"));
            return word == null ? null : word.equals("hashKey") ? StickyKey.hashKey() : StickyKey.clientIp();
        }
        FieldsReader fields = part.fields(Set.of("header", "cookie", "baggage"), BY);
        String kind = fields == null ? null : fields.only(BY);
        PartReader name = fields == null || kind == null ? null : fields.get(kind);
        String word = name == null ? null : name.name();
        if (kind == null || word == null) {
            return null;
        }
        return switch (kind) {
            case "header" -> StickyKey.header(word);
            case "cookie" -> StickyKey.cookie(word);
            default -> StickyKey.baggage(word);
        };
    }
}
