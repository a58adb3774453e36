// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Calls of the last N buckets of time. Each bucket has three words, for calls, failures and slow calls; a word holds the
 * number of its bucket's epoch in the high half and the count in the low half, so the first count of a new epoch is also
 * the reset, one compare-and-set, and nobody rotates anything. A clock that steps back counts into the newer bucket.
 */
final class TimeWindow implements SlidingWindow {
    private static final int KINDS = 3;
    private static final int CALLS = 0;
    private static final int FAILED = 1;
    private static final int SLOW = 2;
    private static final long COUNT = 0xffff_ffffL;
    private static final int NEVER = Integer.MIN_VALUE / 2;

    private final int buckets;
    private final long bucketNanos;
    private final long originNanos;
    private final AtomicLongArray words;
    private volatile int lastBadEpoch = NEVER;

    TimeWindow(int buckets, long bucketNanos, long originNanos) {
        this.buckets = buckets;
        this.bucketNanos = bucketNanos;
        this.originNanos = originNanos;
        this.words = new AtomicLongArray(KINDS * buckets);
    }

    @Override
    public boolean record(boolean failed, boolean slow, long nowNanos) {
        int epoch = epoch(nowNanos);
        add(CALLS, epoch);
        if (failed) {
            add(FAILED, epoch);
        }
        if (slow) {
            add(SLOW, epoch);
        }
        if (failed || slow) {
            if (epoch > lastBadEpoch) {
                lastBadEpoch = epoch;
            }
            return true;
        }
        return epoch - lastBadEpoch <= buckets;
    }

    @Override
    public Totals totals(long nowNanos) {
        int epoch = epoch(nowNanos);
        int failed = sum(FAILED, epoch);
        int slow = sum(SLOW, epoch);
        int calls = sum(CALLS, epoch);
        return new Totals(calls, Math.min(failed, calls), Math.min(slow, calls));
    }

    private void add(int kind, int epoch) {
        int index = Math.floorMod(epoch, buckets) * KINDS + kind;
        while (true) {
            long word = words.get(index);
            // 0 is a bucket never used: epochs are stored from 1.
            int stored = (int) (word >>> 32);
            if (stored >= epoch + 1) {
                words.getAndIncrement(index);
                return;
            }
            if (words.compareAndSet(index, word, (long) (epoch + 1) << 32 | 1)) {
                return;
            }
        }
    }

    private int sum(int kind, int epoch) {
        long sum = 0;
        for (int bucket = 0; bucket < buckets; bucket++) {
            long word = words.get(bucket * KINDS + kind);
            int stored = (int) (word >>> 32) - 1;
            if (stored >= 0 && stored > epoch - buckets) {
                sum += word & COUNT;
            }
        }
        return (int) Math.min(Integer.MAX_VALUE, sum);
    }

    /** Never below 0: a clock from before the origin counts into the first bucket. */
    private int epoch(long nowNanos) {
        return (int) Math.max(0, (nowNanos - originNanos) / bucketNanos);
    }
}
