// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules for every word that may stand in a {@link ServiceInstance}. All patterns match in linear time. Messages
 * shorten and escape what was given, so that registry data can not forge a log line.
 */
final class Names {
    private static final int MAX_NAME = 253;
    private static final int MAX_TEXT = 256;
    private static final int MAX_ENTRIES = 64;
    private static final int MAX_VALUE = 4_096;
    private static final Pattern DNS_NAME =
            Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final Pattern IPV4 =
            Pattern.compile("(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");
    private static final Pattern DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]{0,31}");
    private static final Pattern NOT_ID = Pattern.compile("[^A-Za-z0-9.-]");

    private Names() {}

    static String requireService(String service) {
        String name = service == null ? "" : service.toLowerCase(Locale.ROOT);
        if (name.length() > MAX_NAME || !DNS_NAME.matcher(name).matches()) {
            throw illegal("service", service, "RFC 1123 labels joined by dots, at most 253 characters, as in 'orders'");
        }
        return name;
    }

    static String requireId(String id) {
        if (id == null || id.isEmpty() || id.length() > MAX_TEXT || !isGraphic(id)) {
            throw illegal("id", id, "1 to 256 printable ASCII characters without blanks");
        }
        return id;
    }

    static String requireHost(String host) {
        String name = host == null ? "" : host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[") && name.endsWith("]")) {
            name = name.substring(1, name.length() - 1);
        }
        if (name.indexOf(':') >= 0 ? Ipv6.isLiteral(name) : isNameOrIpv4(name)) {
            return name;
        }
        throw illegal("host", host, "an IPv4 or IPv6 literal or an RFC 1123 name, at most 253 characters");
    }

    static String requireScheme(String scheme) {
        String name = scheme == null ? "" : scheme.toLowerCase(Locale.ROOT);
        if (!SCHEME.matcher(name).matches()) {
            throw illegal("scheme", scheme, "a URI scheme, as in 'http'");
        }
        return name;
    }

    static void requireRange(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }

    static @Nullable String optionalText(String what, @Nullable String text) {
        return text == null || text.isEmpty() ? null : requireText(what, text, MAX_TEXT);
    }

    static Set<String> copyOfTags(Set<String> tags) {
        requireCount("tags", tags == null ? -1 : tags.size());
        Set<String> copy = new LinkedHashSet<>();
        for (String tag : tags) {
            if (tag == null || tag.isEmpty()) {
                throw illegal("tag", tag, "1 to 256 characters");
            }
            copy.add(requireText("tag", tag, MAX_TEXT));
        }
        return Collections.unmodifiableSet(copy);
    }

    static Map<String, String> copyOfMetadata(Map<String, String> metadata) {
        requireCount("metadata entries", metadata == null ? -1 : metadata.size());
        Map<String, String> copy = new LinkedHashMap<>();
        metadata.forEach((key, value) -> {
            if (key == null || key.isEmpty() || key.length() > MAX_TEXT || !isGraphic(key)) {
                throw illegal("metadata key", key, "1 to 256 printable ASCII characters without blanks");
            }
            if (value == null) {
                throw illegal("metadata '" + key + "'", null, "a string");
            }
            copy.put(key, requireText("metadata '" + key + "'", value, MAX_VALUE));
        });
        return Collections.unmodifiableMap(copy);
    }

    static String idFor(String service, String host, int port) {
        return NOT_ID.matcher(service + "-" + host + "-" + port).replaceAll("-");
    }

    /** Shortens and escapes untrusted text for a message. */
    static String quote(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder quoted = new StringBuilder("'");
        for (int i = 0; i < Math.min(text.length(), 80); i++) {
            char c = text.charAt(i);
            quoted.append(c >= ' ' && c < 127 ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return quoted.append(text.length() > 80 ? "…' (" + text.length() + " characters)" : "'")
                .toString();
    }

    private static boolean isNameOrIpv4(String name) {
        if (DIGITS_AND_DOTS.matcher(name).matches()) {
            return IPV4.matcher(name).matches();
        }
        return name.length() <= MAX_NAME && DNS_NAME.matcher(name).matches();
    }

    private static boolean isGraphic(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    private static String requireText(String what, String text, int max) {
        if (text.length() > max || text.chars().anyMatch(Character::isISOControl)) {
            throw illegal(what, text, "at most " + max + " characters, none of them a control character");
        }
        return text;
    }

    private static void requireCount(String what, int count) {
        if (count < 0 || count > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    what + ": " + (count < 0 ? "null" : count) + " (expected: 0.." + MAX_ENTRIES + ")");
        }
    }

    private static IllegalArgumentException illegal(String what, @Nullable String given, String expected) {
        return new IllegalArgumentException(what + ": " + quote(given) + " (expected: " + expected + ")");
    }
}
