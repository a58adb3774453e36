// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.List;

/**
 * The one place where weights are made, so that they mean the same under every policy: registry weight × the
 * smallest of slow start, condition and dynamic level × the part of the instance that is in this process's subset. In panic only the registry's
 * weight and the subset count: what is known of instances then says little about them. Guarded by the service's update
 * lock.
 */
final class EffectiveWeights {
    private EffectiveWeights() {}

    /** Recomputes all; true when one changed. */
    static boolean refresh(List<InstanceState> members, boolean panic, long nowNanos) {
        double oldest = panic ? 1 : oldestNewcomer(members, nowNanos);
        boolean changed = false;
        for (InstanceState state : members) {
            double slowStart = panic ? 1 : Math.min(1, state.warmupFactor(nowNanos) / oldest);
            double health = panic
                    ? 1
                    : Math.min(state.conditionFactor(nowNanos), state.level().factor(nowNanos));
            Standing standing = state.standing();
            standing.weighed(slowStart, health);
            changed |= state.setWeight(state.instance().weight() * Math.min(slowStart, health) * standing.share());
        }
        return changed;
    }

    /**
     * What slow start leaves of the oldest newcomer while most are new: taken relative to it, being new says nothing when
     * all are equally new. 1 while most are not.
     */
    private static double oldestNewcomer(List<InstanceState> members, long nowNanos) {
        int warming = 0;
        double most = 0;
        for (InstanceState state : members) {
            double factor = state.warmupFactor(nowNanos);
            if (factor < 1) {
                warming++;
                most = Math.max(most, factor);
            }
        }
        return warming * 2 > members.size() ? most : 1;
    }
}
