// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects problems, and checks what several parts of routes have alike. For one thread. */
final class RouteProblems {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,63}");

    /** RFC 9110, section 5.6.2. */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");

    private static final Pattern METHOD = Pattern.compile("[A-Z0-9!#$%&'*+.^_`|~-]{1,32}");
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final int SHOWN = 200;

    private final List<Problem> list = new ArrayList<>();

    void add(String path, String message) {
        list.add(new Problem(path, message));
    }

    List<Problem> list() {
        return List.copyOf(list);
    }

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    /** As it may stand in a message: what others wrote can not forge a line of a log, nor fill it. */
    static String plain(String text) {
        StringBuilder plain = new StringBuilder();
        text.chars().limit(SHOWN).forEach(c -> plain.append(Character.isISOControl(c) ? '?' : (char) c));
        return text.length() > SHOWN ? plain.append('…').toString() : plain.toString();
    }

    static String quoted(String text) {
        return "'" + plain(text) + "'";
    }

    void checkZone(String path, @Nullable String zone) {
        if (zone == null) {
            return;
        }
        int star = zone.indexOf('*');
        if (zone.isEmpty() || star >= 0 && star < zone.length() - 1) {
            add(path, quoted(zone) + " (expected: a zone, or its beginning with one '*' behind)");
        }
    }

    void checkTime(String path, @Nullable Duration time, boolean mayBeZero) {
        if (time != null && (time.isNegative() || time.isZero() && !mayBeZero || time.compareTo(LONGEST) > 0)) {
            add(path, time + " (expected: " + (mayBeZero ? "0" : "above 0") + ", up to 24h)");
        }
    }

    void checkNumber(String path, BigDecimal number, long most, String expected) {
        if (!Decimals.isWithin(number, most)) {
            add(path, plain(number.toString()) + " (expected: " + expected + ")");
        } else if (!Decimals.isShort(number)) {
            add(path, plain(number.toString()) + " (expected: at most 4 decimals)");
        }
    }

    void checkMethods(String path, Set<String> methods) {
        for (String method : methods) {
            if (!METHOD.matcher(method).matches()) {
                add(path, quoted(method) + " (expected: methods in upper case, as in GET)");
            }
        }
    }

    void checkMirror(String path, Mirror mirror) {
        checkNumber(path + ".percent", mirror.percent(), Percent.MOST, "0 to 100");
        checkCount(path + ".maxBody", mirror.maxBody(), 0, Mirror.MOST_BODY);
        checkCount(path + ".inFlight", mirror.inFlight(), 1, Mirror.MOST_IN_FLIGHT);
        Duration timeout = mirror.timeout();
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(Mirror.LONGEST) > 0) {
            add(path + ".timeout", timeout + " (expected: above 0, up to 60s)");
        }
        if (mirror.methods().isEmpty()) {
            add(path + ".methods", "empty (expected: methods, as in GET)");
        }
        checkMethods(path + ".methods", mirror.methods());
    }

    private void checkCount(String path, int count, int least, int most) {
        if (count < least || count > most) {
            add(path, count + " (expected: " + least + ".." + most + ")");
        }
    }
}
