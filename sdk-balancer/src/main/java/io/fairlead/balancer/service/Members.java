// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ZonePreference;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

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

    private final ZonePreference zones;
    private final InstanceState[] states;
    private final ServiceInstance[] instances;
    private final short[] kinds;
    private final boolean[] needsReview;
    /** 0 where it has not been worked out. */
    private long[] ranks;

    private Members(
            ZonePreference zones,
            InstanceState[] states,
            ServiceInstance[] instances,
            short[] kinds,
            boolean[] needsReview,
            long[] ranks) {
        this.zones = zones;
        this.states = states;
        this.instances = instances;
        this.kinds = kinds;
        this.needsReview = needsReview;
        this.ranks = ranks;
    }

    static Members none(ZonePreference zones) {
        return new Members(
                zones, new InstanceState[0], new ServiceInstance[0], new short[0], new boolean[0], new long[0]);
    }

    /** These by other zones. */
    Members in(ZonePreference others) {
        Members next = new Members(others, states, instances, new short[states.length], needsReview, ranks);
        for (int i = 0; i < states.length; i++) {
            next.kinds[i] = next.kindOf(instances[i]);
        }
        return next;
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
        ranks = ranks.length == states.length ? ranks : new long[states.length];
        for (int i = 0; i < ranks.length; i++) {
            if (ranks[i] == 0) {
                ranks[i] = rank(instances[i].id() + ' ' + instances[i].authority(), seed);
            }
        }
        return ranks;
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
        return (short) (zones.tierOf(instance) << STATUS_BITS | word);
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
        private InstanceState[] states;
        private ServiceInstance[] instances;
        private short[] kinds;
        private boolean[] needsReview;
        private long[] ranks;
        private int count;

        Next(Members before, int expected) {
            this.before = before;
            this.ranked = before.ranks.length > 0;
            this.states = new InstanceState[expected];
            this.instances = new ServiceInstance[expected];
            this.kinds = new short[expected];
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
            count += number;
        }

        /** One that came, came back or changed. */
        void add(InstanceState state) {
            makeRoom(1);
            states[count] = state;
            instances[count] = state.instance();
            kinds[count] = before.kindOf(state.instance());
            needsReview[count] = true;
            count++;
        }

        Members members() {
            resize(count);
            return new Members(before.zones, states, instances, kinds, needsReview, ranks);
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
            }
        }
    }
}
