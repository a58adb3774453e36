// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.random.RandomGenerator;

/**
 * The counts behind a {@link Throttle}, for one service: calls and accepted calls in ten buckets, each word holding the
 * bucket's number and its count. A call counts when it is attempted, not when it ends, or a service that hangs would look
 * like one that is not asked. Safe for any thread; no lock, no allocation.
 */
final class AdaptiveThrottle {
    private static final int BUCKETS = 10;

    private final double k;
    private final long bucketNanos;
    private final long originNanos;
    private final AtomicLongArray calls = new AtomicLongArray(BUCKETS);
    private final AtomicLongArray accepted = new AtomicLongArray(BUCKETS);

    AdaptiveThrottle(Throttle options, long nowNanos) {
        this.k = options.k();
        this.bucketNanos = options.window().toNanos() / BUCKETS;
        this.originNanos = nowNanos;
    }

    /** Counts a call and says whether it may be sent. */
    boolean admits(RandomGenerator random, long nowNanos) {
        double probability = rejection(nowNanos);
        add(calls, 1, nowNanos);
        return probability <= 0 || random.nextDouble() >= probability;
    }

    /** The service took a call, or said nothing about its load. */
    void accepted(long nowNanos) {
        add(accepted, 1, nowNanos);
    }

    /** An admitted call was not made after all. */
    void withdraw(long nowNanos) {
        add(calls, -1, nowNanos);
    }

    /** Probability that the next call is rejected. */
    double rejection(long nowNanos) {
        long made = sum(calls, nowNanos);
        return Math.max(0, (made - k * sum(accepted, nowNanos)) / (made + 1));
    }

    private void add(AtomicLongArray words, int amount, long nowNanos) {
        int epoch = epoch(nowNanos);
        int index = epoch % BUCKETS;
        while (true) {
            long before = words.get(index);
            int tag = (int) (before >>> 32);
            int count = tag >= epoch ? (int) before : 0;
            long after = (long) Math.max(tag, epoch) << 32 | Math.max(0, count + amount);
            if (words.compareAndSet(index, before, after)) {
                return;
            }
        }
    }

    private long sum(AtomicLongArray words, long nowNanos) {
        int oldest = epoch(nowNanos) - BUCKETS + 1;
        long sum = 0;
        for (int i = 0; i < BUCKETS; i++) {
            long word = words.get(i);
            if ((int) (word >>> 32) >= oldest) {
                sum += (int) word;
            }
        }
        return sum;
    }

    /** From 1, so that an untouched word belongs to no bucket; a clock that steps back before the origin stays in 1. */
    private int epoch(long nowNanos) {
        return (int) Math.max(0, (nowNanos - originNanos) / bucketNanos) + 1;
    }
}
