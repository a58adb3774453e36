// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.BalancingPolicy;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of some of a service's instances that calls are sent to together: all of them, or one subset under one
 * policy. It stays while rules change around it, as long as they ask for the same. Each instance has a {@link
 * Member} here, because its weight depends on the others; its state is one, whatever the subset.
 *
 * <p>Where others follow, who answer when nobody here is usable, there is no panic, and instances that drain are not used.
 */
final class SubsetState {
    private static final int MOST_GONE = 64;

    private final @Nullable Subset subset;
    private final BalancingPolicy policy;
    private final boolean hasOthers;
    private final @Nullable LongAdder inFlight;
    private final Map<InstanceState, Member> candidates = new ConcurrentHashMap<>();

    private SubsetState(
            @Nullable Subset subset, BalancingPolicy policy, boolean hasOthers, @Nullable LongAdder inFlight) {
        this.subset = subset;
        this.policy = policy;
        this.hasOthers = hasOthers;
        this.inFlight = inFlight;
    }

    /** All instances of a service. Their candidates are their states, and the service counts what is in flight. */
    static SubsetState ofAll(BalancingPolicy policy) {
        return new SubsetState(null, policy, false, null);
    }

    /**
     * A subset under a policy.
     *
     * @param hasOthers whether others answer when nobody of it is usable
     */
    static SubsetState of(Subset subset, BalancingPolicy policy, boolean hasOthers) {
        return new SubsetState(subset, policy, hasOthers, policy.needsServiceInFlight() ? new LongAdder() : null);
    }

    /** This under a policy. */
    SubsetState under(BalancingPolicy other) {
        return other.equals(policy) ? this : new SubsetState(subset, other, hasOthers, inFlight);
    }

    /** Whether it is what such calls need. */
    boolean isFor(Subset wanted, BalancingPolicy wantedPolicy, boolean wantsOthers) {
        return wanted.equals(subset) && policy.equals(wantedPolicy) && hasOthers == wantsOthers;
    }

    /** Whether it is one of this subset. */
    boolean isOf(Subset wanted) {
        return wanted.equals(subset);
    }

    /** Whether others answer when nobody here is usable. */
    boolean hasOthers() {
        return hasOthers;
    }

    /** Whether it is all of the service. */
    boolean isAll() {
        return subset == null;
    }

    /** Whether an instance belongs to it. */
    boolean has(ServiceInstance instance) {
        return subset == null || subset.matches(instance);
    }

    BalancingPolicy policy() {
        return policy;
    }

    /** Attempts in flight that were sent here; null when nobody needs to know, or the service counts its own. */
    @Nullable
    LongAdder inFlight() {
        return inFlight;
    }

    /** An attempt that was sent here begins. */
    void begin() {
        if (inFlight != null) {
            inFlight.increment();
        }
    }

    /** It is over. */
    void end() {
        if (inFlight != null) {
            inFlight.decrement();
        }
    }

    /** What its pickers see of an instance: of all, the instance itself. Belongs to the service's updates. */
    Weighted candidate(InstanceState state) {
        return subset == null ? state : candidates.computeIfAbsent(state, first -> new Member(first, this));
    }

    /** What its pickers see of an instance; the instance itself when they have never seen it. For any thread. */
    Weighted seen(InstanceState state) {
        Member known = candidates.get(state);
        return known == null ? state : known;
    }

    /** Forgets who is gone, when these are many. Belongs to the service's updates. */
    void forgetOthersThan(Members members) {
        if (candidates.size() > 2 * members.size() + MOST_GONE) {
            candidates.keySet().retainAll(new HashSet<>(members.list()));
        }
    }

    @Override
    public String toString() {
        return subset == null ? "all" : subset.toString();
    }

    /**
     * An instance as the pickers of one subset see it: its state, with a weight of its own, because slow start, panic and this
     * process's portion depend on who the others are. Any thread reads.
     */
    static final class Member implements Weighted {
        private final InstanceState state;
        private final SubsetState subset;
        private volatile double weight;
        private volatile double slowStart = 1;
        private volatile double health = 1;
        private volatile double portionShare = 1;

        Member(InstanceState state, SubsetState subset) {
            this.state = state;
            this.subset = subset;
            this.weight = state.weight();
        }

        InstanceState state() {
            return state;
        }

        @Override
        public ServiceInstance instance() {
            return state.instance();
        }

        @Override
        public double weight() {
            return weight;
        }

        @Override
        public boolean weigh(double registry, double slowStartLeaves, double healthLeaves) {
            health = healthLeaves;
            slowStart = slowStartLeaves;
            double next = registry * Math.min(slowStartLeaves, healthLeaves) * portionShare;
            boolean isNew = next != weight;
            weight = next;
            return isNew;
        }

        @Override
        public double slowStart() {
            return slowStart;
        }

        @Override
        public double health() {
            return health;
        }

        @Override
        public double portionShare() {
            return portionShare;
        }

        @Override
        public void setPortionShare(double value) {
            portionShare = value;
        }

        @Override
        public int inFlight() {
            return state.inFlight();
        }

        @Override
        public long serviceInFlight() {
            LongAdder all = subset.inFlight();
            return all == null ? -1 : all.sum();
        }

        @Override
        public long latencyNanos(long nowNanos) {
            return state.latencyNanos(nowNanos);
        }

        @Override
        public double latencyVariance(long nowNanos) {
            return state.latencyVariance(nowNanos);
        }

        @Override
        public long silentNanos(long nowNanos) {
            return state.silentNanos(nowNanos);
        }

        @Override
        public double successRatio(long nowNanos) {
            return state.successRatio(nowNanos);
        }

        @Override
        public long oldestNanos(long nowNanos) {
            return state.oldestNanos(nowNanos);
        }

        @Override
        public int reportedInFlight(long nowNanos) {
            return state.reportedInFlight(nowNanos);
        }

        @Override
        public double reportedUtilization(long nowNanos) {
            return state.reportedUtilization(nowNanos);
        }

        @Override
        public boolean lastSucceeded() {
            return state.lastSucceeded();
        }

        @Override
        public boolean accepts(PickContext context, long nowNanos) {
            return state.accepts(context, nowNanos);
        }
    }
}
