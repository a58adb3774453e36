// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.LatencyMemory;

/** For instances of no list: nobody needs to know what happens to them. */
class Deaf implements SharedState.Listener {
    @Override
    public void onMoved(InstanceState state) {}

    @Override
    public void onUnreachable(InstanceState state) {}

    @Override
    public void onEjectionChanged(InstanceState state, boolean ejected) {}

    @Override
    public void onEjectionDenied(InstanceState state, String reason) {}

    /** What instances have in common when nothing is asked for. */
    SharedState shared(InstanceGuard.Factory guards, EjectionQuota quota, Environment environment) {
        return new SharedState(
                guards,
                quota,
                new Listing.Pleas(quota),
                new LatencyModel(LatencyMemory.ESTIMATE, new LatencyEstimate.Peers()),
                null,
                DynamicWeights.off(),
                ConcurrencyLimits.off(),
                this,
                new ServiceCounts(),
                environment);
    }

    /** A seat that nobody hears of. */
    static final EjectionQuota.Owner NOBODY = new EjectionQuota.Owner() {
        @Override
        public void onEjectionChanged(boolean ejected) {}

        @Override
        public void onEjectionDenied(String reason) {}

        @Override
        public long unreported() {
            return 0;
        }
    };
}
