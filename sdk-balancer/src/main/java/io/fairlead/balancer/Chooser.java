// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.InstanceStatus;
import io.fairlead.balancer.Standing.Place;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/**
 * Decides which members a service's pickers choose among: the usable ones by tier of zone preference, of many a subset,
 * without those that are ejected; or all that serve, in panic. Everything is worked out here, when the list or somebody's
 * health changes, so that a pick has little to do. Guarded by the service's update lock.
 */
final class Chooser {
    private final BalancingPolicy policy;
    private final Environment environment;
    private final ZonePreference zones;
    private final Subset subset;
    private final Panic panic = new Panic();
    private final int[] serving;
    private final int[] usable;
    private InstanceState[][] pools;
    private int[] healthy;

    Chooser(BalancingPolicy policy, Distribution distribution, Environment environment) {
        this.policy = policy;
        this.environment = environment;
        this.zones = distribution.zones();
        this.subset = new Subset(policy.isKeyed() ? Subsetting.off() : distribution.subsetting(), environment);
        this.serving = new int[zones.tiers()];
        this.usable = new int[zones.tiers()];
        this.healthy = new int[zones.tiers()];
        this.pools = new InstanceState[zones.tiers()][0];
    }

    /** Gives every member its tier and place; returns how many this process may call: not draining, in the subset. */
    int place(List<InstanceState> members) {
        Arrays.fill(serving, 0);
        Arrays.fill(usable, 0);
        for (InstanceState state : members) {
            InstanceStatus status = state.instance().status();
            int tier = zones.tierOf(state.instance());
            boolean drains = status == InstanceStatus.DRAINING;
            serving[tier] += drains ? 0 : 1;
            usable[tier] += status.isUsable() ? 1 : 0;
            state.standing().put(tier, drains ? Place.DRAINING : status.isUsable() ? Place.CHOSEN : Place.CRITICAL);
        }
        pools = pools(members, usable, place -> place == Place.CHOSEN);
        int called = sum(serving) - sum(usable);
        for (InstanceState[] pool : pools) {
            called += pool.length;
        }
        return called;
    }

    /** A choice among the members that have just been placed. */
    Choice choose(List<InstanceState> members, Choice previous, long nowNanos) {
        int serves = sum(serving);
        healthy = healthy(nowNanos);
        TierLoads loads = TierLoads.byHealth(healthy, serving, zones.overprovisioningPercent());
        double usableRatio = serves == 0 ? 1 : (double) sum(healthy) / serves;
        boolean panicking = panic.judge(usableRatio, serves == 0 || loads.health() == 100);
        members.forEach(state -> state.panic(panicking));
        InstanceState[] ejected = new InstanceState[0];
        InstanceState[][] chosen;
        if (serves == 0) {
            // Only draining instances are left: they still answer, which is better than nothing.
            int[] draining = tierSizes(members);
            chosen = pools(members, draining, place -> true);
            loads = TierLoads.byInstances(draining);
        } else if (panicking) {
            chosen = pools(members, serving, place -> place != Place.DRAINING);
            loads = TierLoads.byInstances(serving);
        } else {
            ejected = members.stream().filter(Chooser::isWaiting).toArray(InstanceState[]::new);
            Arrays.stream(ejected).forEach(state -> state.standing().move(Place.EJECTED));
            chosen = ejected.length == 0 ? pools : withoutEjected();
        }
        boolean unused = EffectiveWeights.refresh(members, panicking, nowNanos);
        boolean isEveryone = chosen.length == 1 && chosen[0].length == members.size();
        InstanceState[] all = isEveryone ? chosen[0] : servingOf(members, serves);
        return new Choice(tiers(chosen, loads, previous), ejected, all, panicking);
    }

    /** Whether as many are healthy as when the choice was made; a guard whose time is up tells nobody. */
    boolean isOutdated(long nowNanos) {
        return healthy.length > 1 && !Arrays.equals(healthy, healthy(nowNanos));
    }

    /** By tier the members whose place is wanted, of many a subset. They are all chosen now. */
    private InstanceState[][] pools(List<InstanceState> members, int[] sizes, Predicate<Place> wanted) {
        InstanceState[][] found = new InstanceState[sizes.length][];
        for (int tier = 0; tier < sizes.length; tier++) {
            found[tier] = new InstanceState[sizes[tier]];
        }
        int[] filled = new int[sizes.length];
        for (InstanceState state : members) {
            Standing standing = state.standing();
            if (wanted.test(standing.place())) {
                int tier = standing.tier();
                standing.put(tier, Place.CHOSEN);
                found[tier][filled[tier]++] = state;
            }
        }
        for (int tier = 0; tier < found.length; tier++) {
            found[tier] = subset.of(found[tier]);
        }
        return found;
    }

    /** By tier how many are usable and not ejected; of a subset's health the others are taken to have the same. */
    private int[] healthy(long nowNanos) {
        int[] found = new int[pools.length];
        for (int tier = 0; tier < pools.length; tier++) {
            InstanceState[] pool = pools[tier];
            int well = 0;
            for (InstanceState state : pool) {
                well += state.isServing(nowNanos) ? 1 : 0;
            }
            found[tier] = pool.length == 0 ? 0 : (int) ((long) usable[tier] * well / pool.length);
        }
        return found;
    }

    /** Ejected, and the registry has nothing against it: also outside the subset, or its seat would never be free. */
    private static boolean isWaiting(InstanceState state) {
        return state.isEjected() && state.instance().status().isUsable();
    }

    private InstanceState[][] withoutEjected() {
        InstanceState[][] rest = new InstanceState[pools.length][];
        for (int tier = 0; tier < pools.length; tier++) {
            rest[tier] = Arrays.stream(pools[tier])
                    .filter(state -> state.standing().place() != Place.EJECTED)
                    .toArray(InstanceState[]::new);
        }
        return rest;
    }

    /** All that serve, or all when nobody does. */
    private static InstanceState[] servingOf(List<InstanceState> members, int serving) {
        return serving == 0 || serving == members.size()
                ? members.toArray(InstanceState[]::new)
                : members.stream()
                        .filter(state -> state.standing().place() != Place.DRAINING)
                        .toArray(InstanceState[]::new);
    }

    private int[] tierSizes(List<InstanceState> members) {
        int[] sizes = new int[zones.tiers()];
        members.forEach(state -> sizes[state.standing().tier()]++);
        return sizes;
    }

    private Tier[] tiers(InstanceState[][] chosen, TierLoads loads, Choice previous) {
        List<Tier> tiers = new ArrayList<>(chosen.length);
        for (int index = 0; index < chosen.length; index++) {
            if (chosen[index].length > 0) {
                Tier before = previous.tier(index);
                Picker picker = policy.newPicker(
                        Collections.unmodifiableList(Arrays.<Candidate>asList(chosen[index])),
                        before == null ? null : before.picker(),
                        environment);
                tiers.add(new Tier(index, loads.percents()[index], picker, chosen[index]));
            }
        }
        return tiers.toArray(Tier[]::new);
    }

    private static int sum(int[] counts) {
        return Arrays.stream(counts).sum();
    }
}
