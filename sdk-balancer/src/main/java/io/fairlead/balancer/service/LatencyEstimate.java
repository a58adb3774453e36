// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.stream.DoubleStream;

/**
 * What is known of an instance's latency, and how well: the mean of its logarithm and the variance of that mean, by a Kalman
 * filter of a level that wanders (Harvey 1989, the local level model), and the moment of the last sample, in one word, so
 * that an update is one compare-and-set. A sample counts for as much as the estimate is uncertain next to the spread of
 * single latencies; time makes it more uncertain, and without samples it goes over to what the peers take. A sample far off
 * is taken for a jump of the level (an intervention, West and Harrison 1997) and doubted until the next: one outlier alone
 * condemns nobody, and who is well again is so at once. A word of 0 means that nothing is known.
 *
 * <p>The word is {@code [geometric mean in µs, a float of 6 + 15 bits | variance, a float of 5 + 7 bits | tick:31]}. A tick is
 * 2²¹ ns, about two milliseconds. Ticks are compared by subtraction and wrap after 52 days: one that seems to lie ahead by
 * more than a minute is very old; the next sample says more. A millisecond is added to every latency: differences this
 * small are noise.
 */
final class LatencyEstimate {
    static final long UNKNOWN = 0;
    /** The variance of the logarithm of an instance's latency of which nothing is known but the peers'. */
    static final float PRIOR = 1;
    /** What a second adds to the variance: in twenty an instance may have become any other. */
    private static final double WANDER_PER_NANO = 0.05 / 1e9;

    /** A sample so many standard deviations off says that the level has moved, or that it is an outlier. */
    private static final double JUMP_SIGMAS = 3.7;
    /** Until the next sample tells which of the two, the estimate may be off by so many standard deviations. */
    private static final double DOUBT_SIGMAS = 1.8;

    /** A mean this certain, as a part of the spread of single latencies, moves by hardly anything for one more of them. */
    private static final float WELL_KNOWN = 0.25f;

    private static final float NOISE_MICROS = 1_000;
    private static final int TICK_SHIFT = 21;
    private static final double TICK_NANOS = 1 << TICK_SHIFT;
    private static final int TICK_BITS = 31;
    private static final long TICK_MASK = (1L << TICK_BITS) - 1;
    private static final int STEP_BACK_TICKS = (int) (60e9 / TICK_NANOS);
    private static final int VARIANCE_BITS = 12;
    private static final int VARIANCE_MASK = (1 << VARIANCE_BITS) - 1;
    private static final int VARIANCE_DROPPED = 16;
    /** Of a float's bits: 2⁻²⁴ is the smallest variance. */
    private static final int LEAST_VARIANCE = Float.floatToRawIntBits(0x1p-24f) >>> VARIANCE_DROPPED;

    private static final int MICROS_DROPPED = 8;
    private static final int MICROS_BITS = 21;
    private static final int MICROS_MASK = (1 << MICROS_BITS) - 1;
    private static final int LEAST_MICROS = Float.floatToRawIntBits(0x1p-8f) >>> MICROS_DROPPED;
    /** Time without samples that is no time: a pick then reads the estimate as it is. */
    private static final int FRESH_TICKS = (int) (250e6 / TICK_NANOS);

    private LatencyEstimate() {}

    /** An estimate of a latency, in microseconds. */
    static long of(float micros, float variance, long nowNanos) {
        return word(micros + NOISE_MICROS, variance, nowNanos);
    }

    private static long word(float noisyMicros, float variance, long nowNanos) {
        int mean = clamp((Float.floatToRawIntBits(noisyMicros) >>> MICROS_DROPPED) - LEAST_MICROS, MICROS_MASK);
        // Rounded up: of uncertainty rather a little too much.
        int spread =
                clamp((Float.floatToRawIntBits(variance) >>> VARIANCE_DROPPED) + 1 - LEAST_VARIANCE, VARIANCE_MASK);
        return (long) mean << VARIANCE_BITS + TICK_BITS | (long) spread << TICK_BITS | tick(nowNanos) & TICK_MASK;
    }

    private static int clamp(int bits, int most) {
        return Math.max(1, Math.min(most, bits));
    }

    private static float noisyMicros(long word) {
        int bits = (int) (word >>> VARIANCE_BITS + TICK_BITS) + LEAST_MICROS << MICROS_DROPPED;
        return Float.intBitsToFloat(bits);
    }

    /** In microseconds, as the last sample left it. */
    static float micros(long word) {
        return Math.max(0, noisyMicros(word) - NOISE_MICROS);
    }

    private static float varianceThen(long word) {
        int bits = ((int) (word >>> TICK_BITS) & VARIANCE_MASK) + LEAST_VARIANCE << VARIANCE_DROPPED;
        return Float.intBitsToFloat(bits);
    }

    /** How uncertain the logarithm is by now. */
    static float variance(long word, long nowNanos) {
        return word == UNKNOWN ? PRIOR : wandered(varianceThen(word), ticksSince(word, nowNanos));
    }

    private static float wandered(float variance, long ticks) {
        return Math.max(variance, Math.min(PRIOR, variance + gone(ticks)));
    }

    /** What time without samples adds to the variance; at {@link #PRIOR} the last sample says nothing any more. */
    private static float gone(long ticks) {
        return Math.min(PRIOR, (float) (WANDER_PER_NANO * TICK_NANOS * ticks));
    }

    /** Nanoseconds since the last sample. */
    static long ageNanos(long word, long nowNanos) {
        return ticksSince(word, nowNanos) << TICK_SHIFT;
    }

    private static long ticksSince(long word, long nowNanos) {
        int ticks = tick(nowNanos) - (int) (word & TICK_MASK) << 1 >> 1;
        return ticks >= -STEP_BACK_TICKS ? Math.max(0, ticks) : ticks & TICK_MASK;
    }

    /**
     * Whether a sample would tell hardly anything: so well known is the latency next to the spread of single ones, and in the
     * same two milliseconds it had a sample already.
     */
    static boolean isFresh(long word, Peers peers, long nowNanos) {
        boolean isSameTick = (((int) word ^ tick(nowNanos)) & (int) TICK_MASK) == 0;
        return word != UNKNOWN && isSameTick && varianceThen(word) <= peers.spread() * WELL_KNOWN;
    }

    /** In microseconds by now. A read: changes nothing. */
    static float micros(long word, Peers peers, long nowNanos) {
        return noisyMicros(word, peers, nowNanos) - NOISE_MICROS;
    }

    private static float noisyMicros(long word, Peers peers, long nowNanos) {
        if (word == UNKNOWN) {
            return peers.micros() + NOISE_MICROS;
        }
        long ticks = ticksSince(word, nowNanos);
        return ticks < FRESH_TICKS ? noisyMicros(word) : drawn(noisyMicros(word), peers.micros(), ticks);
    }

    /** Towards what the peers take; 0 when nobody knows. */
    private static float drawn(float mean, float rest, long ticks) {
        return rest == 0 ? mean : mean * (float) Math.pow((rest + NOISE_MICROS) / mean, gone(ticks) / PRIOR);
    }

    /** The logarithm of what a sample is over what was expected of it; for the spread of single latencies. */
    static double surprise(long word, float sampleMicros, Peers peers, long nowNanos) {
        return Math.log((sampleMicros + NOISE_MICROS) / noisyMicros(word, peers, nowNanos));
    }

    /** With a sample. */
    static long with(long word, double surprise, Peers peers, long nowNanos) {
        double variance = variance(word, nowNanos);
        double spread = peers.spread();
        boolean mayHaveJumped = surprise * surprise > JUMP_SIGMAS * JUMP_SIGMAS * (variance + spread);
        if (mayHaveJumped) {
            variance = surprise * surprise - spread;
        }
        double gain = variance / (variance + spread);
        double left = variance * (1 - gain);
        if (mayHaveJumped) {
            double doubt = gain * surprise / DOUBT_SIGMAS;
            left = Math.max(left, doubt * doubt);
        }
        double mean = noisyMicros(word, peers, nowNanos) * Math.exp(gain * surprise);
        return word((float) mean, (float) left, nowNanos);
    }

    private static int tick(long nowNanos) {
        return (int) (nowNanos >> TICK_SHIFT);
    }

    /**
     * What is known of the latencies of a service's instances together: the median of their means, which a newcomer is taken
     * for, and how far single latencies scatter. Any thread reads.
     */
    static final class Peers {
        /** Of a service of which nothing is known: σ of the logarithm of 0.7. */
        private static final float FIRST_SPREAD = 0.5f;

        private static final float LEAST_SPREAD = 0.01f;
        private static final float MOST_SPREAD = 4;
        /** Every eighth sample of an instance is taken, with a memory of 64 such. */
        private static final int EACH = 8;

        private static final float GAIN = 1 / 64f;
        /** What three standard deviations away is counts as three, or one hanging call would blind us to all others. */
        private static final float MOST_SURPRISES = 9;

        private volatile float micros;
        private volatile float spread = FIRST_SPREAD;

        /** In microseconds; 0 while nothing is known. */
        float micros() {
            return micros;
        }

        /** The variance of the logarithm of single latencies of one instance. */
        float spread() {
            return spread;
        }

        /**
         * Learns from how much a latency differed from what was expected.
         *
         * @param count how many the instance has had
         * @param variance how uncertain the expectation was
         */
        void learn(long count, double surprise, float variance) {
            if (count % EACH != 0) {
                return;
            }
            float before = spread;
            double expected = before + variance;
            double seen = Math.min(surprise * surprise, MOST_SURPRISES * expected);
            // A sample lost to another thread's is harmless.
            spread = (float) Math.max(LEAST_SPREAD, Math.min(MOST_SPREAD, before + (seen - expected) * GAIN));
        }

        /** Takes the median of the means known, in microseconds; 0 stands for one that is not. */
        void refresh(DoubleStream means) {
            double[] known = means.filter(value -> value > 0).sorted().toArray();
            micros = known.length == 0 ? 0 : (float) known[(known.length - 1) / 2];
        }
    }
}
