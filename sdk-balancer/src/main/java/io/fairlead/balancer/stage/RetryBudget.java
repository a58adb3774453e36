// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import io.fairlead.api.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many second attempts the recent traffic of one service allows: each call deposits a share of a retry, each retry
 * withdraws one. Time between two calls deposits too, a reserve, so that quiet clients retry: not on top of the calls'
 * share, but in its place where it is more. So attempts per call are at most {@code 1 + max(ratio, reserve / calls)} in the
 * long run, at most {@code 1 + ratio + reserve / calls} with calls at random moments. What has been saved is at most ten
 * seconds of the reserve or three of deposits, whichever is more, so that a calm morning can not pay for a storm;
 * one whole retry never fades.
 *
 * <p>With the defaults, 20 % and 3 a second, instances that answer nothing but 503 get at most 1.25 × what is offered from
 * 20 calls a second on, from 30 on if the first half minute is looked at alone, in which the 30 saved retries are spent.
 * Below, the reserve is the rule: at 10 calls a second 1.36 ×, and at one a second every call is tried three times. Whoever
 * minds sets a smaller reserve; it costs quiet clients their retries.
 *
 * <p>The shape is Finagle's (2016), the ratio and the maximum in place of the sum Envoy's ({@code retry_budget}). Integer
 * milli-retries; safe for any thread; one compare-and-set a call. One word holds both halves: the balance in the low 32
 * bits, the moment of the last deposit in the high 32. Below the reserve a withdrawal leaves that moment alone, or the time
 * before it would be paid for and the next call would pay in full again.
 */
public final class RetryBudget implements RetryAllowance {
    private static final long WINDOW_SECONDS = 10;
    private static final int RETRY = 1_000;
    private static final int MAX_BALANCE = 1_000_000_000;
    private static final int TICKS_A_SECOND = 100;
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / TICKS_A_SECOND;
    private static final int MOST_TICKS = 1 << 30;
    private static final int STEP_BACK_TICKS = 60 * TICKS_A_SECOND;
    private static final int FADE_TICKS = 3 * TICKS_A_SECOND;
    private static final double LEFT_AFTER_TICK = 1 - 1.0 / FADE_TICKS;
    /** Up to here a straight line is as good as the curve. */
    private static final int FEW_TICKS = 3;

    private final Ticker ticker;
    private final int deposit;
    private final int reservePerTick;
    private final int floor;
    private volatile Era era;

    /** A stretch of time whose ticks fit their half of the word. At its end another one begins; what races with that is lost. */
    private record Era(long originNanos, AtomicLong word) {}

    /**
     * @param ratio retries a call earns, from 0 to 1
     * @param perSecond retries a second allowed where the calls earn fewer
     */
    public RetryBudget(double ratio, int perSecond, Ticker ticker) {
        this.ticker = ticker;
        this.deposit = (int) Math.round(ratio * RETRY);
        this.reservePerTick = perSecond * RETRY / TICKS_A_SECOND;
        this.floor = (int) ((long) perSecond * RETRY * WINDOW_SECONDS);
        this.era = new Era(ticker.nanos(), new AtomicLong(pack(0, floor)));
    }

    /** Takes over what is left: the reserve within the new one, and what calls saved above it, at most at its new worth. */
    @Override
    public RetryAllowance takingOver(RetryAllowance before) {
        if (before instanceof RetryBudget other) {
            long left = other.balanceMillis();
            double saved = Math.max(0, left - other.floor) * Math.min(1, (double) deposit / Math.max(1, other.deposit));
            int balance = (int) Math.min(MAX_BALANCE, Math.min(floor, Math.min(left, other.floor)) + saved);
            era.word().set(pack(0, balance));
        }
        return this;
    }

    @Override
    public void deposit(long nowNanos) {
        while (true) {
            Era now = era(nowNanos);
            AtomicLong word = now.word();
            long before = word.get();
            int ticks = ticksSince(now, before, nowNanos);
            long share = (long) (balance(before) > floor ? aged(before, ticks) : balance(before)) + deposit;
            long after = Math.min(MAX_BALANCE, Math.max(aged(before, ticks), share));
            if (word.compareAndSet(before, pack(lastTick(before) + ticks, (int) after))) {
                return;
            }
        }
    }

    @Override
    public boolean tryWithdraw(long nowNanos) {
        while (true) {
            Era now = era(nowNanos);
            AtomicLong word = now.word();
            long before = word.get();
            int ticks = ticksSince(now, before, nowNanos);
            int available = aged(before, ticks);
            if (available < RETRY) {
                return false;
            }
            boolean isBelow = balance(before) + (long) ticks * reservePerTick <= floor;
            long after = isBelow
                    ? pack(lastTick(before), balance(before) - RETRY)
                    : pack(lastTick(before) + ticks, available - RETRY);
            if (word.compareAndSet(before, after)) {
                return true;
            }
        }
    }

    @Override
    public void giveBack(long nowNanos) {
        long unused = era(nowNanos)
                .word()
                .getAndUpdate(before -> pack(lastTick(before), Math.min(MAX_BALANCE, balance(before) + RETRY)));
    }

    @Override
    public int balanceMillis() {
        Era now = era;
        long seen = now.word().get();
        return Math.max(0, aged(seen, ticksSince(now, seen, ticker.nanos())));
    }

    /** What is above the reserve fades, down to it or to one whole retry; what is below fills up. */
    private int aged(long packed, int ticks) {
        int balance = balance(packed);
        if (ticks == 0) {
            return balance;
        }
        if (balance <= floor) {
            return (int) Math.min(floor, balance + (long) ticks * reservePerTick);
        }
        int kept = Math.max(floor, Math.min(balance, RETRY));
        long left = ticks <= FEW_TICKS
                ? balance - (long) balance * ticks / FADE_TICKS
                : (long) (balance * Math.pow(LEFT_AFTER_TICK, ticks));
        return (int) Math.max(kept, left);
    }

    /** Zero when the clock steps back a little. Never more than an era's, which is as good as for ever. */
    private static int ticksSince(Era era, long packed, long nowNanos) {
        long tick = (nowNanos - era.originNanos()) / TICK_NANOS;
        return (int) Math.max(0, Math.min(MOST_TICKS, tick - lastTick(packed)));
    }

    /** The present era; a new one after 124 days, or when the clock was set back by a minute. */
    private Era era(long nowNanos) {
        Era now = era;
        long tick = (nowNanos - now.originNanos()) / TICK_NANOS;
        long packed = now.word().get();
        if (tick < MOST_TICKS && lastTick(packed) - tick < STEP_BACK_TICKS) {
            return now;
        }
        Era next = new Era(nowNanos, new AtomicLong(pack(0, aged(packed, ticksSince(now, packed, nowNanos)))));
        era = next;
        return next;
    }

    private static int lastTick(long packed) {
        return (int) (packed >>> 32);
    }

    private static int balance(long packed) {
        return (int) packed;
    }

    private static long pack(int tick, int balance) {
        return (long) tick << 32 | balance & 0xffff_ffffL;
    }
}
