// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.Hedging;

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
}
