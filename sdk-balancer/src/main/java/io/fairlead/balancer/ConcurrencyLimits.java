// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * How many attempts each instance may have in flight, found by additive increase and multiplicative decrease (Chiu and
 * Jain, 1989): one more per limit's worth of successes while at least nine tenths of the limit are used, a tenth less on a
 * timeout, a broken connection, a 502, 503, 504 or a refused stream; 429 and 500 say nothing about an instance's capacity.
 * Off unless asked for. An immutable value.
 *
 * <p>When every instance is at its limit a call is rejected at once. Not for streams that stay open for long: they hold
 * their place.
 *
 * @param initial where each instance starts, within the bounds; default 20
 * @param min never fewer, 1 to 10,000; default 1
 * @param max never more, 1 to 10,000; default 200
 */
public record ConcurrencyLimits(int initial, int min, int max) {
    private static final int MOST = 10_000;
    private static final int UNLIMITED = Integer.MAX_VALUE;
    private static final ConcurrencyLimits DEFAULTS = new ConcurrencyLimits(20, 1, 200);
    private static final ConcurrencyLimits OFF = new ConcurrencyLimits(UNLIMITED, UNLIMITED, UNLIMITED);

    /** Rejects what lies outside the ranges. */
    public ConcurrencyLimits {
        Option.require(
                min >= 1 && min <= max && (max <= MOST || min == UNLIMITED),
                "concurrencyLimits",
                min + ".." + max,
                "within 1.." + MOST + ", least first");
        Option.require(initial >= min && initial <= max, "concurrencyLimits.initial", initial, min + ".." + max);
    }

    /** From 20, between 1 and 200. */
    public static ConcurrencyLimits defaults() {
        return DEFAULTS;
    }

    /** Any number. */
    public static ConcurrencyLimits off() {
        return OFF;
    }

    /** A limit that never moves. */
    public static ConcurrencyLimits fixed(int limit) {
        return new ConcurrencyLimits(limit, limit, limit);
    }

    /** These limits, never below or above; the start moves within. */
    public ConcurrencyLimits withBounds(int least, int most) {
        return new ConcurrencyLimits(
                Math.max(least, Math.min(most, isOff() ? DEFAULTS.initial : initial)), least, most);
    }

    /** These limits with another start. */
    public ConcurrencyLimits withInitial(int value) {
        return new ConcurrencyLimits(value, min, max);
    }

    /** Whether nothing is limited. */
    public boolean isOff() {
        return min == UNLIMITED;
    }

    /** As in {@code 20 within 1..200}. */
    @Override
    public String toString() {
        return isOff() ? "off" : initial + " within " + min + ".." + max;
    }
}
