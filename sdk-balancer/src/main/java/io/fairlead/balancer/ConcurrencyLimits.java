// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * How many attempts each instance may have in flight, found by additive increase and multiplicative decrease (Chiu and
 * Jain, 1989): one more per limit's worth of successes while at least nine tenths of the limit are used, a tenth less on a
 * timeout, a broken connection, a 502, 503, 504 or a refused stream; 429 and 500 say nothing about an instance's capacity.
 * Off unless asked for. An immutable value, safe for any thread.
 *
 * <p>When every instance is at its limit a call is rejected at once. Not for streams that stay open for long: they hold
 * their place.
 */
public final class ConcurrencyLimits {
    private static final int MOST = 10_000;

    private final int initial;
    private final int min;
    private final int max;

    private ConcurrencyLimits(int initial, int min, int max) {
        this.initial = initial;
        this.min = min;
        this.max = max;
    }

    /** From 20, between 1 and 200. */
    public static ConcurrencyLimits defaults() {
        return new ConcurrencyLimits(20, 1, 200);
    }

    /** A limit that never moves. */
    public static ConcurrencyLimits fixed(int limit) {
        return defaults().between(limit, limit).startingAt(limit);
    }

    /** These limits, never below or above, each from 1 to 10,000; default 1 and 200. */
    public ConcurrencyLimits between(int least, int most) {
        if (least < 1 || most > MOST || least > most) {
            throw new IllegalArgumentException(
                    "concurrency limit: " + least + ".." + most + " (expected: within 1.." + MOST + ", least first)");
        }
        return new ConcurrencyLimits(Math.max(least, Math.min(most, initial)), least, most);
    }

    /** These limits with another start, within their bounds; default 20. */
    public ConcurrencyLimits startingAt(int value) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "initial concurrency limit: " + value + " (expected: " + min + ".." + max + ")");
        }
        return new ConcurrencyLimits(value, min, max);
    }

    /** Where each instance starts. */
    public int initial() {
        return initial;
    }

    /** Never fewer. */
    public int min() {
        return min;
    }

    /** Never more. */
    public int max() {
        return max;
    }
}
