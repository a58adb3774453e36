// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a service as one process looks them up: what they ask of the process is answered already, header names have
 * numbers, weights are thresholds. The first rule that matches decides, then a draw. Immutable, safe for any thread; a lookup
 * allocates nothing of its own and takes no lock.
 */
public final class RouteTable {
    private final Routes routes;
    private final Caller caller;
    private final long number;
    private final Subset[] subsets;
    private final String[] subsetNames;

    /** As in the routes, the default last. */
    private final TableRule[] all;

    /**
     * The clauses of the rules that may match a call of this process, one after the other, without what comes after a rule that
     * always does.
     */
    private final Clause[] program;

    /** By clause: where to go on when it does not hold. */
    private final int[] elsewhere;

    /** By clause: what draws when it holds as the last of its alternative; null when the next must hold too. */
    private final @Nullable Split[] splits;

    private final Split otherwise;
    private final Map<String, TableRule> byName = new HashMap<>();

    private RouteTable(Routes routes, Caller caller, @Nullable RouteTable previous, long nowNanos) {
        if (routes.isOff()) {
            throw new IllegalArgumentException("routes: off (expected: some, there is no table of none)");
        }
        this.routes = routes;
        this.caller = caller;
        this.number = previous == null ? 1 : previous.number + 1;
        this.subsets = routes.subsets().values().toArray(Subset[]::new);
        this.subsetNames = routes.subsets().keySet().toArray(String[]::new);
        List<Rule> rules = new ArrayList<>(routes.rules());
        rules.add(routes.otherwise());
        TableBuilder builder = new TableBuilder(routes, caller, previous, nowNanos);
        this.all = new TableRule[rules.size()];
        List<Clause> clauses = new ArrayList<>();
        List<@Nullable Split> draws = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        TableRule last = null;
        for (int i = 0; i < all.length; i++) {
            TableRule rule = builder.rule(rules.get(i), i);
            all[i] = rule;
            byName.put(rule.rule().name(), rule);
            last = last == null && rule.always() ? rule : last;
            for (Clause[] alternative : last == null ? rule.alternatives() : new Clause[0][]) {
                int end = clauses.size() + alternative.length;
                for (Clause clause : alternative) {
                    clauses.add(clause);
                    after.add(end);
                    draws.add(clauses.size() == end ? rule.split() : null);
                }
            }
        }
        this.program = clauses.toArray(Clause[]::new);
        this.elsewhere = after.stream().mapToInt(Integer::intValue).toArray();
        this.splits = draws.toArray(Split[]::new);
        this.otherwise = (last == null ? all[all.length - 1] : last).split();
    }

    /** The table of routes that are not off, for a process. */
    public static RouteTable of(Routes routes, Caller caller) {
        return new RouteTable(routes, caller, null, 0);
    }

    /**
     * This, as what follows another table of the same service: counts of equal names go on, and rules with a ramp reach their
     * shares from what they have at this moment. A ramp that is under way goes on when its rule says the same.
     */
    public RouteTable under(RouteTable previous, long nowNanos) {
        return new RouteTable(routes, caller, previous, nowNanos);
    }

    /** The routes it was made of. */
    public Routes routes() {
        return routes;
    }

    /** Counts the tables of a service, from 1. */
    public long number() {
        return number;
    }

    /** How many subsets there are. */
    public int subsets() {
        return subsets.length;
    }

    /** A subset, by its number. */
    public Subset subset(int index) {
        return subsets[index];
    }

    /** The name of a subset, by its number. */
    public String subsetName(int index) {
        return subsetNames[index];
    }

    /** One lane for each rule and destination, in order, those that fade in a ramp too. */
    public List<Lane> lanes() {
        List<Lane> lanes = new ArrayList<>();
        for (TableRule rule : all) {
            Ramp ramp = rule.split().ramp();
            lanes.addAll(List.of(ramp == null ? rule.split().lanes() : ramp.lanes()));
        }
        return lanes;
    }

    /** What part of a rule's drawn calls each subset gets at a moment, all of them together 1; none for a name that is none. */
    public Map<String, Double> shares(String rule, long nowNanos) {
        TableRule known = byName.get(rule);
        return known == null ? Map.of() : TableBuilder.shares(known, nowNanos);
    }

    /**
     * Where a call goes: the first rule that matches decides, and in it a draw. Counts nothing.
     *
     * @param random asked only by what is drawn for each call by itself
     * @param nowNanos looked at only while a ramp is under way
     */
    public Lane route(PickContext context, RandomGenerator random, long nowNanos) {
        int seen = -1;
        String value = null;
        String path = null;
        int at = 0;
        while (at < program.length) {
            Clause clause = program[at];
            boolean holds;
            if (clause.kind == Clause.HEADER) {
                // adapters look through all headers, so that one name is looked up once for all rules on it
                if (clause.number != seen) {
                    seen = clause.number;
                    value = context.header(clause.name);
                }
                holds = clause.holdsFor(value);
            } else if (clause.kind == Clause.PATH) {
                // adapters may make it anew each time
                path = path == null ? context.path() : path;
                holds = clause.text.matchesPath(path);
            } else {
                holds = clause.holds(context, random);
            }
            if (!holds) {
                at = elsewhere[at];
            } else if (splits[at] == null) {
                at++;
            } else {
                return splits[at].draw(context, random, nowNanos);
            }
        }
        return otherwise.draw(context, random, nowNanos);
    }

    /**
     * What each rule says of a call, up to the one that certainly matches: what was asked and what was seen. Draws nothing by
     * chance.
     */
    public List<String> explain(PickContext context, long nowNanos) {
        return new RouteExplainer(all, caller, nowNanos).explain(context);
    }

    @Nullable
    TableRule rule(String name) {
        return byName.get(name);
    }
}
