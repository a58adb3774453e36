// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.http.Pairs;
import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Percent;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.TextMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Says why a rule matches a call or not, from the routes as they were written. For one thread. */
final class RouteExplainer {
    /** What is said when chance decides, and nothing is drawn. */
    private static final String MAYBE = "perhaps";

    /** A key is drawn without it. */
    private static final RandomGenerator NO_CHANCE = () -> 0L;

    private static final int SHOWN = 80;

    private final TableRule[] rules;
    private final Caller caller;
    private final long nowNanos;

    RouteExplainer(TableRule[] rules, Caller caller, long nowNanos) {
        this.rules = rules;
        this.caller = caller;
        this.nowNanos = nowNanos;
    }

    List<String> explain(PickContext context) {
        List<String> lines = new ArrayList<>();
        for (TableRule rule : rules) {
            String objection = objection(rule.rule(), context);
            boolean matches = objection.isEmpty();
            boolean mayMatch = objection.startsWith(MAYBE);
            lines.add("rule " + rule.rule().name() + ": "
                    + (matches ? "matches, " : mayMatch ? objection + ", " : "no, " + objection)
                    + (matches || mayMatch ? where(rule, context) : ""));
            if (matches) {
                break;
            }
        }
        return lines;
    }

    /** What speaks against a rule; of several alternatives, against each. Empty when nothing does. */
    private String objection(Rule rule, PickContext context) {
        StringJoiner objections = new StringJoiner("; or ");
        String chance = "";
        for (Match match : rule.matches()) {
            String objection = objection(rule, match, context);
            if (objection.isEmpty()) {
                return "";
            }
            chance = objection.startsWith(MAYBE) ? objection : chance;
            objections.add(objection);
        }
        return chance.isEmpty() ? objections.toString() : chance;
    }

    private String objection(Rule rule, Match match, PickContext context) {
        if (!match.allows(caller)) {
            return "the caller is " + caller + " (expected: " + asked(match) + ")";
        }
        if (!match.methods().isEmpty() && !match.methods().contains(Objects.toString(context.method(), ""))) {
            return seen("method", context.method(), String.join(" or ", match.methods()));
        }
        TextMatch path = match.path();
        if (path != null && !path.matchesPath(context.path())) {
            return seen("path", context.path(), path.toString());
        }
        for (Map.Entry<String, TextMatch> header : match.headers().entrySet()) {
            String value = context.header(header.getKey());
            if (!header.getValue().matches(value)) {
                return seen(
                        "header " + header.getKey(), value, header.getValue().toString());
            }
        }
        for (Map.Entry<String, TextMatch> cookie : match.cookies().entrySet()) {
            String value = Pairs.cookieValue(context.header("Cookie"), cookie.getKey());
            if (!cookie.getValue().matches(value)) {
                return seen(
                        "cookie " + cookie.getKey(), value, cookie.getValue().toString());
            }
        }
        for (Map.Entry<String, TextMatch> entry : match.baggage().entrySet()) {
            String value = Pairs.baggageValue(context.header("baggage"), entry.getKey());
            if (!entry.getValue().matches(value)) {
                return seen("baggage " + entry.getKey(), value, entry.getValue().toString());
            }
        }
        Percent percent = match.percent();
        return percent == null ? "" : objection(rule, percent, context);
    }

    private static String objection(Rule rule, Percent percent, PickContext context) {
        StickyKey by = percent.by();
        if (by == null) {
            int all = percent.millionths();
            return all == Draw.ALL ? "" : all == 0 ? "0 % never matches" : MAYBE + " (" + percent + " of calls)";
        }
        String key = by.of(context);
        if (key == null) {
            return "the key (" + by + ") is absent (expected: one that is among " + percent + ")";
        }
        int draw = Draw.of(Draw.hash(key), Draw.percentSalt(rule.seed()));
        return draw < percent.millionths()
                ? ""
                : "the key " + quoted(key) + " draws " + percent(draw) + " (expected: below " + percent + ")";
    }

    private String where(TableRule rule, PickContext context) {
        Map<String, Double> shares = TableBuilder.shares(rule, nowNanos);
        List<Destination> to = rule.rule().to();
        if (to.size() == 1 && shares.size() == 1) {
            return "to " + to.get(0).subset();
        }
        StickyKey by = rule.rule().by();
        String key = by == null ? null : by.of(context);
        if (key != null) {
            Lane lane = rule.split().draw(context, NO_CHANCE, nowNanos);
            return "the key " + quoted(key) + " (" + by + ") draws " + lane.subsetName();
        }
        if (by != null) {
            return "the key (" + by + ") is absent: to " + to.get(to.size() - 1).subset();
        }
        StringJoiner parts = new StringJoiner(", ");
        shares.forEach((name, share) -> parts.add(name + " " + percent((int) Math.round(share * Draw.ALL))));
        return "drawn for each call: " + parts;
    }

    private static String asked(Match match) {
        StringJoiner asked = new StringJoiner(", ");
        addIfKnown(asked, "zone ", match.callerZone());
        addIfKnown(asked, "version ", match.callerVersion());
        addIfKnown(asked, "tag ", match.callerTag());
        return asked.toString();
    }

    private static void addIfKnown(StringJoiner asked, String what, @Nullable String value) {
        if (value != null) {
            asked.add(what + value);
        }
    }

    private static String seen(String what, @Nullable String value, String expected) {
        return what + " is " + (value == null ? "absent" : quoted(value)) + " (expected: " + expected + ")";
    }

    /** Four decimals, the same in every country. */
    private static String percent(int millionths) {
        return String.format(Locale.ROOT, "%.4f", millionths / 10_000.0).replaceAll("\\.?0+$", "") + " %";
    }

    private static String quoted(String text) {
        StringBuilder plain = new StringBuilder("'");
        text.chars().limit(SHOWN).forEach(c -> plain.append(Character.isISOControl(c) ? '?' : (char) c));
        return plain.append(text.length() > SHOWN ? "…'" : "'").toString();
    }
}
