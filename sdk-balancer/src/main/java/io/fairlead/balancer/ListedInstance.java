// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.ServiceInstance;

/**
 * What lists and evaluations did to one instance: where it stands, since when it warms up, whether it is only held. Any
 * thread reads; only the service's updates changes it, except that an instance back from ejection warms up again.
 */
abstract class ListedInstance extends InstanceStatistics {
    private final Tally tally = new Tally(this);
    private final Standing standing = new Standing();
    private volatile Warmup warmup = Warmup.NONE;
    private volatile boolean suspect;
    private long heldSinceNanos; // belongs to the service's updates

    ListedInstance(ServiceInstance instance, Shared shared) {
        super(instance, shared);
    }

    final void warmUp(long nowNanos, SlowStart slowStart) {
        warmup = new Warmup(nowNanos, Nanos.of(slowStart.length()), slowStart);
    }

    /** As for a new one, but shorter: it is back from ejection. */
    final void warmUpAgain(long nowNanos, SlowStart slowStart) {
        warmup = new Warmup(nowNanos, Nanos.of(slowStart.afterEjection()), slowStart);
    }

    final boolean isWarming(long nowNanos) {
        return warmup.factor(nowNanos) < 1;
    }

    /** The share of its weight slow start leaves; 1 when it is over. */
    final double warmupFactor(long nowNanos) {
        return warmup.factor(nowNanos);
    }

    final Standing standing() {
        return standing;
    }

    final Tally tally() {
        return tally;
    }

    final boolean isSuspect() {
        return suspect;
    }

    /** The registry lacks it and it is kept until that is confirmed. */
    final void hold(long nowNanos) {
        heldSinceNanos = nowNanos;
        suspect = true;
    }

    /** Listed again, or gone for good. */
    final void release() {
        if (suspect) {
            suspect = false;
        }
    }

    final long heldSinceNanos() {
        return heldSinceNanos;
    }
}
