// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Percent;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.TextMatch;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What routes mean, as plainly as it can be said: the page's pseudocode, with Java's own expressions and exact fractions, and
 * nothing of the code under test.
 */
final class ReferenceRouter {
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    private final Routes routes;
    private final Caller caller;
    private final RandomGenerator random;
    private final Map<String, Pattern> patterns = new HashMap<>();

    ReferenceRouter(Routes routes, Caller caller, RandomGenerator random) {
        this.routes = routes;
        this.caller = caller;
        this.random = random;
    }

    /** The rule and the subset, as in {@code testers -> canary}. */
    String route(PickContext request) {
        List<Rule> rules = new ArrayList<>(routes.rules());
        rules.add(routes.otherwise());
        for (Rule rule : rules) {
            if (rule.matches().isEmpty() || matchesAny(rule, request)) {
                return rule.name() + " -> " + draw(rule, request);
            }
        }
        throw new AssertionError("the default matches");
    }

    /** Where something holds for every call, nothing is left to chance: it is looked at first. */
    private boolean matchesAny(Rule rule, PickContext request) {
        for (Match match : rule.matches()) {
            if (asksNothing(match) && matchesAll(rule, match, request)) {
                return true;
            }
        }
        for (Match match : rule.matches()) {
            if (matchesAll(rule, match, request)) {
                return true;
            }
        }
        return false;
    }

    private static boolean asksNothing(Match match) {
        return match.methods().isEmpty()
                && match.path() == null
                && match.headers().isEmpty()
                && match.cookies().isEmpty()
                && match.baggage().isEmpty()
                && match.percent() == null;
    }

    private boolean matchesAll(Rule rule, Match match, PickContext request) {
        if (match.callerZone() != null && !isLike(match.callerZone(), caller.zone())) {
            return false;
        }
        if (match.callerVersion() != null && !match.callerVersion().equals(caller.version())) {
            return false;
        }
        if (match.callerTag() != null && !caller.tags().contains(match.callerTag())) {
            return false;
        }
        if (!match.methods().isEmpty()
                && (request.method() == null || !match.methods().contains(request.method()))) {
            return false;
        }
        if (match.path() != null && !holdsForPath(match.path(), request.path())) {
            return false;
        }
        for (String name : match.headers().keySet()) {
            if (!holds(match.headers().get(name), request.header(name))) {
                return false;
            }
        }
        for (String name : match.cookies().keySet()) {
            if (!holds(match.cookies().get(name), cookie(request.header("Cookie"), name))) {
                return false;
            }
        }
        for (String name : match.baggage().keySet()) {
            if (!holds(match.baggage().get(name), baggage(request.header("baggage"), name))) {
                return false;
            }
        }
        return match.percent() == null || isAmong(rule, match.percent(), request);
    }

    private static boolean isLike(String pattern, @Nullable String zone) {
        return zone != null
                && (pattern.endsWith("*")
                        ? zone.startsWith(pattern.substring(0, pattern.length() - 1))
                        : zone.equals(pattern));
    }

    private boolean holds(TextMatch match, @Nullable String value) {
        return switch (match.kind()) {
            case EXACT -> value != null && value.equals(match.text());
            case PREFIX -> value != null && value.startsWith(match.text());
            case REGEX ->
                value != null
                        && patterns.computeIfAbsent(match.text(), text -> Pattern.compile(text, Pattern.DOTALL))
                                .matcher(value)
                                .matches();
            case PRESENT -> value != null;
            case ABSENT -> value == null;
        };
    }

    private boolean holdsForPath(TextMatch match, @Nullable String path) {
        if (path == null || match.kind() != TextMatch.Kind.PREFIX) {
            return path != null && holds(match, path);
        }
        String folder = match.text().endsWith("/") ? match.text() : match.text() + "/";
        return path.equals(match.text()) || path.startsWith(folder);
    }

    static @Nullable String cookie(@Nullable String header, String name) {
        for (String pair : header == null ? new String[0] : header.split(";")) {
            if (pair.contains("=")
                    && pair.substring(0, pair.indexOf('=')).strip().equals(name)) {
                return pair.substring(pair.indexOf('=') + 1).strip();
            }
        }
        return null;
    }

    static @Nullable String baggage(@Nullable String header, String name) {
        String found = null;
        for (String entry : header == null ? new String[0] : header.split(",")) {
            String pair = entry.contains(";") ? entry.substring(0, entry.indexOf(';')) : entry;
            if (pair.contains("=")
                    && pair.substring(0, pair.indexOf('=')).strip().equals(name)) {
                found = pair.substring(pair.indexOf('=') + 1).strip();
            }
        }
        return found == null ? null : URLDecoder.decode(found.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private boolean isAmong(Rule rule, Percent percent, PickContext request) {
        long hash;
        if (percent.by() == null) {
            hash = random.nextLong();
        } else {
            String key = key(percent.by(), request);
            if (key == null) {
                return false;
            }
            hash = hash(key);
        }
        return BigDecimal.valueOf(draw(hash, rule.seed() + "/%"))
                        .compareTo(MILLION.multiply(percent.of()).movePointLeft(2))
                < 0;
    }

    private String draw(Rule rule, PickContext request) {
        List<Destination> to = rule.to();
        String last = to.get(to.size() - 1).subset();
        if (to.size() == 1) {
            return last;
        }
        String key = rule.by() == null ? null : key(rule.by(), request);
        if (rule.by() != null && key == null) {
            return last + " (without a key)";
        }
        long hash = key == null ? random.nextLong() : hash(key);
        BigDecimal rest = BigDecimal.ZERO;
        for (Destination destination : to) {
            rest = rest.add(destination.weight());
        }
        for (Destination destination : to.subList(0, to.size() - 1)) {
            // draw < 1e6 w / rest, without a fraction
            BigDecimal draw = BigDecimal.valueOf(draw(hash, rule.seed() + "/" + destination.subset()));
            if (draw.multiply(rest).compareTo(MILLION.multiply(destination.weight())) < 0) {
                return destination.subset();
            }
            rest = rest.subtract(destination.weight());
        }
        return last;
    }

    /** By what a key says of itself as a text. */
    private static @Nullable String key(StickyKey key, PickContext request) {
        String[] words = key.toString().split(" ", 2);
        String value = switch (words[0]) {
            case "hashKey" -> request.hashKey();
            case "header" -> request.header(words[1]);
            case "cookie" -> cookie(request.header("Cookie"), words[1]);
            case "baggage" -> baggage(request.header("baggage"), words[1]);
            default -> throw new AssertionError(key);
        };
        return value == null || value.isEmpty() ? null : value;
    }

    static long draw(long hash, String what) {
        return (mix(hash ^ hash(what)) >>> 32) * 1_000_000 >>> 32;
    }

    static long hash(String text) {
        long hash = 0xCBF29CE484222325L;
        for (char unit : text.toCharArray()) {
            hash ^= unit;
            hash *= 0x100000001B3L;
        }
        return mix(hash);
    }

    private static long mix(long bits) {
        long z = bits;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
