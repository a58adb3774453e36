// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Decides which members a service's pickers choose among: the usable ones by tier of zone preference, of many a part,
 * without those that are ejected; or all that serve, in panic. Everything is worked out here, when the list or somebody's
 * health changes, so that a pick has little to do. Belongs to the service's updates.
 */
final class Chooser {
    private final BalancingPolicy policy;
    private final Environment environment;
    private final ZonePreference zones;
    private final Portion portion;
    private final TierLoads.Panic panic;
    private Members members;
    private int[] serving = {};
    private int[] usable = {};
    private InstanceState[][] pools = {};
    private int[] healthy = {};
    /** While it is not, no instance is changed. */
    private boolean inForce;

    /** Who is wanted in a tier. */
    private enum Wanted {
        USABLE,
        SERVING,
        ALL;

        boolean has(Members members, int place) {
            return this == ALL || (this == USABLE ? members.isUsable(place) : !members.isDraining(place));
        }
    }

    /** What was worked out before pickers are made. */
    private record Draft(
            InstanceState[][] chosen,
            TierLoads loads,
            InstanceState[] ejected,
            InstanceState[] all,
            boolean panicking) {}

    Chooser(ServiceOptions options, Environment environment) {
        this(options, environment, new TierLoads.Panic(), true);
    }

    /** As another, by other options, and not in force yet. */
    Chooser under(ServiceOptions options) {
        return new Chooser(options, environment, panic.copy(), false);
    }

    private Chooser(ServiceOptions options, Environment environment, TierLoads.Panic panic, boolean inForce) {
        this.panic = panic;
        this.inForce = inForce;
        this.policy = options.policy();
        this.environment = environment;
        this.zones = options.zones();
        this.portion = new Portion(policy.isKeyed() ? Subsetting.off() : options.subsetting(), environment);
        this.members = Members.none(zones);
    }

    /** What it would choose of all these, of whom each needs review; changes none of them. */
    Choice plan(Members all, Choice previous, long nowNanos) {
        int unused = sort(all);
        return choice(draft(nowNanos), previous);
    }

    /** From now on instances learn what is chosen. */
    void putInForce() {
        inForce = true;
    }

    /** Sorts members by tier; returns how many this process may call: not draining, in the part that it calls. */
    int sort(Members all) {
        members = all;
        serving = sizes(Wanted.SERVING);
        usable = sizes(Wanted.USABLE);
        pools = pools(usable, Wanted.USABLE);
        int called = sum(serving) - sum(usable);
        for (InstanceState[] pool : pools) {
            called += pool.length;
        }
        return called;
    }

    /** A choice among the members that have just been placed. */
    Choice choose(Choice previous, long nowNanos) {
        Draft draft = draft(nowNanos);
        if (draft.panicking() != previous.panic()) {
            members.reviewAll();
        }
        members.forEachToReview(state -> state.gate().panic(draft.panicking()));
        boolean unused = EffectiveWeights.refresh(members, draft.panicking(), nowNanos);
        return choice(draft, previous);
    }

    private Draft draft(long nowNanos) {
        int serves = sum(serving);
        healthy = healthy(nowNanos);
        TierLoads loads = TierLoads.byHealth(healthy, serving, zones.overprovisioningPercent());
        double usableRatio = serves == 0 ? 1 : (double) sum(healthy) / serves;
        boolean panicking = panic.judge(usableRatio, serves == 0 || loads.health() == 100, nowNanos);
        InstanceState[] ejected = {};
        InstanceState[][] chosen;
        if (serves == 0) {
            // Only draining instances are left: they still answer, which is better than nothing.
            int[] draining = sizes(Wanted.ALL);
            chosen = pools(draining, Wanted.ALL);
            loads = TierLoads.byInstances(draining);
        } else if (panicking) {
            chosen = pools(serving, Wanted.SERVING);
            loads = TierLoads.byInstances(serving);
        } else {
            boolean[] out = new boolean[members.size()];
            ejected = markEjected(out);
            chosen = ejected.length == 0 ? pools : withoutEjected(ejected, out);
        }
        return new Draft(chosen, loads, ejected, all(serves), panicking);
    }

    private Choice choice(Draft draft, Choice previous) {
        return new Choice(
                tiers(draft.chosen(), draft.loads(), previous), draft.ejected(), draft.all(), draft.panicking());
    }

    /**
     * Whether as many are healthy as when the choice was made. Guards send no event when their wait ends, so the counts are
     * compared.
     */
    boolean isOutdated(long nowNanos) {
        return healthy.length > 1 && !Arrays.equals(healthy, healthy(nowNanos));
    }

    private int[] sizes(Wanted wanted) {
        int[] sizes = new int[zones.tiers().size() + 1];
        for (int i = 0; i < members.size(); i++) {
            if (wanted.has(members, i)) {
                sizes[members.tier(i)]++;
            }
        }
        return sizes;
    }

    /** By tier the members that are wanted, of many a part. */
    private InstanceState[][] pools(int[] sizes, Wanted wanted) {
        if (inForce && portion.hasShares()) {
            members.reviewAll();
            members.forEachToReview(state -> state.listing().setPortionShare(1));
        }
        InstanceState[][] found = new InstanceState[sizes.length][];
        for (int tier = 0; tier < sizes.length; tier++) {
            found[tier] = portion.isNeeded(sizes[tier])
                    ? portion.of(members, places(tier, wanted, sizes[tier]), inForce)
                    : states(tier, wanted, sizes[tier], new boolean[0]);
        }
        return found;
    }

    private int[] places(int tier, Wanted wanted, int size) {
        int[] places = new int[size];
        int count = 0;
        for (int i = 0; count < size; i++) {
            if (members.tier(i) == tier && wanted.has(members, i)) {
                places[count++] = i;
            }
        }
        return places;
    }

    /** The {@code size} members of a tier that are wanted and not out. When these are all members, their array is shared. */
    private InstanceState[] states(int tier, Wanted wanted, int size, boolean[] out) {
        if (size == members.size()) {
            return members.states();
        }
        InstanceState[] states = new InstanceState[size];
        int count = 0;
        for (int i = 0; count < size; i++) {
            if (members.tier(i) == tier && wanted.has(members, i) && (out.length == 0 || !out[i])) {
                states[count++] = members.state(i);
            }
        }
        return states;
    }

    /** By tier how many are usable and not ejected; of a portion's health the others are taken to have the same. */
    private int[] healthy(long nowNanos) {
        int[] ill = new int[pools.length];
        for (int i = 0; i < members.size(); i++) {
            if (members.needsReview(i)
                    && members.isUsable(i)
                    && !members.state(i).gate().isServing(nowNanos)) {
                ill[members.tier(i)]++;
            }
        }
        int[] found = new int[pools.length];
        for (int tier = 0; tier < pools.length; tier++) {
            InstanceState[] pool = pools[tier];
            if (pool.length == usable[tier]) {
                found[tier] = usable[tier] - ill[tier];
                continue;
            }
            int well = 0;
            for (InstanceState state : pool) {
                well += state.gate().isServing(nowNanos) ? 1 : 0;
            }
            found[tier] = (int) ((long) usable[tier] * well / pool.length);
        }
        return found;
    }

    /**
     * The ejected instances that the registry calls usable. Those outside the portion are among them: without probes their
     * seats would never be free.
     */
    private InstanceState[] markEjected(boolean[] out) {
        List<InstanceState> ejected = new ArrayList<>();
        for (int i = 0; i < out.length; i++) {
            if (members.needsReview(i)
                    && members.isUsable(i)
                    && members.state(i).gate().isEjected()) {
                out[i] = true;
                ejected.add(members.state(i));
            }
        }
        return ejected.toArray(InstanceState[]::new);
    }

    private InstanceState[][] withoutEjected(InstanceState[] ejected, boolean[] out) {
        int[] gone = new int[pools.length];
        for (int i = 0; i < out.length; i++) {
            gone[members.tier(i)] += out[i] ? 1 : 0;
        }
        List<InstanceState> ejectedOnes = Arrays.asList(ejected);
        InstanceState[][] rest = new InstanceState[pools.length][];
        for (int tier = 0; tier < pools.length; tier++) {
            InstanceState[] pool = pools[tier];
            rest[tier] = gone[tier] == 0
                    ? pool
                    : pool.length == usable[tier]
                            ? states(tier, Wanted.USABLE, pool.length - gone[tier], out)
                            : Arrays.stream(pool)
                                    .filter(state -> !ejectedOnes.contains(state))
                                    .toArray(InstanceState[]::new);
        }
        return rest;
    }

    /** All that serve, or all when nobody does. */
    private InstanceState[] all(int serves) {
        if (serves == 0 || serves == members.size()) {
            return members.states();
        }
        InstanceState[] all = new InstanceState[serves];
        int count = 0;
        for (int i = 0; count < serves; i++) {
            if (!members.isDraining(i)) {
                all[count++] = members.state(i);
            }
        }
        return all;
    }

    private Choice.Tier[] tiers(InstanceState[][] chosen, TierLoads loads, Choice previous) {
        List<Choice.Tier> tiers = new ArrayList<>(chosen.length);
        for (int index = 0; index < chosen.length; index++) {
            if (chosen[index].length > 0) {
                Choice.Tier before = previous.tier(index);
                Picker picker = Objects.requireNonNull(
                        policy.newPicker(
                                new Candidates(chosen[index]), before == null ? null : before.picker(), environment),
                        "the policy's picker");
                tiers.add(new Choice.Tier(index, loads.percents()[index], picker, chosen[index]));
            }
        }
        return tiers.toArray(Choice.Tier[]::new);
    }

    private static int sum(int[] counts) {
        return Arrays.stream(counts).sum();
    }

    /** Instances as a policy sees them: a view of an array that nobody changes. Safe for any thread. */
    private static final class Candidates extends AbstractList<Candidate> implements RandomAccess {
        private final InstanceState[] states;

        Candidates(InstanceState[] states) {
            this.states = states;
        }

        @Override
        public Candidate get(int place) {
            return states[place];
        }

        @Override
        public int size() {
            return states.length;
        }

        @Override
        public Object[] toArray() {
            return Arrays.copyOf(states, states.length, Object[].class);
        }

        @Override
        public <T> T[] toArray(T[] into) {
            return Arrays.asList(states).toArray(into);
        }
    }
}
