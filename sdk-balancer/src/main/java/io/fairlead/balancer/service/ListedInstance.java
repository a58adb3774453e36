// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.SlowStart;
import io.fairlead.balancer.stage.Nanos;

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
    private volatile boolean asking;
    private volatile long asksUntilNanos;

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

    /** As the weight now in force has it. */
    @Override
    public final double slowStart() {
        return isHeldBack() ? standing.slowStart() : 1;
    }

    final void setSlowStart(double ratio) {
        standing.setSlowStart(ratio);
        setHeldBack(ratio < 1);
    }

    /** The share of its weight slow start leaves; 1 when it is over. */
    final double warmupFactor(long nowNanos) {
        return warmup.factor(nowNanos);
    }

    /**
     * It asked to be left alone for so long from now; its latest word stands, and of one that nobody is to call, or that is
     * out, no other learns.
     */
    final void ask(long nanos, boolean isCalled, long nowNanos) {
        if (nanos <= 0) {
            withdraw();
            return;
        }
        asksUntilNanos = nowNanos + nanos;
        asking = true;
        if (isCalled) {
            pleas().add(this);
        }
    }

    /** Whether it asked to be left alone, and its time is not over. */
    final boolean isAsking(long nowNanos) {
        return asking && nowNanos - asksUntilNanos < 0;
    }

    /** Whether calls leave it alone: first attempts if enough others are left, later ones always. */
    final boolean isLeftAlone(boolean isFirst, long nowNanos) {
        return isAsking(nowNanos) && (!isFirst || pleas().areHeeded());
    }

    private Pleas pleas() {
        return shared.quota().pleas();
    }

    /** How much longer it asks to be left alone. */
    final long nanosAsked(long nowNanos) {
        return isAsking(nowNanos) ? asksUntilNanos - nowNanos : 0;
    }

    /** Is somebody else now, or has changed its mind. */
    final void withdraw() {
        asking = false;
        pleas().remove(this);
    }

    /** Out, so that it waits anyway: its plea is nothing to the others. */
    final void waits() {
        pleas().remove(this);
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
