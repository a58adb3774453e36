// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import java.util.random.RandomGenerator;

/**
 * SplitMix64 (Steele, Lea, Flood 2014) as a stream and as a hash: the same numbers on every JDK. One stream per purpose and
 * owner, so that what one part draws never shifts what another sees. For one thread.
 */
public final class SplitMix implements RandomGenerator {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    private long state;

    private SplitMix(long state) {
        this.state = state;
    }

    /** The stream of one purpose and owner under a root seed. */
    public static SplitMix stream(long seed, Purpose purpose, long owner) {
        return new SplitMix(hash(seed, purpose.ordinal() + 1L, owner));
    }

    /** A number that depends on nothing but its arguments. */
    static long hash(long seed, long purpose, long id) {
        return mix(mix(mix(seed + GOLDEN) + purpose * GOLDEN) + id * GOLDEN);
    }

    /** As {@link #hash}, uniform in (0, 1). */
    public static double unit(long seed, Purpose purpose, long id) {
        return ((hash(seed, purpose.ordinal() + 1L, id) >>> 11) + 0.5) * UNIT;
    }

    @Override
    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /** Uniform in (0, 1): neither end, so that a logarithm is finite. */
    public double nextUnit() {
        return ((nextLong() >>> 11) + 0.5) * UNIT;
    }

    private static long mix(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    /** What a stream is for. New ones go last, or every result changes. */
    public enum Purpose {
        ARRIVALS,
        CLIENT_OF_CALL,
        DEMAND,
        DEMAND_SECOND,
        ERRORS,
        KEYS,
        BALANCER,
        REGISTRY
    }
}
