// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatus.LaneView;
import io.fairlead.balancer.ServiceStatus.MirrorView;
import io.fairlead.balancer.ServiceStatus.RoutesView;
import io.fairlead.balancer.ServiceStatus.SubsetView;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.balancer.stage.RateLimiter;
import io.fairlead.balancer.table.Lane;
import io.fairlead.balancer.table.RouteTable;
import io.fairlead.spi.BalancingPolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The routes of one service as its calls use them: the compiled table, the subsets that calls may be sent to, and for each
 * lane of the table its {@link Chain}. Immutable; any thread reads.
 */
final class Routing {
    /** No user's policy equals it. */
    private static final BalancingPolicy COPIES = new Mirroring.ByWeight();

    private final Routes routes;
    private final RouteTable table;
    private final List<Subset> named;
    private final List<SubsetState> subsets;
    /** By the place of the rule, then by the number of the subset that was drawn. */
    private final Chain[][] chains;

    private final Map<String, RateLimiter> limiters;
    private final Map<RateLimiter, RateLimit> changes;
    private final Map<String, Mirroring> mirrors;
    private final boolean usesAll;

    private Routing(RouteTable table, Builder from, Chain[][] chains) {
        this.routes = from.routes;
        this.table = table;
        this.named = List.copyOf(from.routes.subsets().values());
        this.subsets = List.copyOf(from.subsets);
        this.chains = chains;
        this.limiters = Map.copyOf(from.limiters);
        this.changes = from.changes;
        this.mirrors = Collections.unmodifiableMap(from.mirrors);
        this.usesAll = from.usesAll;
    }

    /**
     * What routes come to; null when they are off. What asks for the same as before keeps what is remembered of it.
     *
     * @param before the routing in force, or null
     */
    static @Nullable Routing of(ServiceOptions options, Caller caller, @Nullable Routing before, long nowNanos) {
        Routes routes = options.routes();
        return routes.isOff() ? null : new Builder(options, before, nowNanos).build(caller);
    }

    /** Where a call goes; for all its attempts. */
    Chain route(PickContext context, RandomGenerator random, long nowNanos) {
        Lane lane = table.route(context, random, nowNanos);
        lane.count();
        return chains[lane.place()][lane.subset()];
    }

    /** As {@link #route}, without being counted. */
    Chain peek(PickContext context, RandomGenerator random, long nowNanos) {
        Lane lane = table.route(context, random, nowNanos);
        return chains[lane.place()][lane.subset()];
    }

    /** Whether some instances are used in panic. */
    boolean panics(Choice[] choices) {
        boolean panics = usesAll && choices[0].panic();
        for (int i = 1; i < choices.length; i++) {
            panics |= choices[i].panic();
        }
        return panics;
    }

    /** These routes come into force: the limits of their rules change, with the tokens they have. Belongs to the updates. */
    void begin(long nowNanos) {
        changes.forEach((limiter, limit) -> limiter.change(limit, nowNanos));
    }

    Routes routes() {
        return routes;
    }

    RouteTable table() {
        return table;
    }

    /** What it does now, for people. */
    RoutesView view(Choice[] choices, Members members, long nowNanos) {
        List<SubsetView> seen = new ArrayList<>();
        routes.subsets().forEach((name, subset) -> seen.add(view(name, subset, choices, members, nowNanos)));
        List<LaneView> lanes = new ArrayList<>();
        for (Lane lane : table.lanes()) {
            Double share = table.shares(lane.rule().name(), nowNanos).get(lane.subsetName());
            lanes.add(new LaneView(
                    lane.rule().name(), lane.subsetName(), share == null ? 0 : share, lane.calls(), lane.keyless()));
        }
        List<MirrorView> copies = mirrors.values().stream().map(Mirroring::view).toList();
        return new RoutesView(table.number(), seen, lanes, copies);
    }

    private SubsetView view(String name, Subset subset, Choice[] choices, Members members, long nowNanos) {
        int known = 0;
        int usable = 0;
        for (InstanceState state : members.list()) {
            if (subset.matches(state.instance())) {
                known++;
                boolean isUsable =
                        state.instance().status().isUsable() && state.gate().isServing(nowNanos);
                usable += isUsable ? 1 : 0;
            }
        }
        boolean panics = false;
        for (int i = 0; i < subsets.size(); i++) {
            panics |= subsets.get(i).isOf(subset) && choices[i + 1].panic();
        }
        return new SubsetView(name, subset.toString(), known, usable, panics);
    }

    /** What calls may be sent to; the {@code n}-th has its choice at {@code n + 1} in the setup, after that of all. */
    List<SubsetState> subsets() {
        return subsets;
    }

    /** Whether a rule sends calls to all instances when nobody else answers. */
    boolean usesAll() {
        return usesAll;
    }

    /** Which of the subsets of the routes it is one of, from 0. */
    int bit(SubsetState state) {
        for (int i = 0; i < named.size(); i++) {
            if (state.isOf(named.get(i))) {
                return i;
            }
        }
        throw new IllegalArgumentException("subset: " + state + " (expected: one of these routes)");
    }

    /** Whether others answer for every call that is sent to the subset of this number in the routes. */
    boolean isReplaceable(int number) {
        Subset subset = named.get(number);
        boolean isUsed = false;
        for (SubsetState state : subsets) {
            if (state.isOf(subset)) {
                isUsed = true;
                if (!state.hasOthers()) {
                    return false;
                }
            }
        }
        return isUsed;
    }

    /** Not thread-safe. */
    private static final class Builder {
        private final Routes routes;
        private final ServiceOptions options;
        private final @Nullable Routing before;
        private final long nowNanos;
        private final List<SubsetState> subsets = new ArrayList<>();
        private final Map<String, RateLimiter> limiters = new HashMap<>();
        private final Map<RateLimiter, RateLimit> changes = new IdentityHashMap<>();
        private final Map<String, Mirroring> mirrors = new LinkedHashMap<>();
        private boolean usesAll;

        Builder(ServiceOptions options, @Nullable Routing before, long nowNanos) {
            this.routes = options.routes();
            this.options = options;
            this.before = before;
            this.nowNanos = nowNanos;
        }

        Routing build(Caller caller) {
            RouteTable table = before == null
                    ? RouteTable.of(routes, caller)
                    : RouteTable.of(routes, caller).under(before.table, nowNanos);
            Chain[][] chains = new Chain[routes.rules().size() + 1][table.subsets()];
            for (Lane lane : table.lanes()) {
                chains[lane.place()][lane.subset()] = chain(lane, table.number());
            }
            return new Routing(table, this, chains);
        }

        private Chain chain(Lane lane, long table) {
            Rule rule = lane.rule();
            BalancingPolicy policy = rule.policy() == null ? options.policy() : rule.policy();
            List<String> names = new ArrayList<>(List.of(lane.subsetName()));
            rule.fallback().stream().filter(name -> !names.contains(name)).forEach(names::add);
            SubsetState[] states = new SubsetState[names.size()];
            int[] choices = new int[names.size()];
            for (int place = 0; place < names.size(); place++) {
                boolean hasOthers = place < names.size() - 1;
                choices[place] =
                        names.get(place).equals(Rule.ANY) ? 0 : 1 + number(names.get(place), policy, hasOthers);
                states[place] = choices[place] == 0 ? null : subsets.get(choices[place] - 1);
                usesAll |= choices[place] == 0;
            }
            return new Chain(rule, names, states, choices, limiter(rule), mirroring(rule), table);
        }

        private int number(String name, BalancingPolicy policy, boolean hasOthers) {
            Subset subset = Objects.requireNonNull(routes.subsets().get(name));
            for (int i = 0; i < subsets.size(); i++) {
                if (subsets.get(i).isFor(subset, policy, hasOthers)) {
                    return i;
                }
            }
            subsets.add(remembered(subset, policy, hasOthers));
            return subsets.size() - 1;
        }

        private SubsetState remembered(Subset subset, BalancingPolicy policy, boolean hasOthers) {
            if (before != null) {
                for (SubsetState known : before.subsets) {
                    if (known.isFor(subset, policy, hasOthers)) {
                        return known;
                    }
                }
            }
            return SubsetState.of(subset, policy, hasOthers);
        }

        /**
         * One for a rule, which keeps its counts. Nobody counts what its instances have in flight, so they are drawn by weight;
         * and from a choice of its own, so that copies take no turn of a call.
         */
        private @Nullable Mirroring mirroring(Rule rule) {
            Mirror mirror = rule.mirror();
            if (mirror == null) {
                return null;
            }
            Mirroring known = before == null ? null : before.mirrors.get(rule.name());
            return mirrors.computeIfAbsent(
                    rule.name(), name -> new Mirroring(name, mirror, 1 + number(mirror.to(), COPIES, true), known));
        }

        /** One for a rule, which keeps the tokens it had; its rate changes when these routes come into force. */
        private @Nullable RateLimiter limiter(Rule rule) {
            RateLimit limit = rule.rateLimit();
            if (limit == null || limit.isOff()) {
                return null;
            }
            RateLimiter known = before == null ? null : before.limiters.get(rule.name());
            RateLimiter found = limiters.computeIfAbsent(
                    rule.name(), name -> known == null ? new RateLimiter(limit, nowNanos) : known);
            if (found == known && !limit.equals(limitBefore(rule.name()))) {
                changes.put(found, limit);
            }
            return found;
        }

        private @Nullable RateLimit limitBefore(String name) {
            if (before != null) {
                for (Rule rule : before.routes.rules()) {
                    if (rule.name().equals(name)) {
                        return rule.rateLimit();
                    }
                }
                return name.equals(Rule.DEFAULT) ? before.routes.otherwise().rateLimit() : null;
            }
            return null;
        }
    }
}
