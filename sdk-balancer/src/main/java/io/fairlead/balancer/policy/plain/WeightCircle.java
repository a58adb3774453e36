// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.spi.Candidate;
import java.util.List;

/**
 * A circle of 2⁶² points on which each has an arc as long as its weight: a random point falls on each in proportion to its
 * weight, and so does another at a distance that is drawn by itself. Two points that are at least the longest arc apart fall on
 * different ones, so that each takes part in a pair exactly twice as often as its weight says (systematic sampling, Madow
 * 1949). Whose a point is, a guide table says in constant time on average (Chen and Asau 1974); equal weights need none.
 * Immutable, safe for any thread.
 */
public final class WeightCircle {
    public static final int BITS = 62;
    private static final long LENGTH = 1L << BITS;
    private static final double EQUAL = 1e-9;

    private final int size;
    private final double sum;
    private final long[] ends;
    private final int[] guide;
    private final long longest;

    private WeightCircle(int size, double sum, long[] ends, int[] guide, long longest) {
        this.size = size;
        this.sum = sum;
        this.ends = ends;
        this.guide = guide;
        this.longest = longest;
    }

    public static WeightCircle of(List<Candidate> candidates) {
        double[] weights = new double[candidates.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = candidates.get(i).weight();
        }
        return of(weights);
    }

    public static WeightCircle of(double[] weights) {
        double sum = 0;
        boolean equal = true;
        for (double weight : weights) {
            sum += weight;
            equal &= Math.abs(weight - weights[0]) < EQUAL;
        }
        if (equal) {
            return new WeightCircle(weights.length, sum, new long[0], new int[0], 0);
        }
        long[] ends = new long[weights.length];
        double before = 0;
        long longest = 0;
        for (int i = 0; i < ends.length; i++) {
            before += weights[i];
            ends[i] = i + 1 == ends.length ? LENGTH : Math.min(LENGTH, (long) (before / sum * LENGTH));
            longest = Math.max(longest, ends[i] - (i == 0 ? 0 : ends[i - 1]));
        }
        return new WeightCircle(weights.length, sum, ends, guide(ends), longest);
    }

    private static int[] guide(long[] ends) {
        int[] guide = new int[ends.length];
        int place = 0;
        for (int i = 0; i < guide.length; i++) {
            long start = (long) ((double) i / guide.length * LENGTH);
            while (ends[place] <= start) {
                place++;
            }
            // One earlier, lest rounding put the beginning of a stretch behind it.
            guide[i] = Math.max(0, place - 1);
        }
        return guide;
    }

    /** The weights' sum. */
    public double sum() {
        return sum;
    }

    /** A point, of random bits. */
    public static long point(long bits) {
        return bits >>> Long.SIZE - BITS;
    }

    /** Whose point it is. */
    public int at(long point) {
        int stretch = (int) Math.multiplyHigh(point << 1, 2L * size);
        if (guide.length == 0) {
            return stretch;
        }
        int place = guide[stretch];
        while (ends[place] <= point) {
            place++;
        }
        return place;
    }

    /**
     * Whose another point is, random too, and never the same one's unless that one has more than half of the circle. Of two or
     * more.
     *
     * @param first whose {@code point} is
     * @param bits random, and independent of the point
     */
    public int other(int first, long point, long bits) {
        if (guide.length == 0) {
            int other = (int) Math.multiplyHigh(bits >>> 1, 2L * (size - 1));
            return other < first ? other : other + 1;
        }
        long apart = Math.min(longest, LENGTH / 2);
        long second = point + apart + Math.multiplyHigh(bits >>> 1, 2 * (LENGTH - 2 * apart));
        return at(second < LENGTH ? second : second - LENGTH);
    }
}
