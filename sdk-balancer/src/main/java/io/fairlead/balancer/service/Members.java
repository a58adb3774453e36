// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.balancer.route.Subset;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The members of a service by id, and what the registry says of each, in arrays side by side: a walk along them reads no
 * instance. A member needs review when its weight or availability may differ from what the registry says; the others serve
 * with the registry's weight. States and kinds never change; the rest belongs to the service's updates.
 */
final class Members {
    private static final int DRAINING = 1;
    private static final int CRITICAL = 2;
    private static final int STATUS_BITS = 2;
    private static final int STATUS = (1 << STATUS_BITS) - 1;

    /** What an instance is sorted by: zones, and the subsets that rules name, at most 32. */
    record Sorting(ZonePreference zones, List<Subset> subsets) {}

    private final Sorting sorting;
    private final InstanceState[] states;
    private final ServiceInstance[] instances;
    private final short[] kinds;
    /** A bit for each subset; no array when there are none. */
    private final int[] subsets;

    private final boolean[] needsReview;
    /** 0 where it has not been worked out. */
    private long[] ranks;
    /** Of whom these are some, who know the ranks; null for all of a service. */
    private final @Nullable Members all;

    private Members(
            Sorting sorting,
            InstanceState[] states,
            ServiceInstance[] instances,
            short[] kinds,
            int[] subsets,
            boolean[] needsReview,
            long[] ranks,
            @Nullable Members all) {
        this.sorting = sorting;
        this.states = states;
        this.instances = instances;
        this.kinds = kinds;
        this.subsets = subsets;
        this.needsReview = needsReview;
        this.ranks = ranks;
        this.all = all;
    }

    static Members none(Sorting sorting) {
        return new Members(
                sorting,
                new InstanceState[0],
                new ServiceInstance[0],
                new short[0],
                new int[0],
                new boolean[0],
                new long[0],
                null);
    }

    /** These, sorted otherwise. */
    Members by(Sorting others) {
        int number = others.subsets().isEmpty() ? 0 : states.length;
        Members next = new Members(
                others, states, instances, new short[states.length], new int[number], needsReview, ranks, null);
        for (int i = 0; i < states.length; i++) {
            next.kinds[i] = next.kindOf(instances[i]);
            if (number > 0) {
                next.subsets[i] = next.subsetsOf(instances[i]);
            }
        }
        return next;
    }

    /** Those of these that belong to a subset. What needs review of these needs it there. */
    Members of(int subset) {
        int count = 0;
        for (int word : subsets) {
            count += word >>> subset & 1;
        }
        Members some = new Members(
                sorting,
                new InstanceState[count],
                new ServiceInstance[count],
                new short[count],
                new int[count],
                new boolean[count],
                new long[0],
                this);
        int place = 0;
        for (int i = 0; i < subsets.length; i++) {
            if ((subsets[i] >>> subset & 1) != 0) {
                some.states[place] = states[i];
                some.instances[place] = instances[i];
                some.kinds[place] = kinds[i];
                some.subsets[place] = subsets[i];
                some.needsReview[place++] = needsReview[i];
            }
        }
        return some;
    }

    int size() {
        return states.length;
    }

    InstanceState state(int place) {
        return states[place];
    }

    /** What the registry says of {@code state(place)}. */
    ServiceInstance instance(int place) {
        return instances[place];
    }

    int tier(int place) {
        return kinds[place] >> STATUS_BITS;
    }

    boolean isUsable(int place) {
        return (kinds[place] & STATUS) == 0;
    }

    boolean isDraining(int place) {
        return (kinds[place] & STATUS) == DRAINING;
    }

    /** The first subset it belongs to, whose other members are its peers; -1 for none. */
    int firstSubset(int place) {
        return subsets.length == 0 || subsets[place] == 0 ? -1 : Integer.numberOfTrailingZeros(subsets[place]);
    }

    /** The first subset that an instance would belong to; -1 for none. */
    int firstSubsetOf(ServiceInstance instance) {
        int word = subsetsOf(instance);
        return word == 0 ? -1 : Integer.numberOfTrailingZeros(word);
    }

    /** Whether it belongs to one of the subsets that a word has bits for. */
    boolean isInAny(int place, int word) {
        return subsets.length > 0 && (subsets[place] & word) != 0;
    }

    boolean needsReview(int place) {
        return needsReview[place];
    }

    /** The member at this place has been reviewed; it needs none until something happens to it. */
    void reviewed(int place) {
        needsReview[place] = false;
    }

    void reviewAll() {
        Arrays.fill(needsReview, true);
    }

    /** Something happened to this instance, so it needs review. Does nothing when it is no member any more. */
    void review(InstanceState state) {
        int place = Arrays.binarySearch(instances, state.instance(), (a, b) -> a.id().compareTo(b.id()));
        if (place >= 0 && states[place] == state) {
            needsReview[place] = true;
        }
    }

    void forEachToReview(Consumer<InstanceState> action) {
        for (int i = 0; i < needsReview.length; i++) {
            if (needsReview[i]) {
                action.accept(states[i]);
            }
        }
    }

    /** All, not to be written to. */
    InstanceState[] states() {
        return states;
    }

    List<InstanceState> list() {
        return Collections.unmodifiableList(Arrays.asList(states));
    }

    List<ServiceInstance> instances() {
        return Collections.unmodifiableList(Arrays.asList(instances));
    }

    /** Numbers that only identity and the seed of this process determine; each is computed once. Not to be written to. */
    long[] ranks(long seed) {
        if (all != null) {
            return ranksAmongAll(all, all.ranks(seed));
        }
        ranks = ranks.length == states.length ? ranks : new long[states.length];
        for (int i = 0; i < ranks.length; i++) {
            if (ranks[i] == 0) {
                ranks[i] = rank(instances[i].id() + ' ' + instances[i].authority(), seed);
            }
        }
        return ranks;
    }

    /** These are in the same order as all. */
    private long[] ranksAmongAll(Members whole, long[] known) {
        long[] found = new long[states.length];
        int place = 0;
        for (int i = 0; i < found.length; i++) {
            while (whole.states[place] != states[i]) {
                place++;
            }
            found[i] = known[place];
        }
        return found;
    }

    /** How the seed of this process spreads an identity: FNV-1a over its characters, mixed by SplitMix64's finaliser. */
    static long rank(String identity, long seed) {
        long hash = 0xCBF29CE484222325L ^ seed;
        for (int i = 0; i < identity.length(); i++) {
            hash = (hash ^ identity.charAt(i)) * 0x100000001B3L;
        }
        long mixed = (hash ^ hash >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    private short kindOf(ServiceInstance instance) {
        InstanceStatus status = instance.status();
        int word = status.isUsable() ? 0 : status == InstanceStatus.DRAINING ? DRAINING : CRITICAL;
        return (short) (sorting.zones().tierOf(instance) << STATUS_BITS | word);
    }

    private int subsetsOf(ServiceInstance instance) {
        int word = 0;
        for (int i = 0; i < sorting.subsets().size(); i++) {
            word |= sorting.subsets().get(i).matches(instance) ? 1 << i : 0;
        }
        return word;
    }

    /** These without some. */
    Members without(Predicate<InstanceState> unwanted) {
        Next next = new Next(this, states.length);
        for (int i = 0; i < states.length; i++) {
            if (!unwanted.test(states[i])) {
                next.keep(i, 1);
            }
        }
        return next.members();
    }

    /** The members after these, put together in order of id. */
    static final class Next {
        private final Members before;
        private final boolean ranked;
        private final boolean subsetted;
        private InstanceState[] states;
        private ServiceInstance[] instances;
        private short[] kinds;
        private int[] subsets;
        private boolean[] needsReview;
        private long[] ranks;
        private int count;

        Next(Members before, int expected) {
            this.before = before;
            this.ranked = before.ranks.length > 0;
            this.subsetted = !before.sorting.subsets().isEmpty();
            this.states = new InstanceState[expected];
            this.instances = new ServiceInstance[expected];
            this.kinds = new short[expected];
            this.subsets = new int[subsetted ? expected : 0];
            this.needsReview = new boolean[expected];
            this.ranks = new long[ranked ? expected : 0];
        }

        /** Some of those before, unchanged. */
        void keep(int from, int number) {
            makeRoom(number);
            System.arraycopy(before.states, from, states, count, number);
            System.arraycopy(before.instances, from, instances, count, number);
            System.arraycopy(before.kinds, from, kinds, count, number);
            System.arraycopy(before.needsReview, from, needsReview, count, number);
            if (ranked) {
                System.arraycopy(before.ranks, from, ranks, count, number);
            }
            if (subsetted) {
                System.arraycopy(before.subsets, from, subsets, count, number);
            }
            count += number;
        }

        /** One that came, came back or changed. */
        void add(InstanceState state) {
            makeRoom(1);
            states[count] = state;
            instances[count] = state.instance();
            kinds[count] = before.kindOf(state.instance());
            if (subsetted) {
                subsets[count] = before.subsetsOf(state.instance());
            }
            needsReview[count] = true;
            count++;
        }

        Members members() {
            resize(count);
            return new Members(before.sorting, states, instances, kinds, subsets, needsReview, ranks, null);
        }

        private void makeRoom(int number) {
            if (count + number > states.length) {
                resize(count + number + before.size());
            }
        }

        private void resize(int length) {
            if (length != states.length) {
                states = Arrays.copyOf(states, length);
                instances = Arrays.copyOf(instances, length);
                kinds = Arrays.copyOf(kinds, length);
                needsReview = Arrays.copyOf(needsReview, length);
                ranks = ranked ? Arrays.copyOf(ranks, length) : ranks;
                subsets = subsetted ? Arrays.copyOf(subsets, length) : subsets;
            }
        }
    }
}
