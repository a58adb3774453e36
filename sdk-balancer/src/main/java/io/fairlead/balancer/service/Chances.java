// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.PickContext;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a {@link Choice} does with each instance, for one call at one moment. Not thread-safe. */
final class Chances {
    private final PickContext context;
    private final long nowNanos;
    private final Map<InstanceState, Tier> tiers = new IdentityHashMap<>();
    private final Map<InstanceState, Place> ejected = new IdentityHashMap<>();

    /** Why an instance is, or is not, among those a picker chooses from. */
    enum Place {
        /** A picker chooses among it and others. */
        CHOSEN,
        /** On its way out by its own wish. */
        DRAINING,
        /** Out by our own decision, waiting for probes. */
        EJECTED,
        /** A check of the registry fails. */
        CRITICAL,
        /** This process calls a subset of the instances, to which it does not belong. */
        OUTSIDE_SUBSET
    }

    /** How soon an instance is picked: whoever comes first of all takes the call. */
    enum Chance {
        /** Ejected, and a first attempt may find out whether it is well again. */
        PROBE,
        /** It accepts the call, and its tier has a share of them. */
        NOW,
        /** It accepts the call, but its tier has none while others take it. */
        SPARE,
        /** Its guard objects, and is overruled when every guard does. */
        OVERRULED,
        /** Ejected: better than one the registry says is critical. */
        EJECTED,
        /** Critical or outside the subset: better than no instance. */
        LAST_RESORT,
        /** Tried before, at its concurrency limit, or draining while others serve. */
        NEVER
    }

    Chances(Choice choice, PickContext context, long nowNanos) {
        this.context = context;
        this.nowNanos = nowNanos;
        for (Tier tier : choice.tiers()) {
            for (InstanceState state : tier.instances()) {
                tiers.put(state, tier);
            }
        }
        for (InstanceState state : choice.ejected()) {
            ejected.put(state, Place.EJECTED);
        }
    }

    /** The tier whose picker chooses among it and others, or null. */
    @Nullable
    Tier tier(InstanceState state) {
        return tiers.get(state);
    }

    Place place(InstanceState state) {
        if (tiers.containsKey(state)) {
            return Place.CHOSEN;
        }
        InstanceStatus status = state.instance().status();
        if (status == InstanceStatus.DRAINING) {
            return Place.DRAINING;
        }
        return ejected.getOrDefault(state, status.isUsable() ? Place.OUTSIDE_SUBSET : Place.CRITICAL);
    }

    Chance of(InstanceState state) {
        Refusal refusal = state.refusal(context, nowNanos);
        if (refusal == Refusal.TRIED || refusal == Refusal.FULL) {
            return Chance.NEVER;
        }
        Tier tier = tiers.get(state);
        return switch (place(state)) {
            case DRAINING -> Chance.NEVER;
            case CRITICAL, OUTSIDE_SUBSET -> Chance.LAST_RESORT;
            case EJECTED -> state.isProbeDue(context, nowNanos) ? Chance.PROBE : Chance.EJECTED;
            case CHOSEN ->
                refusal != null ? Chance.OVERRULED : tier != null && tier.percent() > 0 ? Chance.NOW : Chance.SPARE;
        };
    }
}
