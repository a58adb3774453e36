// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Finds what is wrong with conditions. For one thread. */
final class MatchProblems {
    private static final int MOST_MATCHES = 32;
    private static final int MOST_NAMES = 32;
    private static final int MOST_TEXT = 4_096;

    /** Of all expressions of a service; a state of a wide one takes two kilobytes. */
    private static final int MOST_STATES = 20_000;

    /** So many bad expressions are enough: each may take 20 ms. */
    private static final int MOST_BAD = 20;

    private final RouteProblems found;
    private int states;
    private int bad;

    MatchProblems(RouteProblems found) {
        this.found = found;
    }

    void check(String rule, List<Match> matches) {
        if (matches.size() > MOST_MATCHES) {
            found.add(rule + ".match", matches.size() + " (expected: at most " + MOST_MATCHES + ")");
            return;
        }
        for (int i = 0; i < matches.size(); i++) {
            check(rule + ".match[" + i + "]", matches.get(i));
        }
    }

    private void check(String path, Match match) {
        found.checkMethods(path + ".method", match.methods());
        TextMatch text = match.path();
        if (text != null) {
            checkPath(path + ".path", text);
        }
        checkAll(path + ".headers", match.headers(), RouteProblems::isToken, "a header's name, as in X-User-Id");
        checkAll(path + ".cookies", match.cookies(), RouteProblems::isToken, "a cookie's name, as in sid");
        checkAll(path + ".baggage", match.baggage(), RouteProblems::isToken, "a key of baggage, as in userId");
        TreeSet<String> names = new TreeSet<>();
        for (String name : match.headers().keySet()) {
            if (!names.add(name.toLowerCase(Locale.ROOT))) {
                found.add(
                        path + ".headers." + RouteProblems.plain(name),
                        "twice (expected: each once, case does not matter)");
            }
        }
        found.checkZone(path + ".caller.zone", match.callerZone());
        Percent percent = match.percent();
        if (percent != null) {
            found.checkNumber(path + ".percent.of", percent.of(), Percent.MOST, "0 to 100");
        }
    }

    private void checkPath(String path, TextMatch match) {
        switch (match.kind()) {
            case EXACT, PREFIX -> {
                String text = match.text();
                if (!text.startsWith("/") || text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
                    found.add(
                            path + "." + key(match),
                            RouteProblems.quoted(text) + " (expected: a path that begins with '/', without a query)");
                }
                checkText(path, match);
            }
            case REGEX -> checkText(path, match);
            default -> found.add(path + ".present", "a path always is (expected: exact, prefix or regex)");
        }
    }

    private void checkAll(String path, Map<String, TextMatch> all, Predicate<String> isName, String expected) {
        if (all.size() > MOST_NAMES) {
            found.add(path, all.size() + " (expected: at most " + MOST_NAMES + ")");
            return;
        }
        all.forEach((name, match) -> {
            String at = path + "." + RouteProblems.plain(name);
            if (!isName.test(name)) {
                found.add(at, RouteProblems.quoted(name) + " (expected: " + expected + ")");
            }
            checkText(at, match);
        });
    }

    private void checkText(String path, TextMatch match) {
        if (match.text().length() > MOST_TEXT) {
            found.add(
                    path + "." + key(match),
                    match.text().length() + " characters (expected: at most " + MOST_TEXT + ")");
        } else if (match.kind() == TextMatch.Kind.REGEX && states <= MOST_STATES && bad < MOST_BAD) {
            checkExpression(path + "." + key(match), match);
        }
    }

    private void checkExpression(String path, TextMatch match) {
        try {
            states += match.states();
            if (states > MOST_STATES) {
                found.add(path, "with those before it over 20,000 states (expected: less {m,n} and '.*')");
            }
        } catch (IllegalArgumentException e) {
            bad++;
            found.add(path, RouteProblems.plain(String.valueOf(e.getMessage())));
        }
    }

    private static String key(TextMatch match) {
        return match.kind().name().toLowerCase(Locale.ROOT);
    }
}
