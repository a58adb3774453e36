// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds one pair in a header that has several, {@code Cookie} and {@code baggage}, and allocates nothing but what it returns.
 * Stateless.
 */
public final class Pairs {
    /** Of {@link #cookie} and {@link #baggage}: there is none. */
    public static final long NONE = -1;

    private Pairs() {}

    /**
     * Where the value of the first cookie of a name lies (RFC 6265, section 5.4 puts the most specific one first): its begin in
     * the high half, its end in the low one, or {@link #NONE}. Quotes belong to the value, blanks around it do not.
     */
    public static long cookie(@Nullable String header, String name) {
        if (header == null) {
            return NONE;
        }
        int start = 0;
        while (start < header.length()) {
            int end = indexOf(header, ';', start, header.length());
            long value = valueOf(header, start, end, name);
            if (value != NONE) {
                return value;
            }
            start = end + 1;
        }
        return NONE;
    }

    /**
     * Where the value of the last entry of a name lies in {@code baggage} (W3C, without its properties), as {@link #cookie}
     * says it. Not decoded.
     */
    public static long baggage(@Nullable String header, String name) {
        if (header == null) {
            return NONE;
        }
        long found = NONE;
        int start = 0;
        while (start < header.length()) {
            int end = indexOf(header, ',', start, header.length());
            long value = valueOf(header, start, indexOf(header, ';', start, end), name);
            found = value == NONE ? found : value;
            start = end + 1;
        }
        return found;
    }

    /** The value of a cookie, which may be empty, or null when there is none. */
    public static @Nullable String cookieValue(@Nullable String header, String name) {
        long place = cookie(header, name);
        return header == null || place == NONE ? null : header.substring(begin(place), end(place));
    }

    /** The decoded value of an entry of {@code baggage}, which may be empty, or null when there is none. */
    public static @Nullable String baggageValue(@Nullable String header, String name) {
        long place = baggage(header, name);
        return header == null || place == NONE ? null : decoded(header.substring(begin(place), end(place)));
    }

    /** Where a value begins. */
    public static int begin(long place) {
        return (int) (place >>> 32);
    }

    /** Where a value ends. */
    public static int end(long place) {
        return (int) place;
    }

    /** What {@code %} and two hexadecimal digits stand for, as UTF-8; anything else stands for itself, {@code +} too. */
    public static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < raw.length; i++) {
            int high = i + 2 < raw.length && raw[i] == '%' ? Character.digit(raw[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(raw[i + 2], 16);
            if (low < 0) {
                raw[length++] = raw[i];
            } else {
                raw[length++] = (byte) (high * 16 + low);
                i += 2;
            }
        }
        return new String(raw, 0, length, StandardCharsets.UTF_8);
    }

    private static long valueOf(String header, int start, int end, String name) {
        int from = start;
        while (from < end && isBlank(header.charAt(from))) {
            from++;
        }
        int equals = from + name.length();
        if (!header.startsWith(name, from)) {
            return NONE;
        }
        while (equals < end && isBlank(header.charAt(equals))) {
            equals++;
        }
        if (equals >= end || header.charAt(equals) != '=') {
            return NONE;
        }
        int begin = equals + 1;
        int last = end;
        while (begin < last && isBlank(header.charAt(begin))) {
            begin++;
        }
        while (begin < last && isBlank(header.charAt(last - 1))) {
            last--;
        }
        return (long) begin << 32 | last;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static int indexOf(String text, char wanted, int start, int end) {
        for (int i = start; i < end; i++) {
            if (text.charAt(i) == wanted) {
                return i;
            }
        }
        return end;
    }
}
