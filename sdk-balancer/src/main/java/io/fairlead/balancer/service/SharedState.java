// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the instances of one service have in common.
 *
 * @param latency how latency is learned
 * @param pleas who asked to be left alone
 * @param inFlight attempts in flight on all of them, or null when nobody needs to know
 * @param limits how many attempts each may have in flight
 * @param listener hears of what happens to an instance
 * @param counts of the service
 */
record SharedState(
        InstanceGuard.Factory guards,
        EjectionQuota quota,
        Listing.Pleas pleas,
        LatencyModel latency,
        @Nullable LongAdder inFlight,
        DynamicWeights dynamicWeights,
        ConcurrencyLimits limits,
        Listener listener,
        ServiceCounts counts,
        Environment environment) {

    /** Hears on the thread on which it happens; must not block. */
    interface Listener {
        /** Something became known of an instance that a choice depends on. */
        void onMoved(InstanceState state);

        /** Nobody listened where the instance should be. */
        void onUnreachable(InstanceState state);

        /** An instance was ejected, or is back. */
        void onEjectionChanged(InstanceState state, boolean ejected);

        /** An instance should have been ejected and was not: too many are out. */
        void onEjectionDenied(InstanceState state, String reason);
    }
}
