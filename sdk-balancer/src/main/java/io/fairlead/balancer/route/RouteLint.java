// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import io.fairlead.balancer.RateLimit;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds what is allowed in routes and most likely not meant. For one thread. */
final class RouteLint {
    private final RouteProblems found = new RouteProblems();
    private final Routes routes;
    private final Set<String> used = new LinkedHashSet<>();

    RouteLint(Routes routes) {
        this.routes = routes;
    }

    List<Problem> problems() {
        if (routes.isOff()) {
            return List.of();
        }
        checkRules();
        checkRule(Rule.DEFAULT, routes.otherwise());
        checkSubsets();
        return found.list();
    }

    private void checkRules() {
        Map<Match, String> before = new HashMap<>();
        String always = "";
        for (int i = 0; i < routes.rules().size(); i++) {
            Rule rule = routes.rules().get(i);
            String path = "rules[" + i + "]";
            if (!always.isEmpty()) {
                found.add(
                        path,
                        RouteProblems.quoted(rule.name()) + " is never reached: " + always
                                + " before it always matches");
            } else if (!rule.matches().isEmpty() && before.keySet().containsAll(rule.matches())) {
                found.add(
                        path,
                        RouteProblems.quoted(rule.name()) + " is never reached: '"
                                + before.get(rule.matches().get(0)) + "' before it matches the same");
            }
            for (int m = 0; m < rule.matches().size(); m++) {
                checkMatch(path + ".match[" + m + "]", rule.matches().get(m));
            }
            checkRule(path, rule);
            rule.matches().stream()
                    .filter(match -> match.percent() == null)
                    .forEach(match -> before.putIfAbsent(match, rule.name()));
            always = always.isEmpty() && rule.isAlways() ? "'" + rule.name() + "'" : always;
        }
    }

    private void checkMatch(String path, Match match) {
        Percent percent = match.percent();
        if (percent != null && percent.of().signum() == 0) {
            found.add(path + ".percent.of", "0: it never matches");
        }
        TextMatch text = match.path();
        if (text != null && text.kind() != TextMatch.Kind.REGEX && !isEncoded(text.text())) {
            found.add(
                    path + ".path",
                    RouteProblems.quoted(text.text())
                            + " never matches: blanks and what is not ASCII are encoded in a path, as in" + " %20");
        }
    }

    private static boolean isEncoded(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    private void checkRule(String path, Rule rule) {
        List<Destination> to = rule.to();
        to.stream().filter(each -> each.weight().signum() != 0).forEach(each -> used.add(each.subset()));
        used.addAll(rule.fallback());
        Mirror mirror = rule.mirror();
        if (mirror != null) {
            used.add(mirror.to());
            if (to.size() == 1 && to.get(0).subset().equals(mirror.to())) {
                found.add(path + ".mirror.to", "'" + mirror.to() + "' gets each call and its copy");
            }
        }
        RateLimit limit = rule.rateLimit();
        if (limit != null && !limit.lint().isEmpty()) {
            found.add(path + ".rateLimit", limit.lint());
        }
        Destination last = to.get(to.size() - 1);
        if (rule.by() != null && to.size() > 1 && last.weight().signum() == 0) {
            found.add(
                    path + ".to[" + (to.size() - 1) + "]",
                    last + " takes every call without the key (" + rule.by() + "), although its weight is 0");
        }
        if (rule.by() != null && to.size() == 1) {
            found.add(path + ".by", "one destination: nothing is drawn");
        }
        if (rule.retryInSame() && rule.fallback().isEmpty()) {
            found.add(path + ".retryIn", "same: without a fallback attempts stay anyway");
        }
    }

    private void checkSubsets() {
        for (String name : routes.subsets().keySet()) {
            if (!used.contains(name)) {
                found.add("subsets." + name, "gets no calls: no rule names it with a weight above 0");
            }
        }
    }
}
