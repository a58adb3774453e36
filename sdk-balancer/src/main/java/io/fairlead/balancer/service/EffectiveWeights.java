// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/**
 * The one place where weights are made, so that they mean the same under every policy: registry weight × the smallest of
 * slow start, condition and dynamic level × the part of the instance that is in this process's portion. In panic only the
 * registry's weight and the portion count: what is known of instances then says little about them. Belongs to the service's
 * updates.
 */
final class EffectiveWeights {
    private EffectiveWeights() {}

    /**
     * Recomputes those that need it, among the members of a subset. The ordinary are done with: nothing reduces them until something happens.
     *
     * @return whether one changed
     */
    static boolean refresh(Members members, SubsetState subset, boolean panic, long nowNanos) {
        double oldest = panic ? 1 : oldestNewcomer(members, nowNanos);
        boolean changed = false;
        for (int i = 0; i < members.size(); i++) {
            if (!members.needsReview(i)) {
                continue;
            }
            InstanceState state = members.state(i);
            double warmup = state.listing().warmupFactor(nowNanos);
            double condition = Math.min(
                    state.condition().factor(nowNanos), state.healthLevel().factor(nowNanos));
            double slowStart = panic ? 1 : Math.min(1, warmup / oldest);
            double health = panic ? 1 : condition;
            changed |= subset.candidate(state).weigh(members.instance(i).weight(), slowStart, health);
            if (warmup == 1
                    && condition == 1
                    && !state.gate().mustAsk().ofGuard()
                    && !state.gate().isEjected()) {
                members.reviewed(i);
            }
        }
        return changed;
    }

    /**
     * What slow start leaves of the oldest newcomer while most are new: taken relative to it, being new says nothing when
     * all are equally new. 1 while most are not.
     */
    private static double oldestNewcomer(Members members, long nowNanos) {
        int warming = 0;
        double most = 0;
        for (int i = 0; i < members.size(); i++) {
            double factor = members.needsReview(i) ? members.state(i).listing().warmupFactor(nowNanos) : 1;
            if (factor < 1) {
                warming++;
                most = Math.max(most, factor);
            }
        }
        return warming * 2 > members.size() ? most : 1;
    }
}
