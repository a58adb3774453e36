// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * Consistent hashing on a ring (Karger et al. 1997). Each instance has 160 points for each unit of its weight, fewer when
 * weights or lists are large; a hash belongs to the first point at or after it. An index over the hash's high bits finds
 * that in a step or two, whatever the size.
 *
 * <p>How many points a unit has depends only on the largest weight's power of sixteen and, beyond half a million points, on
 * their number's power of two: while these stay, whoever leaves moves only its own keys.
 */
final class HashRing implements Placement {
    private static final int POINTS = 160;
    private static final int MOST_POINTS = 1 << 19;
    private static final int WEIGHT_STEP = 16;
    /** The low bits of a point tell its owner; they leave 43 bits to tell points apart. */
    private static final int OWNER_BITS = 20;

    private static final long OWNER = (1L << OWNER_BITS) - 1;
    private static final int HASH_BITS = 63;

    private final long[] identities;
    private final long[] points;
    private final int[] index;
    private final int shift;

    private HashRing(long[] identities, long[] points, int[] index, int shift) {
        this.identities = identities;
        this.points = points;
        this.index = index;
        this.shift = shift;
    }

    /** A ring of {@link Placement#identities}. */
    static HashRing of(long[] identities) {
        double perWeight = pointsPerWeight(identities);
        int owners = identities.length / 2;
        long[] points = new long[owners * POINTS];
        int count = 0;
        for (int owner = 0; owner < owners; owner++) {
            int own = (int) Math.max(1, Math.round(identities[2 * owner + 1] * perWeight));
            if (count + own > points.length) {
                points = Arrays.copyOf(points, Math.max(count + own, points.length * 2));
            }
            for (int i = 0; i < own; i++) {
                points[count++] = place(SplitMix.at(identities[2 * owner], i)) | owner;
            }
        }
        points = Arrays.copyOf(points, count);
        Arrays.sort(points);
        int indexBits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(count - 1));
        int shift = HASH_BITS - indexBits;
        int[] index = new int[1 << indexBits];
        int at = 0;
        for (int bucket = 0; bucket < index.length; bucket++) {
            while (at < count && points[at] >>> shift < bucket) {
                at++;
            }
            index[bucket] = at;
        }
        return new HashRing(identities, points, index, shift);
    }

    private static double pointsPerWeight(long[] identities) {
        long heaviest = 1;
        long units = 0;
        for (int i = 1; i < identities.length; i += 2) {
            heaviest = Math.max(heaviest, identities[i]);
            units += identities[i];
        }
        double perWeight = POINTS;
        for (long step = WEIGHT_STEP; step <= heaviest; step *= WEIGHT_STEP) {
            perWeight /= WEIGHT_STEP;
        }
        while (units * perWeight > MOST_POINTS) {
            perWeight /= 2;
        }
        return perWeight;
    }

    /** The part of a hash that places it on the ring; never negative, so that sorting is plain. */
    private static long place(long hash) {
        return hash >>> 1 & ~OWNER;
    }

    @Override
    public int slot(long hash) {
        long place = place(hash);
        int at = index[(int) (place >>> shift)];
        while (at < points.length && points[at] < place) {
            at++;
        }
        return at == points.length ? 0 : at;
    }

    @Override
    public int owner(int slot) {
        return (int) (points[slot] & OWNER);
    }

    /** Clockwise. */
    @Override
    public int next(int slot, long hash) {
        return slot + 1 == points.length ? 0 : slot + 1;
    }

    @Override
    public long[] identities() {
        return identities;
    }
}
