// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.route;

import io.fairlead.spi.kit.NearestName;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds everything that is wrong with the routes of a service. For one thread. */
final class RuleProblems {
    /** What a message lists at most. */
    private static final int SHOWN = 20;

    private static final Set<String> RESERVED = Set.of(Rule.ANY, "none");

    private final RouteProblems found = new RouteProblems();
    private final List<Map.Entry<String, Subset>> subsets;
    private final List<Rule> rules;
    private final @Nullable Rule otherwise;
    private final Set<String> names = new LinkedHashSet<>();

    RuleProblems(List<Map.Entry<String, Subset>> subsets, List<Rule> rules, @Nullable Rule otherwise) {
        this.subsets = subsets;
        this.rules = rules;
        this.otherwise = otherwise;
    }

    /** Lists them for people. */
    static String text(List<Problem> problems) {
        String shown = problems.stream().limit(SHOWN).map(Problem::toString).collect(Collectors.joining("\n  "));
        int more = problems.size() - SHOWN;
        return "routes: " + (problems.size() == 1 ? "1 problem" : problems.size() + " problems") + "\n  " + shown
                + (more > 0 ? "\n  and " + more + " more" : "");
    }

    List<Problem> all() {
        checkSubsets();
        if (rules.size() > Routes.MAX_RULES) {
            found.add("rules", rules.size() + " (expected: at most " + Routes.MAX_RULES + ")");
            return found.list();
        }
        Map<String, Integer> first = new HashMap<>();
        MatchProblems matches = new MatchProblems(found);
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            String path = "rules[" + i + "]";
            checkName(path + ".name", rule.name(), Set.of(Rule.DEFAULT));
            Integer before = first.putIfAbsent(rule.name(), i);
            if (before != null) {
                found.add(
                        path + ".name", RouteProblems.quoted(rule.name()) + " twice (first at rules[" + before + "])");
            }
            matches.check(path, rule.matches());
            checkRule(path, rule);
        }
        checkDefault();
        return found.list();
    }

    private void checkSubsets() {
        if (subsets.isEmpty()) {
            found.add("subsets", "missing (expected: at least one)");
        }
        if (subsets.size() > Routes.MAX_SUBSETS) {
            found.add("subsets", subsets.size() + " (expected: at most " + Routes.MAX_SUBSETS + ")");
        }
        for (Map.Entry<String, Subset> named : subsets) {
            String path = "subsets." + RouteProblems.plain(named.getKey());
            Subset subset = named.getValue();
            checkName(path, named.getKey(), RESERVED);
            if (!names.add(named.getKey())) {
                found.add(path, "twice (expected: one subset of a name)");
            }
            if (subset.isEmpty()) {
                found.add(path, "empty (expected: version, tags, zone or metadata)");
            }
            found.checkZone(path + ".zone", subset.zone());
        }
    }

    private void checkDefault() {
        if (otherwise == null) {
            found.add(Rule.DEFAULT, "missing (expected: what happens when no rule matches)");
            return;
        }
        if (!otherwise.name().equals(Rule.DEFAULT)) {
            found.add(
                    Rule.DEFAULT + ".name",
                    RouteProblems.quoted(otherwise.name()) + " (expected: a rule of Rule.otherwise(), without a name)");
        }
        if (!otherwise.matches().isEmpty()) {
            found.add(Rule.DEFAULT + ".match", "given (expected: none, it takes what no rule matches)");
        }
        checkRule(Rule.DEFAULT, otherwise);
    }

    private void checkRule(String path, Rule rule) {
        checkName(path + ".seed", rule.seed(), Set.of());
        checkDestinations(path + ".to", rule.to());
        checkFallback(path + ".fallback", rule);
        found.checkTime(path + ".timeout", rule.timeout(), false);
        found.checkTime(path + ".ramp", rule.ramp(), true);
        Mirror mirror = rule.mirror();
        if (mirror != null) {
            checkKnown(path + ".mirror.to", mirror.to());
            found.checkMirror(path + ".mirror", mirror);
        }
    }

    private void checkDestinations(String path, List<Destination> to) {
        if (to.isEmpty()) {
            found.add(path, "missing (expected: at least one subset)");
            return;
        }
        Set<String> seen = new LinkedHashSet<>();
        boolean hasWeight = false;
        for (int i = 0; i < to.size(); i++) {
            Destination destination = to.get(i);
            String at = path + "[" + i + "]";
            checkKnown(at + ".subset", destination.subset());
            if (!seen.add(destination.subset())) {
                found.add(at + ".subset", RouteProblems.quoted(destination.subset()) + " twice (expected: each once)");
            }
            found.checkNumber(at + ".weight", destination.weight(), Destination.MOST, "0 to 1,000,000");
            hasWeight |= destination.weight().signum() != 0;
        }
        if (!hasWeight) {
            found.add(path, "weights sum to 0 (expected: at least one above 0)");
        }
    }

    private void checkFallback(String path, Rule rule) {
        Set<String> seen = new LinkedHashSet<>();
        List<String> fallback = rule.fallback();
        for (int i = 0; i < fallback.size(); i++) {
            String name = fallback.get(i);
            String at = path + "[" + i + "]";
            if (!seen.add(name)) {
                found.add(at, RouteProblems.quoted(name) + " twice (expected: each once)");
            } else if (name.equals(Rule.ANY)) {
                if (i < fallback.size() - 1) {
                    found.add(at, "'any' before others (expected: last, it has all instances)");
                }
            } else {
                checkKnown(at, name);
                if (rule.to().size() == 1 && rule.to().get(0).subset().equals(name)) {
                    found.add(at, RouteProblems.quoted(name) + " is the only destination (expected: another subset)");
                }
            }
        }
    }

    private void checkKnown(String path, String subset) {
        if (names.contains(subset)) {
            return;
        }
        String nearest = NearestName.suggest(RouteProblems.plain(subset), names);
        found.add(
                path,
                RouteProblems.quoted(subset) + " (" + (nearest == null ? "" : "did you mean '" + nearest + "'? ")
                        + "defined: " + (names.isEmpty() ? "none" : String.join(", ", names)) + ")");
    }

    private void checkName(String path, String name, Set<String> reserved) {
        if (!RouteProblems.isName(name)) {
            found.add(
                    path,
                    RouteProblems.quoted(name)
                            + " (expected: 1 to 63 characters, letters, digits, '-', '_' and '.', as in 'canary')");
        } else if (reserved.contains(name)) {
            found.add(path, RouteProblems.quoted(name) + " (expected: another name, this one has a meaning)");
        }
    }
}
