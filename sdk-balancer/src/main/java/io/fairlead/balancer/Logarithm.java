// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * The natural logarithm and its inverse to seven digits, in half the time of those that are right to the last of sixteen, and
 * the same on every machine: an estimate that keeps five digits needs no more. Without a table, whose lines a call would have
 * to fetch.
 */
final class Logarithm {
    private static final int FRACTION_BITS = 52;
    private static final double LN_2 = 0.6931471805599453;
    private static final long ROOT_OF_HALF = Double.doubleToRawLongBits(0.7071067811865476);
    /** Below it the first four terms of the series will do. */
    private static final double SMALL = 1 / 32.0;

    private Logarithm() {}

    /**
     * Of an ordinary positive number: of its power of two, and of what that leaves, between the root of a half and of two, from
     * the series ln x = 2 artanh((x - 1) / (x + 1)).
     */
    static double of(double value) {
        long bits = Double.doubleToRawLongBits(value);
        long power = bits - ROOT_OF_HALF >> FRACTION_BITS;
        double rest = Double.longBitsToDouble(bits - (power << FRACTION_BITS));
        double ratio = (rest - 1) / (rest + 1);
        double square = ratio * ratio;
        double series = 2 + square * (2 / 3.0) + square * square * (2 / 5.0 + square * (2 / 7.0));
        return power * LN_2 + ratio * series;
    }

    /** What {@code logarithm} is the logarithm of; quickest where that is about 1. */
    static double inverse(double logarithm) {
        if (Math.abs(logarithm) > SMALL) {
            return StrictMath.exp(logarithm);
        }
        double square = logarithm * logarithm;
        return 1 + logarithm + square * (1 / 2.0 + logarithm * (1 / 6.0) + square * (1 / 24.0));
    }
}
