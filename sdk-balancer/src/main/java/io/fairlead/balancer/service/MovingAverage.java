// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/**
 * An exponentially weighted moving average and the moment of its last sample in one word, so that an update is one
 * compare-and-set: a float in the high half, a tick of 2²⁰ ns (about a millisecond) in the low half. Ticks are compared
 * by subtraction and wrap after 52 days: one that seems to lie ahead by more than a minute is very old, or the clock was
 * set back; either way the next sample says more. A word of 0 means that nothing is known.
 */
final class MovingAverage {
    static final long UNKNOWN = 0;
    private static final int TICK_SHIFT = 20;
    private static final double TICK_NANOS = 1 << TICK_SHIFT;
    private static final int STEP_BACK_TICKS = (int) (60e9 / TICK_NANOS);
    /** Samples further apart than this are sparse: each then says more than the memory of the one before. */
    private static final double SPARSE_NANOS = 250e6;

    private static final double SPARSE_WEIGHT = 0.8;

    private MovingAverage() {}

    static long of(float value, long nowNanos) {
        long word = (long) Float.floatToRawIntBits(value) << 32 | tick(nowNanos) & 0xffff_ffffL;
        return word == UNKNOWN ? 1 : word;
    }

    static float value(long word) {
        return Float.intBitsToFloat((int) (word >>> 32));
    }

    /** Nanoseconds since the last sample, never negative. */
    static double ageNanos(long word, long nowNanos) {
        return ticksSince(word, nowNanos) * TICK_NANOS;
    }

    private static long ticksSince(long word, long nowNanos) {
        int ticks = tick(nowNanos) - (int) word;
        return ticks >= -STEP_BACK_TICKS ? Math.max(0, ticks) : ticks & 0xffff_ffffL;
    }

    /**
     * The average moved by a sample, and at least by this part of the way; {@code tauNanos} is the mean life of what it
     * remembers.
     */
    static long with(long word, float sample, double tauNanos, double minWeight, long nowNanos) {
        double age = ageNanos(word, nowNanos);
        double weight = Math.max(minWeight, 1 - Math.exp(-age / tauNanos));
        if (age >= SPARSE_NANOS) {
            weight = Math.max(weight, SPARSE_WEIGHT);
        }
        float old = value(word);
        return of((float) (old + (sample - old) * weight), nowNanos);
    }

    /** A slower sample as it is; a faster one lets the figure fall: Finagle's rule. */
    static long peak(long word, float sample, double tauNanos, long nowNanos) {
        float old = value(word);
        return sample >= old
                ? of(sample, nowNanos)
                : of((float) (sample + (old - sample) * left(word, tauNanos, nowNanos)), nowNanos);
    }

    private static double left(long word, double tauNanos, long nowNanos) {
        return Math.exp(-ageNanos(word, nowNanos) / tauNanos);
    }

    /** The average drawn towards {@code rest} by the time without samples. A read: changes nothing. */
    static float drifted(long word, float rest, double tauNanos, long nowNanos) {
        double age = ageNanos(word, nowNanos);
        float value = value(word);
        return age < SPARSE_NANOS ? value : (float) (rest + (value - rest) * Math.exp(-age / tauNanos));
    }

    private static int tick(long nowNanos) {
        return (int) (nowNanos >> TICK_SHIFT);
    }
}
