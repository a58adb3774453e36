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
        had.keySet().retainAll(subsets.keySet());
        had.values().removeIf(share -> share <= 0);
        Map<String, Double> toHave = target(rule);
        if (had.isEmpty() || had.equals(toHave)) {
            return null;
        }
        had.keySet().stream().filter(name -> !names.contains(name)).forEach(names::add);
        Lane[] all = lanes(rule, place, names, counts);
        Ramp running = before.split().ramp();
        boolean goesOn = running != null
                && target(before.rule()).equals(toHave)
                && before.rule().ramp().equals(rule.ramp())
                && Arrays.stream(running.lanes()).map(Lane::subsetName).toList().equals(names);
        return running != null && goesOn
                ? running.goingOn(rule, all)
                : Ramp.of(rule, all, had, keyless(before.rule(), rule), nowNanos);
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
