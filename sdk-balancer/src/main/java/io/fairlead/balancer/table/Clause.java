// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.http.Pairs;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Percent;
import io.fairlead.balancer.route.TextMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One thing that must hold of a call. One class with a kind rather than a class for each: a call meets several kinds at the
 * same place in the code, and would pay for the dispatch. Immutable.
 */
final class Clause {
    static final int METHOD = 0;
    static final int PATH = 1;
    static final int HEADER = 2;
    static final int COOKIE = 3;
    static final int BAGGAGE = 4;
    static final int PERCENT = 5;

    private static final TextMatch NO_TEXT = TextMatch.present(true);
    private static final String[] NO_METHODS = {};

    final int kind;
    /** Of a header, cookie or entry of baggage. */
    final String name;

    /** Headers of one number have one name. */
    final int number;

    final TextMatch text;
    /** What a value must equal, when that is what is asked. */
    private final @Nullable String exact;

    final String[] methods;
    final @Nullable StickyKey by;
    final int millionths;
    final long salt;

    private Clause(
            int kind, String name, int number, TextMatch text, String[] methods, @Nullable Percent percent, long salt) {
        this.kind = kind;
        this.name = name;
        this.number = number;
        this.text = text;
        this.exact = text.kind() == TextMatch.Kind.EXACT ? text.text() : null;
        this.methods = methods;
        this.by = percent == null ? null : percent.by();
        this.millionths = percent == null ? 0 : percent.millionths();
        this.salt = salt;
    }

    /**
     * What a match asks of a request, in the order in which it is asked: what is cheap first, chance last.
     *
     * @param numbers gives each name of a header, in lower case, its number
     * @param salt of the rule's percentages
     */
    static Clause[] of(Match match, ToIntFunction<String> numbers, long salt) {
        List<Clause> all = new ArrayList<>();
        if (!match.methods().isEmpty()) {
            String[] methods = match.methods().toArray(String[]::new);
            all.add(new Clause(METHOD, "", 0, NO_TEXT, methods, null, 0));
        }
        TextMatch path = match.path();
        if (path != null) {
            all.add(new Clause(PATH, "", 0, path, NO_METHODS, null, 0));
        }
        match.headers()
                .forEach((name, text) -> all.add(new Clause(
                        HEADER, name, numbers.applyAsInt(name.toLowerCase(Locale.ROOT)), text, NO_METHODS, null, 0)));
        match.cookies().forEach((name, text) -> all.add(new Clause(COOKIE, name, 0, text, NO_METHODS, null, 0)));
        match.baggage().forEach((name, text) -> all.add(new Clause(BAGGAGE, name, 0, text, NO_METHODS, null, 0)));
        Percent percent = match.percent();
        if (percent != null) {
            all.add(new Clause(PERCENT, "", 0, NO_TEXT, NO_METHODS, percent, salt));
        }
        return all.toArray(Clause[]::new);
    }

    /** Whether it holds for the value of its header. */
    boolean holdsFor(@Nullable String value) {
        return exact == null ? text.matches(value) : exact.equals(value);
    }

    /** Whether it holds; not for headers and paths, which the table looks at itself. */
    boolean holds(PickContext context, RandomGenerator random) {
        return switch (kind) {
            case METHOD -> hasMethod(context.method());
            case COOKIE -> hasCookie(context.header("Cookie"));
            case BAGGAGE -> hasBaggage(context.header("baggage"));
            default -> isDrawn(context, random);
        };
    }

    private boolean isDrawn(PickContext context, RandomGenerator random) {
        if (by == null) {
            return Draw.of(random.nextLong(), salt) < millionths;
        }
        String key = by.of(context);
        return key != null && Draw.of(Draw.hash(key), salt) < millionths;
    }

    private boolean hasMethod(@Nullable String method) {
        for (String each : methods) {
            if (each.equals(method)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasCookie(@Nullable String header) {
        long place = Pairs.cookie(header, name);
        return header == null || place == Pairs.NONE
                ? text.matches(null)
                : text.matches(header, Pairs.begin(place), Pairs.end(place));
    }

    /** Allocates only when the value is encoded. */
    private boolean hasBaggage(@Nullable String header) {
        long place = Pairs.baggage(header, name);
        if (header == null || place == Pairs.NONE) {
            return text.matches(null);
        }
        int begin = Pairs.begin(place);
        int end = Pairs.end(place);
        for (int i = begin; i < end; i++) {
            if (header.charAt(i) == '%') {
                return text.matches(Pairs.decoded(header.substring(begin, end)));
            }
        }
        return text.matches(header, begin, end);
    }
}
