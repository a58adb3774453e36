// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.InstanceStatus;
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.ZonePreference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a list and the states of its instances come to, written down plainly: everyone is looked at, every time. What
 * {@link Roster} keeps from one list to the next is compared with it.
 *
 * @param chosen by tier
 * @param percents of the calls, by tier
 * @param ejected in no tier
 * @param all who may be called at all
 */
record PlainChoice(
        List<List<InstanceState>> chosen,
        int[] percents,
        List<InstanceState> ejected,
        List<InstanceState> all,
        boolean panic,
        Map<InstanceState, Double> weights,
        Map<InstanceState, Double> slowStarts) {

    /** How a service is set up. */
    record Setting(ZonePreference zones, Subsetting subsetting, long seed) {}

    static PlainChoice of(List<InstanceState> members, Setting setting, TierLoads.Panic panic, long nowNanos) {
        ZonePreference zones = setting.zones();
        int tiers = zones.tiers().size() + 1;
        Predicate<InstanceState> serves = state -> state.instance().status() != InstanceStatus.DRAINING;
        Predicate<InstanceState> isUsable = state -> state.instance().status().isUsable();
        int[] serving = new int[tiers];
        int[] healthy = new int[tiers];
        for (int tier = 0; tier < tiers; tier++) {
            serving[tier] = inTier(members, tier, zones, serves).size();
            List<InstanceState> usable = inTier(members, tier, zones, isUsable);
            List<InstanceState> pool = subset(usable, setting);
            long well = pool.stream()
                    .filter(state -> state.gate().isServing(nowNanos))
                    .count();
            healthy[tier] = pool.isEmpty() ? 0 : (int) (usable.size() * well / pool.size());
        }
        TierLoads loads = TierLoads.byHealth(healthy, serving, zones.overprovisioningPercent());
        List<InstanceState> all = members.stream().filter(serves).toList();
        double ratio = all.isEmpty() ? 1 : (double) sum(healthy) / all.size();
        boolean panics = panic.judge(ratio, all.isEmpty() || loads.health() == 100, nowNanos);
        Predicate<InstanceState> wanted = all.isEmpty() ? state -> true : panics ? serves : isUsable;
        Predicate<InstanceState> isOut =
                all.isEmpty() || panics ? state -> false : state -> state.gate().isEjected();
        List<List<InstanceState>> chosen = new ArrayList<>();
        int[] sizes = new int[tiers];
        for (int tier = 0; tier < tiers; tier++) {
            List<InstanceState> pool = inTier(members, tier, zones, wanted);
            sizes[tier] = pool.size();
            chosen.add(subset(pool, setting).stream().filter(isOut.negate()).toList());
        }
        int[] percents = all.isEmpty() || panics ? TierLoads.byInstances(sizes).percents() : loads.percents();
        Map<InstanceState, Double> slowStarts = slowStarts(members, panics, nowNanos);
        Map<InstanceState, Double> weights = new IdentityHashMap<>();
        members.forEach(state -> weights.put(
                state,
                state.instance().weight() * Math.min(slowStarts.get(state), panics ? 1 : health(state, nowNanos))));
        List<InstanceState> ejected =
                members.stream().filter(isUsable.and(isOut)).toList();
        return new PlainChoice(chosen, percents, ejected, all.isEmpty() ? members : all, panics, weights, slowStarts);
    }

    private static double health(InstanceState state, long nowNanos) {
        return Math.min(state.condition().factor(nowNanos), state.healthLevel().factor(nowNanos));
    }

    private static Map<InstanceState, Double> slowStarts(List<InstanceState> members, boolean panics, long nowNanos) {
        List<Double> newcomers = members.stream()
                .map(state -> state.listing().warmupFactor(nowNanos))
                .filter(factor -> factor < 1)
                .toList();
        boolean mostAreNew = newcomers.size() * 2 > members.size();
        double oldest =
                mostAreNew ? newcomers.stream().max(Comparator.naturalOrder()).orElseThrow() : 1;
        Map<InstanceState, Double> found = new IdentityHashMap<>();
        members.forEach(state ->
                found.put(state, panics ? 1 : Math.min(1, state.listing().warmupFactor(nowNanos) / oldest)));
        return found;
    }

    private static List<InstanceState> inTier(
            List<InstanceState> members, int tier, ZonePreference zones, Predicate<InstanceState> wanted) {
        return members.stream()
                .filter(state -> zones.tierOf(state.instance()) == tier)
                .filter(wanted)
                .toList();
    }

    private static List<InstanceState> subset(List<InstanceState> pool, Setting setting) {
        if (!setting.subsetting().isNeeded(pool.size())) {
            return pool;
        }
        List<InstanceState> lowest = pool.stream()
                .sorted(Comparator.comparingLong(state -> Members.rank(
                        state.instance().id() + ' ' + state.instance().authority(), setting.seed())))
                .limit(setting.subsetting().size())
                .toList();
        return pool.stream().filter(lowest::contains).toList();
    }

    private static int sum(int[] counts) {
        int sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum;
    }
}
