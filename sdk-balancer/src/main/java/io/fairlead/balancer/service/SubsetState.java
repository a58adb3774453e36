// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

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
 * SubsetCandidate} here, because its weight depends on the others; its state is one, whatever the subset.
 *
 * <p>Where others follow, who answer when nobody here is usable, there is no panic, and instances that drain are not used.
 */
final class SubsetState {
    private static final int MOST_GONE = 64;

    private final @Nullable Subset subset;
    private final BalancingPolicy policy;
    private final boolean hasOthers;
    private final @Nullable LongAdder inFlight;
    private final Map<InstanceState, SubsetCandidate> candidates = new ConcurrentHashMap<>();

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
        return subset == null ? state : candidates.computeIfAbsent(state, first -> new SubsetCandidate(first, this));
    }

    /** What its pickers see of an instance; the instance itself when they have never seen it. For any thread. */
    Weighted seen(InstanceState state) {
        SubsetCandidate known = candidates.get(state);
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
}
