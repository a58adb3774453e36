// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.Hedging;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * When a service's calls may be hedged: after what latency, within what share of extra load, and only while at least half of
 * the retry allowance is left. How much is left is told by a second allowance of the same kind, from which nothing is ever
 * taken: both get the same deposits, and their balances are compared. Safe for any thread.
 */
public final class Hedges {
    public static final long NEVER = Long.MAX_VALUE;
    private static final int FEWEST_SAMPLES = 20;

    private final Hedging options;
    private final RetryBudget extraLoad;
    private final RetryAllowance untouched;
    private final RecentLatency latency;

    Hedges(Hedging options, RetryAllowance untouched, Ticker ticker) {
        this(options, new RetryBudget(options.maxExtraLoad(), 0, ticker), untouched, new RecentLatency(ticker.nanos()));
    }

    private Hedges(Hedging options, RetryBudget extraLoad, RetryAllowance untouched, RecentLatency latency) {
        this.options = options;
        this.extraLoad = extraLoad;
        this.untouched = untouched;
        this.latency = latency;
    }

    /** These new ones with the latencies and what is left of others. */
    Hedges takingOver(Hedges before) {
        RetryAllowance unused = extraLoad.takingOver(before.extraLoad);
        return new Hedges(options, extraLoad, untouched.takingOver(before.untouched), before.latency);
    }

    /** A call begins. */
    public void deposit(long nowNanos) {
        extraLoad.deposit(nowNanos);
        untouched.deposit(nowNanos);
    }

    /** A first attempt was answered in this time. */
    public void answered(long latencyNanos, long nowNanos) {
        latency.record(latencyNanos, nowNanos);
    }

    /** How long a first attempt may take before it is hedged, or {@link #NEVER}. */
    public long delayNanos(long nowNanos) {
        if (!options.delay().isZero()) {
            return Nanos.of(options.delay());
        }
        long percentile = latency.quantile(options.percentile(), FEWEST_SAMPLES, nowNanos);
        return percentile == 0 ? NEVER : Math.max(Nanos.of(Hedging.FLOOR), percentile);
    }

    /** Takes one hedge out of both when both have one and of the retries at least half is left. */
    public boolean tryWithdraw(RetryAllowance retries, long nowNanos) {
        if (retries.balanceMillis() * 2L < untouched.balanceMillis() || !extraLoad.tryWithdraw(nowNanos)) {
            return false;
        }
        if (retries.tryWithdraw(nowNanos)) {
            return true;
        }
        extraLoad.giveBack(nowNanos);
        return false;
    }

    /**
     * Quantiles of the last ten to twenty seconds: two histograms with four buckets to each power of two of microseconds, so
     * that a quantile is at most a quarter too high; one fills while the other still counts. Safe for any thread; a sample lost
     * while they change places is harmless.
     */
    static final class RecentLatency {
        private static final int SUB_BITS = 2;
        private static final int BUCKETS = 40 << SUB_BITS;
        /** A clock further behind than this has been set back, and time begins anew there. */
        private static final int STEP_BACK_INTERVALS = 6;

        private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

        private final long originNanos;
        private volatile Interval interval =
                new Interval(0, new AtomicIntegerArray(BUCKETS), new AtomicIntegerArray(BUCKETS));

        private record Interval(long number, AtomicIntegerArray filling, AtomicIntegerArray full) {}

        RecentLatency(long nowNanos) {
            this.originNanos = nowNanos;
        }

        void record(long nanos, long nowNanos) {
            current(nowNanos).filling().incrementAndGet(bucket(TimeUnit.NANOSECONDS.toMicros(nanos)));
        }

        /** In nanoseconds, rounded up to a bucket; 0 when there are fewer samples than {@code fewest}. */
        long quantile(double share, int fewest, long nowNanos) {
            Interval now = current(nowNanos);
            long count = 0;
            for (int i = 0; i < BUCKETS; i++) {
                count += now.filling().get(i) + now.full().get(i);
            }
            if (count < fewest) {
                return 0;
            }
            long rank = (long) Math.ceil(share * count);
            for (int i = 0; i < BUCKETS; i++) {
                rank -= now.filling().get(i) + now.full().get(i);
                if (rank <= 0) {
                    return TimeUnit.MICROSECONDS.toNanos(upperMicros(i));
                }
            }
            return TimeUnit.MICROSECONDS.toNanos(upperMicros(BUCKETS - 1));
        }

        private Interval current(long nowNanos) {
            Interval now = interval;
            long number = Math.max(0, (nowNanos - originNanos) / INTERVAL_NANOS);
            if (number <= now.number() && now.number() - number < STEP_BACK_INTERVALS) {
                return now;
            }
            AtomicIntegerArray before = number == now.number() + 1 ? now.filling() : new AtomicIntegerArray(BUCKETS);
            interval = new Interval(number, new AtomicIntegerArray(BUCKETS), before);
            return interval;
        }

        static int bucket(long micros) {
            long value = Math.max(1L << SUB_BITS, micros);
            int power = 63 - Long.numberOfLeadingZeros(value);
            int sub = (int) (value >>> (power - SUB_BITS)) & (1 << SUB_BITS) - 1;
            return Math.min(BUCKETS - 1, (power - SUB_BITS << SUB_BITS) + sub);
        }

        static long upperMicros(int bucket) {
            int power = (bucket >>> SUB_BITS) + SUB_BITS;
            long sub = bucket & (1 << SUB_BITS) - 1;
            return (1L << power) + (sub + 1 << power - SUB_BITS);
        }
    }
}
