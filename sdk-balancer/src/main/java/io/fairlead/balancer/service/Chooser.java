// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.ZonePreference;
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
    private final SubsetState subset;
    /** Whether its panic is that of each member, because nobody else chooses among them. */
    private final boolean governs;
    /** Whether anybody picks among them. */
    private final boolean picks;

    private final Portion.Seed seed;
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

    /**
     * Among all instances of a service.
     *
     * @param picks whether anybody picks among all
     */
    Chooser(ServiceOptions options, boolean picks, Environment environment) {
        this(
                options,
                SubsetState.ofAll(options.policy()),
                picks,
                new Portion.Seed(environment),
                new TierLoads.Panic(),
                environment,
                true);
    }

    private Chooser(
            ServiceOptions options,
            SubsetState subset,
            boolean picks,
            Portion.Seed seed,
            TierLoads.Panic panic,
            Environment environment,
            boolean inForce) {
        this.subset = subset;
        this.governs = subset.isAll() && options.routes().isOff();
        this.picks = picks;
        this.seed = seed;
        this.panic = panic;
        this.inForce = inForce;
        this.environment = environment;
        this.zones = options.zones();
        this.portion = new Portion(subset.policy().isKeyed() ? Subsetting.off() : options.subsetting(), seed);
        this.members = Members.none(new Members.Sorting(zones, List.of()));
    }

    /** Among the same by other options, and not in force yet. */
    Chooser under(ServiceOptions options, boolean mustPick) {
        SubsetState same = subset.isAll() ? subset.under(options.policy()) : subset;
        return new Chooser(options, same, mustPick, seed, panic.copy(), environment, false);
    }

    /** Among those of a subset. */
    Chooser of(SubsetState some, ServiceOptions options) {
        return new Chooser(options, some, true, seed, new TierLoads.Panic(), environment, inForce);
    }

    SubsetState subset() {
        return subset;
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
        subset.forgetOthersThan(all);
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
        if (governs) {
            members.forEachToReview(state -> state.gate().panic(draft.panicking()));
        }
        boolean unused = EffectiveWeights.refresh(members, subset, draft.panicking(), nowNanos);
        return choice(draft, previous);
    }

    private Draft draft(long nowNanos) {
        int serves = sum(serving);
        healthy = healthy(nowNanos);
        TierLoads loads = TierLoads.byHealth(healthy, serving, zones.overprovisioningPercent());
        double usableRatio = serves == 0 ? 1 : (double) sum(healthy) / serves;
        boolean hasRoom = serves == 0 || loads.health() == 100 || subset.hasOthers();
        boolean panicking = panic.judge(usableRatio, hasRoom, nowNanos);
        InstanceState[] ejected = {};
        InstanceState[][] chosen;
        if (serves == 0 && !subset.hasOthers()) {
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
     * Whether a choice has to be made again: a weight has changed, there was a panic, or others are healthy than when it was
     * made. Guards send no event when their wait ends, so these are counted.
     */
    boolean isOutdated(Choice made, long nowNanos) {
        members.reviewAll();
        boolean isNewWeight = EffectiveWeights.refresh(members, subset, made.panic(), nowNanos);
        return isNewWeight || made.panic() || healthy.length > 1 && !Arrays.equals(healthy, healthy(nowNanos));
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
            members.forEachToReview(state -> subset.candidate(state).setPortionShare(1));
        }
        InstanceState[][] found = new InstanceState[sizes.length][];
        for (int tier = 0; tier < sizes.length; tier++) {
            found[tier] = portion.isNeeded(sizes[tier])
                    ? portion.of(members, places(tier, wanted, sizes[tier]), subset, inForce)
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
        for (int index = 0; picks && index < chosen.length; index++) {
            if (chosen[index].length > 0) {
                Choice.Tier before = previous.tier(index);
                Picker picker = Objects.requireNonNull(
                        subset.policy()
                                .newPicker(
                                        candidates(chosen[index]),
                                        before == null ? null : before.picker(),
                                        environment),
                        "the policy's picker");
                tiers.add(new Choice.Tier(index, loads.percents()[index], picker, chosen[index]));
            }
        }
        return tiers.toArray(Choice.Tier[]::new);
    }

    private static int sum(int[] counts) {
        return Arrays.stream(counts).sum();
    }

    private List<Candidate> candidates(InstanceState[] states) {
        if (subset.isAll()) {
            return new Candidates(states);
        }
        Candidate[] seen = new Candidate[states.length];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = subset.candidate(states[i]);
        }
        return new Candidates(seen);
    }

    /** Instances as a policy sees them: a view of an array that nobody changes. Safe for any thread. */
    private static final class Candidates extends AbstractList<Candidate> implements RandomAccess {
        private final Candidate[] candidates;

        Candidates(Candidate[] candidates) {
            this.candidates = candidates;
        }

        @Override
        public Candidate get(int place) {
            return candidates[place];
        }

        @Override
        public int size() {
            return candidates.length;
        }

        @Override
        public Object[] toArray() {
            return Arrays.copyOf(candidates, candidates.length, Object[].class);
        }

        @Override
        public <T> T[] toArray(T[] into) {
            return Arrays.asList(candidates).toArray(into);
        }
    }
}
