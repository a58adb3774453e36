// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Whether an instance has room for one more: has less in flight than {@code factor × weight / weights × all in flight}, the new
 * one among them. Exact for the factor as people write it, to a millionth, and for weights of up to twenty binary places; in
 * floating point one in 600 would be let in that has no room. An immutable value.
 */
final class LoadBound {
    static final double DEFAULT_FACTOR = 1.25;

    private static final int PLACES = 6;
    private static final long MILLION = 1_000_000;
    /** So that a sum of weights times a million fits. */
    private static final int MOST_BITS = 41;

    private static final int MOST_PLACES = 20;

    private final boolean bounded;
    private final long numerator;
    private final long sumTimesDenominator;
    private final double unit;

    private LoadBound(boolean bounded, long numerator, long sumTimesDenominator, double unit) {
        this.bounded = bounded;
        this.numerator = numerator;
        this.sumTimesDenominator = sumTimesDenominator;
        this.unit = unit;
    }

    /** A factor as users give it: how many times its fair share of what is in flight an instance may take. */
    static double requireFactor(double value) {
        if (!(value > 1)) {
            throw new IllegalArgumentException("load factor: " + value + " (expected: above 1)");
        }
        return value;
    }

    /** The bound of instances of these weights; a factor above a million is none. */
    static LoadBound of(double factor, double[] weights) {
        if (factor > MILLION) {
            return new LoadBound(false, 0, 0, 1);
        }
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        int places = Math.max(0, Math.min(MOST_PLACES, MOST_BITS - 1 - Math.getExponent(sum)));
        double unit = Math.scalb(1.0, places);
        long units = 0;
        for (double weight : weights) {
            units += units(weight, unit);
        }
        long millionths = BigDecimal.valueOf(factor)
                .setScale(PLACES, RoundingMode.HALF_UP)
                .unscaledValue()
                .longValueExact();
        return new LoadBound(true, millionths, units * MILLION, unit);
    }

    /** Whether one of this weight with so many in flight has room when so many are in flight at all. */
    boolean hasRoom(int inFlight, double weight, long all) {
        if (!bounded) {
            return true;
        }
        long units = units(weight, unit);
        if (Math.multiplyHigh(numerator, units) != 0 || numerator * units < 0) {
            return true; // its bound is beyond all there are
        }
        return isLess(inFlight, sumTimesDenominator, all + 1, numerator * units);
    }

    /** Nobody whose weight is not 0 is without any. */
    private static long units(double weight, double unit) {
        return Math.max(1, Math.round(weight * unit));
    }

    /** Whether one product is below another, in 128 bits; all are at least 0. */
    private static boolean isLess(long one, long by, long other, long otherBy) {
        long high = Math.multiplyHigh(one, by);
        long otherHigh = Math.multiplyHigh(other, otherBy);
        return high != otherHigh ? high < otherHigh : Long.compareUnsigned(one * by, other * otherBy) < 0;
    }
}
