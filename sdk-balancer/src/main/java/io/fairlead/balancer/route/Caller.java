// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What rules may ask of this process itself. An immutable value.
 *
 * @param zone where it runs, or null when unknown
 * @param version its build, or null when unknown
 * @param tags free words
 */
public record Caller(@Nullable String zone, @Nullable String version, Set<String> tags) {
    private static final Caller UNKNOWN = new Caller(null, null, Set.of());

    /** Copies the tags. */
    public Caller {
        tags = Collections.unmodifiableSet(new LinkedHashSet<>(tags));
    }

    /** Of which nothing is known: no rule that asks for something of it matches. */
    public static Caller unknown() {
        return UNKNOWN;
    }

    /** This in a zone. */
    public Caller withZone(@Nullable String value) {
        return new Caller(value, version, tags);
    }

    /** This of a version. */
    public Caller withVersion(@Nullable String value) {
        return new Caller(zone, value, tags);
    }

    /** This with these tags, and no others. */
    public Caller withTags(String... values) {
        return new Caller(zone, version, new LinkedHashSet<>(List.of(values)));
    }

    /** As in {@code in zone eu, of version 2, tags [batch]}. */
    @Override
    public String toString() {
        StringJoiner parts = new StringJoiner(", ").setEmptyValue("unknown");
        if (zone != null) {
            parts.add("in zone " + zone);
        }
        if (version != null) {
            parts.add("of version " + version);
        }
        if (!tags.isEmpty()) {
            parts.add("tags " + tags);
        }
        return parts.toString();
    }
}
