// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;

/**
 * How many calls a second may be made to a service: a bucket of {@code burst} tokens, full to begin with, refilled at a
 * constant rate; a call takes one. Off unless asked for. An immutable value.
 *
 * <p>It protects a callee that has a known quota. For one that merely gets slow or sheds load use {@link Throttle} or
 * {@link ConcurrencyLimits}: they find the right number by themselves.
 *
 * @param perSecond tokens a second, from 0.001 to 1,000,000; 0 grants the first burst only, infinity everything
 * @param burst tokens the bucket holds, from 0 to 1,000,000
 * @param maxWait how long a call may wait for its token, and never beyond its deadline; default zero
 */
public record RateLimit(double perSecond, int burst, Duration maxWait) {
    static final double MAX_PER_SECOND = 1e6;
    static final double MIN_PER_SECOND = 1e-3;
    static final int MAX_BURST = 1_000_000;

    private static final RateLimit OFF = new RateLimit(Double.POSITIVE_INFINITY, 0, Duration.ZERO);

    /** Rejects what lies outside the ranges. */
    public RateLimit {
        Option.require(
                perSecond == 0
                        || perSecond == Double.POSITIVE_INFINITY
                        || perSecond >= MIN_PER_SECOND && perSecond <= MAX_PER_SECOND,
                "rateLimit.perSecond",
                perSecond,
                "0, 0.001..1000000, or infinity");
        Option.require(burst >= 0 && burst <= MAX_BURST, "rateLimit.burst", burst, "0.." + MAX_BURST);
        Option.require(!maxWait.isNegative(), "rateLimit.maxWait", maxWait, "zero or more");
    }

    /** Any number of calls. */
    public static RateLimit off() {
        return OFF;
    }

    /** What is allowed and most likely not meant, that calls are rejected for good; empty when there is nothing. */
    public String lint() {
        if (perSecond != 0 && burst != 0 || perSecond == Double.POSITIVE_INFINITY) {
            return "";
        }
        String some = burst == 0 ? "" : " but the first " + burst + " of each process";
        return "every call is rejected" + some + " (for any number of calls: off)";
    }

    /** A limit that rejects at once what exceeds it. */
    public static RateLimit of(double perSecond, int burst) {
        return new RateLimit(perSecond, burst, Duration.ZERO);
    }

    /** This limit with another rate. */
    public RateLimit withPerSecond(double value) {
        return new RateLimit(value, burst, maxWait);
    }

    /** This limit with another bucket. */
    public RateLimit withBurst(int value) {
        return new RateLimit(perSecond, value, maxWait);
    }

    /** This limit with another longest wait. */
    public RateLimit withMaxWait(Duration value) {
        return new RateLimit(perSecond, burst, value);
    }

    /** Whether it limits nothing. */
    public boolean isOff() {
        return perSecond == Double.POSITIVE_INFINITY;
    }

    /** As in {@code 50.0 a second, burst 10, waiting PT0.2S}. */
    @Override
    public String toString() {
        return isOff()
                ? "off"
                : perSecond + " a second, burst " + burst + (maxWait.isZero() ? "" : ", waiting " + maxWait);
    }
}
