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
 * The rules for every word that may stand in a {@link ServiceInstance}: strict ones for what this SDK registers
 * ({@code requireStrict…}), wider ones for what others did. All patterns match in linear time. Messages shorten and escape
 * what was given, so that registry data can not forge a log line.
 */
final class Names {
    private static final int MAX_NAME = 253;
    static final int STRICT_TEXT = 256;
    static final int STRICT_VALUE = 4_096;
    static final int STRICT_ENTRIES = 64;
    static final int MAX_TEXT = 4_096;
    static final int MAX_VALUE = 65_536;
    static final int MAX_ENTRIES = 1_000;
    private static final Pattern SERVICE =
            Pattern.compile("[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*");
    private static final Pattern HOST =
            Pattern.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*");
    private static final Pattern DNS_NAME =
            Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*");
    private static final Pattern IPV4 =
            Pattern.compile("(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");
    private static final Pattern DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]{0,31}");
    private static final String HARMLESS = "none of them a control character";
    private static final Pattern NOT_ID = Pattern.compile("[^A-Za-z0-9.-]");

    private Names() {}

    static String requireService(String service) {
        String name = service == null ? "" : service.toLowerCase(Locale.ROOT);
        if (name.length() > MAX_NAME || !SERVICE.matcher(name).matches()) {
            throw illegal(
                    "service",
                    service,
                    "labels of letters, digits, '-' and '_' that begin and end with a letter or digit, joined by dots,"
                            + " at most 253 characters, as in 'orders'");
        }
        return name;
    }

    static String requireId(String id) {
        if (id == null || id.isEmpty() || id.length() > MAX_TEXT || !isHarmless(id)) {
            throw illegal("id", id, "1 to " + MAX_TEXT + " characters, " + HARMLESS);
        }
        return id;
    }

    static void requireStrictId(String id) {
        if (id.length() > STRICT_TEXT || !isGraphic(id)) {
            throw illegal("id", id, "1 to 256 printable ASCII characters without blanks");
        }
    }

    static String requireHost(String host) {
        String name = host == null ? "" : host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[") && name.endsWith("]")) {
            name = name.substring(1, name.length() - 1);
        }
        if (name.length() > 1 && name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        if (name.indexOf(':') >= 0 ? Ipv6.isLiteral(name) : isIpv4OrName(name, HOST)) {
            return name;
        }
        throw illegal("host", host, "an IPv4 or IPv6 literal or an RFC 1123 name, at most 253 characters");
    }

    static void requireStrictHost(String host) {
        if (host.indexOf(':') < 0 && !isIpv4OrName(host, DNS_NAME)) {
            throw illegal("host", host, "an IPv4 or IPv6 literal or an RFC 1123 name, at most 253 characters");
        }
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

    static void requireStrictText(String what, @Nullable String text) {
        if (text != null) {
            requireText(what, text, STRICT_TEXT);
        }
    }

    static Set<String> copyOfTags(Set<String> tags) {
        requireCount("tags", tags == null ? -1 : tags.size(), MAX_ENTRIES);
        Set<String> copy = new LinkedHashSet<>();
        tags.forEach(tag -> copy.add(requireTag(tag)));
        return Collections.unmodifiableSet(copy);
    }

    static String requireTag(String tag) {
        if (tag == null || tag.isEmpty()) {
            throw illegal("tag", tag, "1 to " + MAX_TEXT + " characters");
        }
        return requireText("tag", tag, MAX_TEXT);
    }

    static void requireStrictTags(Set<String> tags) {
        requireCount("tags", tags.size(), STRICT_ENTRIES);
        tags.forEach(tag -> requireText("tag", tag, STRICT_TEXT));
    }

    static Map<String, String> copyOfMetadata(Map<String, String> metadata) {
        requireCount("metadata entries", metadata == null ? -1 : metadata.size(), MAX_ENTRIES);
        Map<String, String> copy = new LinkedHashMap<>();
        metadata.forEach((key, value) -> {
            requireEntry(key, value);
            copy.put(key, value);
        });
        return Collections.unmodifiableMap(copy);
    }

    static void requireEntry(String key, String value) {
        if (key == null || key.isEmpty()) {
            throw illegal("metadata key", key, "1 to " + MAX_TEXT + " characters");
        }
        requireText("metadata key", key, MAX_TEXT);
        if (value == null) {
            throw illegal("metadata " + quote(key), null, "a string");
        }
        requireText("metadata " + quote(key), value, MAX_VALUE);
    }

    static void requireStrictMetadata(Map<String, String> metadata) {
        requireCount("metadata entries", metadata.size(), STRICT_ENTRIES);
        metadata.forEach((key, value) -> {
            if (key.length() > STRICT_TEXT || !isGraphic(key)) {
                throw illegal("metadata key", key, "1 to 256 printable ASCII characters without blanks");
            }
            requireText("metadata " + quote(key), value, STRICT_VALUE);
        });
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

    /** Whether no character could break a line, hide, or turn the reading direction of what follows. */
    static boolean isHarmless(String text) {
        return text.codePoints().noneMatch(Names::isHarmful);
    }

    static boolean isHarmful(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            // Joiners belong to words of several languages; what turns the direction belongs to none.
            case Character.FORMAT -> c != 0x200c && c != 0x200d;
            default -> false;
        };
    }

    /** Others' text for a message: each run of characters that could forge a line becomes a question mark. */
    static String printable(String text) {
        if (isHarmless(text)) {
            return text;
        }
        StringBuilder printable = new StringBuilder();
        boolean wasHarmful = false;
        for (int c : text.codePoints().toArray()) {
            if (!isHarmful(c)) {
                printable.appendCodePoint(c);
            } else if (!wasHarmful) {
                printable.append('?');
            }
            wasHarmful = isHarmful(c);
        }
        return printable.toString();
    }

    static IllegalArgumentException illegal(String what, @Nullable String given, String expected) {
        return new IllegalArgumentException(what + ": " + quote(given) + " (expected: " + expected + ")");
    }

    private static boolean isIpv4OrName(String name, Pattern names) {
        if (DIGITS_AND_DOTS.matcher(name).matches()) {
            return IPV4.matcher(name).matches();
        }
        return name.length() <= MAX_NAME && names.matcher(name).matches();
    }

    private static boolean isGraphic(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    private static String requireText(String what, String text, int max) {
        if (text.length() > max || !isHarmless(text)) {
            throw illegal(what, text, "at most " + max + " characters, " + HARMLESS);
        }
        return text;
    }

    private static void requireCount(String what, int count, int most) {
        if (count < 0 || count > most) {
            throw new IllegalArgumentException(
                    what + ": " + (count < 0 ? "null" : count) + " (expected: 0.." + most + ")");
        }
    }
}
