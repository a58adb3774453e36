// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import io.fairlead.api.ServiceInstance;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Some of a service's instances, by what the registry says of them; all that is named here must hold. Subsets may overlap
 * and may be empty. An immutable value, safe for any thread: two that ask for the same are equal, whatever their names.
 *
 * @param version the version, as it stands in the registry; null for any
 * @param tags which tags an instance must have, all of them
 * @param zone the zone, or its beginning with {@code *} behind; null for any. {@code *} alone takes all whose zone is known
 * @param metadata which entries an instance must have, all of them
 */
public record Subset(
        @Nullable String version,
        Set<String> tags,
        @Nullable String zone,
        Map<String, String> metadata) {
    private static final Subset EVERYTHING = new Subset(null, Set.of(), null, Map.of());

    /** Copies the collections. */
    public Subset {
        tags = Collections.unmodifiableSet(new LinkedHashSet<>(tags));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** Asks for nothing, which is refused in routes: somewhere to begin when the parts are known one after the other. */
    public static Subset empty() {
        return EVERYTHING;
    }

    /** The instances of a version. */
    public static Subset ofVersion(String version) {
        return EVERYTHING.withVersion(version);
    }

    /** The instances that have all of these tags. */
    public static Subset ofTags(String... tags) {
        return EVERYTHING.withTags(tags);
    }

    /** The instances of a zone, or of all zones that begin as one with {@code *} behind does. */
    public static Subset ofZone(String zone) {
        return EVERYTHING.withZone(zone);
    }

    /** The instances whose metadata has an entry. */
    public static Subset ofMetadata(String key, String value) {
        return EVERYTHING.withMetadata(key, value);
    }

    /** Those of these that are of a version. */
    public Subset withVersion(String value) {
        return new Subset(value, tags, zone, metadata);
    }

    /** Those of these that have more tags too. */
    public Subset withTags(String... values) {
        Set<String> more = new LinkedHashSet<>(tags);
        more.addAll(List.of(values));
        return new Subset(version, more, zone, metadata);
    }

    /** Those of these that are in a zone. */
    public Subset withZone(String value) {
        return new Subset(version, tags, value, metadata);
    }

    /** Those of these whose metadata has one more entry. */
    public Subset withMetadata(String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(metadata);
        more.put(key, value);
        return new Subset(version, tags, zone, more);
    }

    /** Whether it asks for nothing. */
    public boolean isEmpty() {
        return version == null && tags.isEmpty() && zone == null && metadata.isEmpty();
    }

    /** Whether an instance belongs to it. */
    public boolean matches(ServiceInstance instance) {
        return (version == null || version.equals(instance.version()))
                && (zone == null || isZone(zone, instance.zone()))
                && instance.tags().containsAll(tags)
                && instance.metadata().entrySet().containsAll(metadata.entrySet());
    }

    /** Whether a zone is the one that was written, or begins as that does when {@code *} ends it. */
    static boolean isZone(String written, @Nullable String zone) {
        if (zone == null) {
            return false;
        }
        int length = written.length() - 1;
        return length >= 0 && written.charAt(length) == '*'
                ? zone.regionMatches(0, written, 0, length)
                : zone.equals(written);
    }

    /** As in {@code version v2, tags [canary], zone cn-beijing*, metadata {env=pre}}. */
    @Override
    public String toString() {
        StringJoiner parts = new StringJoiner(", ").setEmptyValue("nothing");
        if (version != null) {
            parts.add("version " + version);
        }
        if (!tags.isEmpty()) {
            parts.add("tags " + tags);
        }
        if (zone != null) {
            parts.add("zone " + zone);
        }
        if (!metadata.isEmpty()) {
            parts.add("metadata " + metadata);
        }
        return parts.toString();
    }
}
