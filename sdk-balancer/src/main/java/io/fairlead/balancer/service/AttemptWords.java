// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.stage.ConcurrencyLimit;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.LatencyMemory;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt on a healthy instance reads of it and hardly anything writes, right behind the hot words. Safe for any
 * thread.
 *
 * <p>A lasting permit is the guard's word that until a moment attempts need not ask it and their successes need not be given
 * back: then neither the guard nor its window is touched, whose objects would be as many cache lines again.
 */
class AttemptWords extends HotWords {
    /** Whether the latency is a decaying peak. */
    final boolean peaks;

    /** Whether dynamic levels are judged. */
    final boolean hasLevel;

    /** Whether the latest attempt that told anything failed. */
    volatile boolean failedLast;
    /** Whether the latest attempt that told anything found nobody listening. */
    volatile boolean refusing;

    final Environment environment;
    /** What is known of the latencies of the service's instances together. */
    final PeerLatency peers;
    /** Of all instances of the service; null when nobody needs to know. */
    final @Nullable LongAdder serviceInFlight;

    final @Nullable ConcurrencyLimit limit;
    private volatile ServiceInstance instance;
    private volatile @Nullable Object lastingPermit;
    private volatile long lastsUntilNanos;
    /** Only attempts that began since then are learned from; far ahead while the instance is out. */
    private volatile long learnSinceNanos;

    /**
     * What the instances of one service have in common.
     *
     * @param moved hears of an instance when something became known of it that a choice depends on; any thread
     * @param refused hears of an instance that refused a connection; any thread
     * @param inFlight attempts in flight on all of them, or null when nobody needs to know
     * @param limits how many attempts each may have in flight
     */
    record Shared(
            InstanceGuard.Factory guards,
            EjectionQuota quota,
            PeerLatency peers,
            Consumer<InstanceState> moved,
            Consumer<InstanceState> refused,
            LatencyMemory memory,
            @Nullable LongAdder inFlight,
            DynamicWeights dynamicWeights,
            ConcurrencyLimits limits,
            Environment environment) {}

    AttemptWords(ServiceInstance instance, Shared shared) {
        this.instance = instance;
        this.peaks = shared.memory() == LatencyMemory.PEAK;
        this.hasLevel = !shared.dynamicWeights().isOff();
        this.environment = shared.environment();
        this.peers = shared.peers();
        this.serviceInFlight = shared.inFlight();
        this.limit = shared.limits().isOff() ? null : new ConcurrencyLimit(shared.limits());
        this.learnSinceNanos = environment.ticker().nanos();
    }

    public ServiceInstance instance() {
        return instance;
    }

    final void update(ServiceInstance changed) {
        instance = changed;
    }

    /** The permit any attempt may take now without asking the guard, or null. */
    final @Nullable Object lastingPermit(long nowNanos) {
        Object permit = lastingPermit;
        return permit == null || nowNanos - lastsUntilNanos >= 0 ? null : permit;
    }

    /** Whether a success under this permit is only counted now. */
    final boolean isUnwatched(Object permit, long nowNanos) {
        return permit == lastingPermit && nowNanos - lastsUntilNanos < 0;
    }

    final void makeLast(Object permit, long untilNanos) {
        lastsUntilNanos = untilNanos;
        if (lastingPermit != permit) {
            lastingPermit = permit;
        }
    }

    /** Every attempt asks the guard again. */
    final void watch() {
        if (lastingPermit != null) {
            lastingPermit = null;
        }
    }

    final boolean isRefusing() {
        return refusing;
    }

    final void noteRefusal(boolean refused) {
        if (refusing != refused) {
            refusing = refused;
        }
    }

    final boolean isLearnedFrom(long startNanos) {
        return startNanos - learnSinceNanos >= 0;
    }

    final void learnSince(long nanos) {
        learnSinceNanos = nanos;
    }

    final long now() {
        return environment.ticker().nanos();
    }
}
