// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;

/**
 * How many calls a second may be made to a service: a bucket of {@code burst} tokens, full to begin with, refilled at a
 * constant rate; a call takes one. Off unless asked for. An immutable value, safe for any thread.
 *
 * <p>It protects a callee that has a known quota. For one that merely gets slow or sheds load use {@link Throttle} or
 * {@link ConcurrencyLimits}: they find the right number by themselves.
 */
public final class RateLimit {
    static final double MAX_PER_SECOND = 1e6;
    static final double MIN_PER_SECOND = 1e-3;
    static final int MAX_BURST = 1_000_000;

    private final double perSecond;
    private final int burst;
    private final Duration maxWait;

    private RateLimit(double perSecond, int burst, Duration maxWait) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.maxWait = maxWait;
    }

    /**
     * A limit that rejects at once what exceeds it.
     *
     * @param perSecond tokens a second, from 0.001 to 1,000,000; 0 grants the first burst only, infinity everything
     * @param burst tokens the bucket holds, from 0 to 1,000,000
     */
    public static RateLimit of(double perSecond, int burst) {
        boolean known = perSecond == 0 || Double.isInfinite(perSecond) && perSecond > 0;
        if (!known && !(perSecond >= MIN_PER_SECOND && perSecond <= MAX_PER_SECOND)) {
            throw new IllegalArgumentException(
                    "rate limit per second: " + perSecond + " (expected: 0, 0.001..1000000, or infinity)");
        }
        if (burst < 0 || burst > MAX_BURST) {
            throw new IllegalArgumentException("rate limit burst: " + burst + " (expected: 0.." + MAX_BURST + ")");
        }
        return new RateLimit(perSecond, burst, Duration.ZERO);
    }

    /** This limit, but a call may wait this long for its token, and never beyond its deadline; default zero. */
    public RateLimit waiting(Duration most) {
        if (most.isNegative()) {
            throw new IllegalArgumentException("rate limit wait: " + most + " (expected: zero or more)");
        }
        return new RateLimit(perSecond, burst, most);
    }

    /** Tokens a second. */
    public double perSecond() {
        return perSecond;
    }

    /** Tokens the bucket holds. */
    public int burst() {
        return burst;
    }

    /** How long a call may wait for its token. */
    public Duration maxWait() {
        return maxWait;
    }
}
