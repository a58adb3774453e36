// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.balancer.Throttle;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.random.RandomGenerator;

/**
 * The counts behind a {@link Throttle}, for one service, in ten buckets of the window; each word holds its bucket's number and
 * its count. Everything is counted in the bucket in which the call was made, so that a call and what it came to leave the
 * window together.
 *
 * <p>A call that is under way is not judged yet: in the present bucket and the one before it counts as neither made nor
 * accepted, or a client would reject its own calls because the first answers are still on their way. A call that is older
 * and has no answer counts as made and not accepted, or a service that hangs would look like one that is not asked. Safe
 * for any thread; no lock, no allocation.
 */
public final class AdaptiveThrottle {
    private static final int BUCKETS = 10;
    /** A word: [number of the bucket:40 | count:24], enough for 3,000 years of the shortest buckets. */
    private static final int COUNT_BITS = 24;

    private static final long COUNT = (1L << COUNT_BITS) - 1;
    /** The present bucket and the one before it. */
    private static final int PATIENCE = 2;
    /** With fewer judged calls in the window nothing is rejected: the first few answers prove nothing. */
    private static final int FEWEST_JUDGED = 10;

    private volatile double k;
    private final long bucketNanos;
    /** Moves when the clock is set back. */
    private volatile long originNanos;
    /** The newest bucket in which a call was made. */
    private volatile long newest;
    /** Calls made, those rejected here included. */
    private final AtomicLongArray made = new AtomicLongArray(BUCKETS);
    /** Of them, those whose end is known, a rejection here included. */
    private final AtomicLongArray judged = new AtomicLongArray(BUCKETS);
    /** Of those, the ones that the service took. */
    private final AtomicLongArray accepted = new AtomicLongArray(BUCKETS);

    AdaptiveThrottle(Throttle options, long nowNanos) {
        this.k = options.k();
        this.bucketNanos = options.window().toNanos() / BUCKETS;
        this.originNanos = nowNanos;
    }

    /**
     * This throttle under other options. Another k is put into this one. Another window makes a new throttle that begins with
     * the counts of this one, but without calls under way: their answers go to the throttle that admitted them.
     */
    AdaptiveThrottle under(Throttle options, long nowNanos) {
        if (options.window().toNanos() / BUCKETS == bucketNanos) {
            k = options.k();
            return this;
        }
        AdaptiveThrottle next = new AdaptiveThrottle(options, originNanos);
        for (long epoch = Math.max(1, newest - BUCKETS + 1); epoch <= newest; epoch++) {
            long then = next.newEpoch(originNanos + (epoch - 1) * bucketNanos);
            int ended = (int) sum(judged, epoch, epoch);
            add(next.made, ended, then);
            add(next.judged, ended, then);
            add(next.accepted, (int) sum(accepted, epoch, epoch), then);
        }
        return next;
    }

    /** Counts a call and says whether it may be sent. */
    public boolean admits(RandomGenerator random, long nowNanos) {
        long epoch = newEpoch(nowNanos);
        double probability = rejectionAt(epoch);
        add(made, 1, epoch);
        if (probability <= 0 || random.nextDouble() >= probability) {
            return true;
        }
        add(judged, 1, epoch);
        return false;
    }

    /** What came of a call admitted at {@code startNanos}: the service took it, or said nothing about its load, or shed it. */
    public void answered(boolean taken, long startNanos) {
        long epoch = epoch(startNanos);
        if (taken) {
            add(accepted, 1, epoch);
        }
        add(judged, 1, epoch);
    }

    /** A call admitted at {@code startNanos} was not made after all, or its caller gave it up: it says nothing. */
    public void withdraw(long startNanos) {
        add(made, -1, epoch(startNanos));
    }

    /** Probability that the next call is rejected. */
    public double rejection(long nowNanos) {
        return rejectionAt(epoch(nowNanos));
    }

    private double rejectionAt(long newest) {
        long calls = sum(judged, newest - PATIENCE + 1, newest) + sum(made, newest - BUCKETS + 1, newest - PATIENCE);
        if (calls < FEWEST_JUDGED) {
            return 0;
        }
        return Math.max(0, (calls - k * sum(accepted, newest - BUCKETS + 1, newest)) / (calls + 1));
    }

    /** An answer whose bucket has been used again is forgotten, and so is what it answers. */
    private static void add(AtomicLongArray words, int amount, long epoch) {
        int index = (int) (epoch % BUCKETS);
        while (true) {
            long before = words.get(index);
            long tag = before >>> COUNT_BITS;
            if (tag > epoch) {
                return;
            }
            long count = (tag == epoch ? before & COUNT : 0) + amount;
            if (words.compareAndSet(index, before, epoch << COUNT_BITS | Math.max(0, Math.min(COUNT, count)))) {
                return;
            }
        }
    }

    private static long sum(AtomicLongArray words, long oldest, long newest) {
        long sum = 0;
        for (int i = 0; i < BUCKETS; i++) {
            long word = words.get(i);
            long tag = word >>> COUNT_BITS;
            if (tag >= oldest && tag <= newest) {
                sum += word & COUNT;
            }
        }
        return sum;
    }

    /** From 1, so that an untouched word belongs to no bucket; a clock that steps back before the origin stays in 1. */
    private long epoch(long nowNanos) {
        return Math.max(0, (nowNanos - originNanos) / bucketNanos) + 1;
    }

    /** The bucket of a new call. A clock that was set back goes on from the newest one, or nothing would count. */
    private long newEpoch(long nowNanos) {
        long epoch = epoch(nowNanos);
        long behind = newest - epoch;
        if (behind > BUCKETS) {
            originNanos = originNanos - behind * bucketNanos;
            return newest;
        }
        if (behind < 0) {
            newest = epoch;
        }
        return epoch;
    }
}
