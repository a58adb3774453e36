// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * One condition of a rule: everything named in it must hold; with nothing named it always does. What is asked of a request
 * does not hold for a call of which no request is known, except that a header, cookie or baggage entry be absent. An
 * immutable value.
 */
public final class Match {
    private final Set<String> methods;
    private final @Nullable TextMatch path;
    private final Map<String, TextMatch> headers;
    private final Map<String, TextMatch> cookies;
    private final Map<String, TextMatch> baggage;
    private final @Nullable String callerZone;
    private final @Nullable String callerVersion;
    private final @Nullable String callerTag;
    private final @Nullable Percent percent;

    private Match(Builder from) {
        methods = Collections.unmodifiableSet(new LinkedHashSet<>(from.methods));
        path = from.path;
        headers = copy(from.headers);
        cookies = copy(from.cookies);
        baggage = copy(from.baggage);
        callerZone = from.callerZone;
        callerVersion = from.callerVersion;
        callerTag = from.callerTag;
        percent = from.percent;
    }

    private static Map<String, TextMatch> copy(Map<String, TextMatch> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** With nothing named yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** Requests of which a header has this value. */
    public static Match header(String name, String value) {
        return builder().header(name, TextMatch.exact(value)).build();
    }

    /** Requests of which a header is so. */
    public static Match header(String name, TextMatch value) {
        return builder().header(name, value).build();
    }

    /** Requests whose path begins with these segments. */
    public static Match pathPrefix(String prefix) {
        return builder().path(TextMatch.prefix(prefix)).build();
    }

    /** The methods, in upper case, one of which it must be; none when any will do. HEAD is another method than GET. */
    public Set<String> methods() {
        return methods;
    }

    /** What the encoded path, without the query, must be; null for any. */
    public @Nullable TextMatch path() {
        return path;
    }

    /** What headers must be: names are compared without case; of several of one name the last counts. */
    public Map<String, TextMatch> headers() {
        return headers;
    }

    /**
     * What cookies must be: names are compared with case; of several of one name the first counts. Of several headers
     * {@code Cookie} in one request the last is read and no other, as {@code RequestFacts.header} says: put all cookies into one.
     */
    public Map<String, TextMatch> cookies() {
        return cookies;
    }

    /**
     * What entries of the header {@code baggage} must be: names are compared with case; of several the last counts. Of several
     * such headers in one request the last is read and no other.
     */
    public Map<String, TextMatch> baggage() {
        return baggage;
    }

    /** The zone this process must be in, or its beginning with {@code *} behind; null for any. */
    public @Nullable String callerZone() {
        return callerZone;
    }

    /** The version this process must be of; null for any. */
    public @Nullable String callerVersion() {
        return callerVersion;
    }

    /** The tag this process must have; null for any. */
    public @Nullable String callerTag() {
        return callerTag;
    }

    /** Which part of the calls; null for all. */
    public @Nullable Percent percent() {
        return percent;
    }

    /** Whether it holds for every call. */
    public boolean isAlways() {
        return asksNothingOfACaller() && asksNothingOfARequest();
    }

    private boolean asksNothingOfACaller() {
        return callerZone == null && callerVersion == null && callerTag == null;
    }

    private boolean asksNothingOfARequest() {
        return methods.isEmpty()
                && path == null
                && headers.isEmpty()
                && cookies.isEmpty()
                && baggage.isEmpty()
                && percent == null;
    }

    /** Whether a process of this kind can match at all. */
    public boolean allows(Caller caller) {
        return (callerZone == null || Subset.isZone(callerZone, caller.zone()))
                && (callerVersion == null || callerVersion.equals(caller.version()))
                && (callerTag == null || caller.tags().contains(callerTag));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Match match
                && methods.equals(match.methods)
                && Objects.equals(path, match.path)
                && headers.equals(match.headers)
                && cookies.equals(match.cookies)
                && baggage.equals(match.baggage)
                && Objects.equals(callerZone, match.callerZone)
                && Objects.equals(callerVersion, match.callerVersion)
                && Objects.equals(callerTag, match.callerTag)
                && Objects.equals(percent, match.percent);
    }

    @Override
    public int hashCode() {
        return Objects.hash(methods, path, headers, cookies, baggage, callerZone, callerVersion, callerTag, percent);
    }

    /** As in {@code method [GET, HEAD], path prefix '/v1', header X-User-Tag 'canary'}. */
    @Override
    public String toString() {
        StringJoiner parts = new StringJoiner(", ").setEmptyValue("always");
        if (!methods.isEmpty()) {
            parts.add("method " + methods);
        }
        addIfKnown(parts, "path ", path);
        headers.forEach((name, text) -> parts.add("header " + name + " " + text));
        cookies.forEach((name, text) -> parts.add("cookie " + name + " " + text));
        baggage.forEach((name, text) -> parts.add("baggage " + name + " " + text));
        addIfKnown(parts, "caller's zone ", callerZone);
        addIfKnown(parts, "caller's version ", callerVersion);
        addIfKnown(parts, "caller's tag ", callerTag);
        addIfKnown(parts, "", percent);
        return parts.toString();
    }

    private static void addIfKnown(StringJoiner parts, String what, @Nullable Object value) {
        if (value != null) {
            parts.add(what + value);
        }
    }

    /** Collects what must hold. Not thread-safe. */
    public static final class Builder {
        private final Set<String> methods = new LinkedHashSet<>();
        private final Map<String, TextMatch> headers = new LinkedHashMap<>();
        private final Map<String, TextMatch> cookies = new LinkedHashMap<>();
        private final Map<String, TextMatch> baggage = new LinkedHashMap<>();
        private @Nullable TextMatch path;
        private @Nullable String callerZone;
        private @Nullable String callerVersion;
        private @Nullable String callerTag;
        private @Nullable Percent percent;

        private Builder() {}

        /** One more method, or several, one of which it must be; in upper case. */
        public Builder method(String... names) {
            methods.addAll(List.of(names));
            return this;
        }

        /** What the path must be. */
        public Builder path(TextMatch value) {
            path = value;
            return this;
        }

        /** What one more header must be. */
        public Builder header(String name, TextMatch value) {
            headers.put(name, value);
            return this;
        }

        /** What one more cookie must be. */
        public Builder cookie(String name, TextMatch value) {
            cookies.put(name, value);
            return this;
        }

        /** What one more entry of the baggage must be. */
        public Builder baggage(String name, TextMatch value) {
            baggage.put(name, value);
            return this;
        }

        /** The zone this process must be in; {@code *} may end it. */
        public Builder callerZone(String value) {
            callerZone = value;
            return this;
        }

        /** The version this process must be of. */
        public Builder callerVersion(String value) {
            callerVersion = value;
            return this;
        }

        /** The tag this process must have. */
        public Builder callerTag(String value) {
            callerTag = value;
            return this;
        }

        /** Which part of the calls. */
        public Builder percent(Percent value) {
            percent = value;
            return this;
        }

        /** The condition. */
        public Match build() {
            return new Match(this);
        }
    }
}
