// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import io.fairlead.benchmarks.simulation.world.SplitMix.Purpose;

/**
 * How much work a call is, drawn from the call's number alone: every policy is compared on identical work. Immutable.
 */
@FunctionalInterface
public interface Demand {
    /** Nanoseconds of work at speed 1. */
    long nanos(long seed, long call);

    /** Always the same. */
    static Demand fixed(double millis) {
        long nanos = Millis.toNanos(millis);
        return (seed, call) -> nanos;
    }

    /** Memoryless, as in queueing theory. */
    static Demand exponential(double meanMillis) {
        double mean = Millis.toNanos(meanMillis);
        return (seed, call) -> (long) (-StrictMath.log(SplitMix.unit(seed, Purpose.DEMAND, call)) * mean);
    }

    /** Around a mean, never below a tenth of it. */
    static Demand normal(double meanMillis, double deviationMillis) {
        double mean = Millis.toNanos(meanMillis);
        double deviation = Millis.toNanos(deviationMillis);
        return (seed, call) -> (long) Math.max(mean / 10, mean + deviation * gauss(seed, call));
    }

    /** Heavy-tailed, with this mean; {@code sigma} of the logarithm. */
    static Demand lognormal(double meanMillis, double sigma) {
        double mean = Millis.toNanos(meanMillis);
        return (seed, call) -> (long) (mean * StrictMath.exp(sigma * gauss(seed, call) - sigma * sigma / 2));
    }

    /** Box and Muller 1958. */
    private static double gauss(long seed, long call) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(SplitMix.unit(seed, Purpose.DEMAND, call)));
        return radius * StrictMath.cos(2 * Math.PI * SplitMix.unit(seed, Purpose.DEMAND_SECOND, call));
    }
}
