// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many second attempts the recent traffic of one service allows: each call deposits a share of a retry, each retry
 * withdraws one, and a reserve per second lets quiet clients retry too. Deposits fade over three seconds, so that a calm
 * morning can not pay for a storm, and the reserve fills up in ten (the shape of Finagle's budget, 2016; the ratio of Google's SRE book). Integer
 * milli-retries; safe for any thread; one compare-and-set a call.
 *
 * <p>One word holds both halves: the balance in the low 32 bits, the moment it was last aged in the high 32.
 */
final class RetryBudget implements RetryAllowance {
    private static final long WINDOW_SECONDS = 10;
    private static final int RETRY = 1_000;
    private static final int MAX_BALANCE = 1_000_000_000;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final double LEFT_AFTER_TICK = 1 - 1.0 / (3 * 10);
    private static final long TICKS_UNTIL_NOTHING = 10 * 3 * 10;

    private final Ticker ticker;
    private final long originNanos;
    private final int deposit;
    private final int reservePerTick;
    private final int floor;
    private final AtomicLong word;

    /**
     * @param ratio retries a call earns, from 0 to 1
     * @param perSecond retries a second allowed whatever the traffic
     */
    RetryBudget(double ratio, int perSecond, Ticker ticker) {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("retry budget ratio: " + ratio + " (expected: 0..1)");
        }
        if (perSecond < 0 || perSecond > 10_000) {
            throw new IllegalArgumentException("retry budget per second: " + perSecond + " (expected: 0..10000)");
        }
        this.ticker = ticker;
        this.originNanos = ticker.nanos();
        this.deposit = (int) Math.round(ratio * RETRY);
        this.reservePerTick = perSecond * RETRY / 10;
        this.floor = (int) (perSecond * RETRY * WINDOW_SECONDS);
        this.word = new AtomicLong(pack(0, floor));
    }

    @Override
    public void deposit(long nowNanos) {
        boolean unused = add(deposit, false, nowNanos);
    }

    @Override
    public boolean tryWithdraw(long nowNanos) {
        return add(-RETRY, true, nowNanos);
    }

    @Override
    public void giveBack(long nowNanos) {
        boolean unused = add(RETRY, false, nowNanos);
    }

    @Override
    public int balanceMillis() {
        return aged(word.get(), tick(ticker.nanos()));
    }

    private boolean add(int amount, boolean mustStayPositive, long nowNanos) {
        while (true) {
            long before = word.get();
            int now = Math.max(tick(nowNanos), (int) (before >>> 32));
            int balance = Math.min(MAX_BALANCE, aged(before, now) + amount);
            if (mustStayPositive && balance < 0) {
                return false;
            }
            if (word.compareAndSet(before, pack(now, balance))) {
                return true;
            }
        }
    }

    /** What is above the reserve fades by a tick's share of the window; what is below fills up. */
    private int aged(long packed, int now) {
        int balance = (int) packed;
        long ticks = now - (int) (packed >>> 32);
        if (ticks <= 0) {
            return balance;
        }
        if (balance > floor) {
            double left = ticks >= TICKS_UNTIL_NOTHING ? 0 : Math.pow(LEFT_AFTER_TICK, ticks);
            return floor + (int) ((balance - floor) * left);
        }
        return (int) Math.min(floor, balance + ticks * reservePerTick);
    }

    private int tick(long nowNanos) {
        return (int) ((nowNanos - originNanos) / TICK_NANOS);
    }

    private static long pack(int tick, int balance) {
        return (long) tick << 32 | balance & 0xffff_ffffL;
    }
}
