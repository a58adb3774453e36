// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The permits of one half-open stay. Each is its own object, given back at most once; one that is not given back within
 * the probe timeout is forfeited and issued again, so that a lost probe can not wedge the breaker. The lock is held for a
 * few instructions, and only while half-open.
 */
final class Probes {
    /** One permit. */
    static final class Probe {
        final Generation generation;
        final long sinceNanos;

        Probe(Generation generation, long sinceNanos) {
            this.generation = generation;
            this.sinceNanos = sinceNanos;
        }
    }

    private final CircuitBreakerConfig.HalfOpen config;
    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable Probe[] underWay; // guarded by lock
    private int calls; // guarded by lock
    private int failed; // guarded by lock
    private int slow; // guarded by lock

    Probes(CircuitBreakerConfig.HalfOpen config) {
        this.config = config;
        this.underWay = new @Nullable Probe[config.concurrent()];
    }

    @Nullable
    Probe tryIssue(Generation generation, long nowNanos) {
        lock.lock();
        try {
            int free = freeSlot(nowNanos);
            if (free < 0) {
                return null;
            }
            Probe probe = new Probe(generation, nowNanos);
            underWay[free] = probe;
            return probe;
        } finally {
            lock.unlock();
        }
    }

    boolean isAvailable(long nowNanos) {
        lock.lock();
        try {
            return freeSlot(nowNanos) >= 0;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the permit back uncounted; false when it had been given back or forfeited. */
    boolean giveBack(Probe probe) {
        lock.lock();
        try {
            return free(probe);
        } finally {
            lock.unlock();
        }
    }

    /** Takes the permit back and counts its result; null when it had been given back or forfeited. */
    @Nullable
    Totals count(Probe probe, boolean hasFailed, boolean wasSlow) {
        lock.lock();
        try {
            if (!free(probe)) {
                return null;
            }
            calls++;
            failed += hasFailed ? 1 : 0;
            slow += wasSlow ? 1 : 0;
            return new Totals(calls, failed, slow);
        } finally {
            lock.unlock();
        }
    }

    Totals totals() {
        lock.lock();
        try {
            return new Totals(calls, failed, slow);
        } finally {
            lock.unlock();
        }
    }

    private boolean free(Probe probe) {
        for (int i = 0; i < underWay.length; i++) {
            if (underWay[i] == probe) {
                underWay[i] = null;
                return true;
            }
        }
        return false;
    }

    private int freeSlot(long nowNanos) {
        int live = 0;
        int free = -1;
        for (int i = 0; i < underWay.length; i++) {
            Probe probe = underWay[i];
            if (probe == null
                    || nowNanos - probe.sinceNanos >= config.probeTimeout().toNanos()) {
                free = i;
            } else {
                live++;
            }
        }
        return calls + live < config.calls() ? free : -1;
    }
}
