// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Destination;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the rules of a table. What the one before it counted, and where its ramps stand, is taken over. For one thread. */
final class TableBuilder {
    private final Caller caller;
    private final @Nullable RouteTable previous;
    private final long nowNanos;
    private final Map<String, Integer> subsets = new HashMap<>();
    private final Map<String, Integer> headers = new HashMap<>();

    TableBuilder(Routes routes, Caller caller, @Nullable RouteTable previous, long nowNanos) {
        this.caller = caller;
        this.previous = previous;
        this.nowNanos = nowNanos;
        routes.subsets().keySet().forEach(name -> subsets.put(name, subsets.size()));
    }

    TableRule rule(Rule rule, int place) {
        List<Clause[]> alternatives = new ArrayList<>();
        long salt = Draw.percentSalt(rule.seed());
        for (Match match : rule.matches()) {
            if (match.allows(caller)) {
                alternatives.add(Clause.of(match, this::number, salt));
            }
        }
        boolean always = rule.matches().isEmpty() || alternatives.stream().anyMatch(all -> all.length == 0);
        return new TableRule(rule, alternatives.toArray(Clause[][]::new), always, split(rule, place));
    }

    private int number(String header) {
        return headers.computeIfAbsent(header, ignored -> headers.size());
    }

    private Split split(Rule rule, int place) {
        TableRule before = previous == null ? null : previous.rule(rule.name());
        List<String> names = new ArrayList<>();
        rule.to().forEach(destination -> names.add(destination.subset()));
        Map<String, Lane.Counts> counts = new HashMap<>();
        if (before != null) {
            for (Lane lane : lanes(before)) {
                counts.put(lane.subsetName(), lane.counts());
            }
        }
        Lane[] lanes = lanes(rule, place, names, counts);
        Ramp ramp = before == null || rule.ramp().isZero() ? null : ramp(rule, place, before, names, counts);
        return new Split(rule, lanes, ramp);
    }

    private static Lane[] lanes(TableRule before) {
        Ramp ramp = before.split().ramp();
        return ramp == null ? before.split().lanes() : ramp.lanes();
    }

    private @Nullable Ramp ramp(
            Rule rule, int place, TableRule before, List<String> names, Map<String, Lane.Counts> counts) {
        Map<String, Double> had = shares(before, nowNanos);
        had.values().removeIf(share -> share <= 0);
        leaveOutUndefined(had);
        Map<String, Double> toHave = target(rule);
        if (had.isEmpty() || had.equals(toHave)) {
            return null;
        }
        Lane[] all = lanes(rule, place, together(List.copyOf(had.keySet()), names), counts);
        Ramp running = before.split().ramp();
        boolean goesOn = running != null
                && target(before.rule()).equals(toHave)
                && before.rule().ramp().equals(rule.ramp())
                && names(running.lanes()).equals(names(all));
        return running != null && goesOn
                ? running.goingOn(rule, all)
                : Ramp.of(rule, all, had, keyless(before.rule(), rule), nowNanos);
    }

    private static List<String> names(Lane[] lanes) {
        return Arrays.stream(lanes).map(Lane::subsetName).toList();
    }

    /** What is not defined any more can not fade: those behind it get its keys, which pass it by, or else the one before it. */
    private void leaveOutUndefined(Map<String, Double> shares) {
        List<String> names = List.copyOf(shares.keySet());
        for (int i = 0; i < names.size(); i++) {
            if (subsets.containsKey(names.get(i))) {
                continue;
            }
            double share = Objects.requireNonNull(shares.remove(names.get(i)));
            List<String> after = names.subList(i + 1, names.size());
            double rest = after.stream()
                    .mapToDouble(name -> shares.getOrDefault(name, 0.0))
                    .sum();
            after.forEach(name -> shares.computeIfPresent(name, (ignored, own) -> own * (1 + share / rest)));
            if (after.isEmpty() && !shares.isEmpty()) {
                String last = List.copyOf(shares.keySet()).get(shares.size() - 1);
                shares.merge(last, share, Double::sum);
            }
        }
    }

    /**
     * The names now, with those that were there before each in front of what stood behind it, where draws found it: at another
     * place all keys behind would move at once.
     */
    private static List<String> together(List<String> before, List<String> now) {
        List<String> all = new ArrayList<>(now);
        int at = all.size();
        for (int i = before.size() - 1; i >= 0; i--) {
            int known = now.contains(before.get(i)) ? all.indexOf(before.get(i)) : -1;
            if (known < 0) {
                all.add(at, before.get(i));
            } else {
                at = known;
            }
        }
        return all;
    }

    /** Where calls without a key went, when there was such a place. */
    private static String keyless(Rule before, Rule now) {
        List<Destination> to = before.by() == null ? now.to() : before.to();
        return to.get(to.size() - 1).subset();
    }

    static Map<String, Double> shares(TableRule rule, long nowNanos) {
        Ramp ramp = rule.split().ramp();
        return ramp != null && !ramp.isOver(nowNanos) ? ramp.shares(nowNanos) : target(rule.rule());
    }

    private static Map<String, Double> target(Rule rule) {
        double[] shares = Ramp.shares(rule.to());
        Map<String, Double> byName = new LinkedHashMap<>();
        for (int i = 0; i < shares.length; i++) {
            byName.put(rule.to().get(i).subset(), shares[i]);
        }
        byName.values().removeIf(share -> share <= 0);
        return byName;
    }

    private Lane[] lanes(Rule rule, int place, List<String> names, Map<String, Lane.Counts> counts) {
        int[] fallback = rule.fallback().stream().mapToInt(this::subset).toArray();
        Mirror mirror = rule.mirror();
        int copies = mirror == null ? Lane.ANY : subset(mirror.to());
        return names.stream()
                .map(name -> new Lane(
                        rule,
                        place,
                        subset(name),
                        name,
                        fallback,
                        copies,
                        counts.computeIfAbsent(name, ignored -> new Lane.Counts())))
                .toArray(Lane[]::new);
    }

    private int subset(String name) {
        return subsets.getOrDefault(name, Lane.ANY);
    }
}
