// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.balancer.RateLimit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket with the meaning of Go's {@code x/time/rate}, kept as one number: the moment at which the bucket will be
 * full again (the theoretical arrival time of the generic cell rate algorithm, ATM Forum 1996). Integers only, so nothing
 * drifts. Safe for any thread; one compare-and-set a call.
 *
 * <p>It differs from Go's in three points. A clock that steps back neither adds nor destroys tokens. A token taken without
 * waiting can be given back later too, because the call it was for was rejected further inside. A cancel never gives back
 * more than was taken, which Go's does when after another cancel a later reservation acts before this one.
 */
public final class RateLimiter {
    /** In a bucket's word: another bucket has taken its place. */
    private static final long REPLACED = Long.MIN_VALUE;

    /** A clock further behind than this has been set back; a thread may be held up for less. */
    private static final long STEP_BACK_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Moves when the clock is set back. */
    private volatile long originNanos;

    private volatile long latestNanos;
    private volatile Bucket bucket;

    /** One setting and its fill. Time stands still in a bucket without refill: its word counts the tokens taken. */
    private static final class Bucket {
        final boolean unlimited;
        final boolean refills;
        final long interval;
        final int burst;
        final AtomicLong fullAt;
        /** When the latest reservation acts. Beside the word: a race shifts what a cancel refunds, never what is promised. */
        final AtomicLong lastAct = new AtomicLong(Long.MIN_VALUE);

        Bucket(double perSecond, int burst, long fullAt) {
            this.unlimited = Double.isInfinite(perSecond);
            this.refills = perSecond > 0;
            this.interval = refills && !unlimited ? Math.round(1e9 / perSecond) : 1;
            this.burst = burst;
            this.fullAt = new AtomicLong(fullAt);
        }

        long capacity() {
            return burst * interval;
        }
    }

    /** Tokens taken, and how long to wait before acting on them. */
    public final class Reservation {
        private final Bucket from;
        private final long cost;
        private final long act;
        private final long waitNanos;

        private Reservation(Bucket from, long cost, long act, long waitNanos) {
            this.from = from;
            this.cost = cost;
            this.act = act;
            this.waitNanos = waitNanos;
        }

        public long waitNanos() {
            return waitNanos;
        }

        /** Gives the tokens back, less those that were promised meanwhile to later reservations that still wait. */
        public void cancel(long nowNanos) {
            while (!from.unlimited) {
                long now = timeIn(from, nowNanos);
                long before = from.fullAt.get();
                long last = from.lastAct.get();
                // Who acts later has been promised what lies between the two. After a cancel the latest may act before
                // this one.
                long refund = from.refills && last > now ? cost - Math.max(0, last - act) : cost;
                if (before == REPLACED || refund <= 0) {
                    return;
                }
                if (from.fullAt.compareAndSet(before, Math.max(before, now) - refund)) {
                    if (act == last && act - cost >= now) {
                        boolean unused = from.lastAct.compareAndSet(last, act - cost);
                    }
                    return;
                }
            }
        }
    }

    /** A full bucket. */
    public RateLimiter(RateLimit limit, long nowNanos) {
        this.originNanos = nowNanos;
        this.bucket = new Bucket(limit.perSecond(), limit.burst(), 0);
    }

    /** Whether a token is there now; takes it. */
    boolean allow(long nowNanos) {
        return reserve(1, 0, nowNanos) != null;
    }

    /** Takes tokens that are there within {@code maxWaitNanos}; null, and nothing changed, when they are not. */
    @Nullable
    public Reservation reserve(int tokens, long maxWaitNanos, long nowNanos) {
        while (true) {
            Bucket current = bucket;
            if (current.unlimited) {
                return new Reservation(current, 0, 0, 0);
            }
            long before = current.fullAt.get();
            if (before == REPLACED) {
                Thread.onSpinWait();
                continue;
            }
            long now = timeIn(current, nowNanos);
            long wait = waitNanos(current, before, tokens, now);
            if (wait < 0 || wait > maxWaitNanos) {
                return null;
            }
            long cost = tokens * current.interval;
            long after = Math.max(before, now) + cost;
            if (current.fullAt.compareAndSet(before, after)) {
                current.lastAct.set(now + wait);
                return new Reservation(current, cost, now + wait, wait);
            }
        }
    }

    /** How long until a token can be had; 0 when now, or when waiting does not help. */
    public long nanosToToken(long nowNanos) {
        Bucket current = bucket;
        long fullAt = current.fullAt.get();
        return current.unlimited || fullAt == REPLACED
                ? 0
                : Math.max(0, waitNanos(current, fullAt, 1, timeIn(current, nowNanos)));
    }

    /** Tokens there now; below zero while calls wait for theirs. */
    public double tokens(long nowNanos) {
        Bucket current = bucket;
        long fullAt = current.fullAt.get();
        if (current.unlimited || fullAt == REPLACED) {
            return current.burst;
        }
        return current.burst - (double) Math.max(0, fullAt - timeIn(current, nowNanos)) / current.interval;
    }

    /** Another rate and burst; the tokens there are stay. */
    public void change(RateLimit limit, long nowNanos) {
        Bucket old = bucket;
        long fullAt = old.fullAt.getAndSet(REPLACED);
        if (fullAt == REPLACED) {
            // Two changes at once: the other one stands.
            return;
        }
        double missing = old.unlimited ? 0 : (double) Math.max(0, fullAt - timeIn(old, nowNanos)) / old.interval;
        double stillMissing = Math.max(0, missing + limit.burst() - (old.unlimited ? limit.burst() : old.burst));
        Bucket next = new Bucket(limit.perSecond(), limit.burst(), 0);
        next.fullAt.set(timeIn(next, nowNanos) + Math.round(stillMissing * next.interval));
        bucket = next;
    }

    /** Negative when no wait is long enough. */
    private static long waitNanos(Bucket bucket, long fullAt, int tokens, long now) {
        if (tokens > bucket.burst) {
            return -1;
        }
        long wait = Math.max(fullAt, now) + tokens * bucket.interval - bucket.capacity() - now;
        if (wait <= 0) {
            return 0;
        }
        return bucket.refills ? wait : -1;
    }

    private long timeIn(Bucket bucket, long nowNanos) {
        if (!bucket.refills) {
            return 0;
        }
        long now = nowNanos - originNanos;
        long latest = latestNanos;
        if (now > latest) {
            latestNanos = now;
            return now;
        }
        if (latest - now > STEP_BACK_NANOS) {
            // The clock was set back: go on from the latest moment, or no token would come until it has caught up.
            originNanos = nowNanos - latest;
        }
        return latest;
    }
}
