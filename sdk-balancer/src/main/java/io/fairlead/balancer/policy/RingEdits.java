// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.SplitMix;
import java.util.Arrays;

/**
 * Points that are to be added to a ring, or to be removed from it. They are sorted by their place on the ring. Two points at
 * the same place, which is rare, are sorted by the identities of their owners, and not by their numbers: all clients must
 * come to the same order, and each has numbers of its own. For one thread.
 */
final class RingEdits {
    private long[] points;
    private int count;

    RingEdits(int size) {
        this.points = new long[size];
    }

    /** Adds the points {@code from} to {@code to - 1} of an instance; no point when {@code to} is not above {@code from}. */
    void add(long identity, int number, int from, int to) {
        if (to <= from) {
            return;
        }
        if (count + to - from > points.length) {
            points = Arrays.copyOf(points, Math.max(count + to - from, 2 * points.length));
        }
        for (int i = from; i < to; i++) {
            points[count++] = HashRing.place(SplitMix.at(identity, i)) | number;
        }
    }

    int size() {
        return count;
    }

    /**
     * The points in the order of a ring.
     *
     * @param identities of their owners, by number
     */
    long[] sorted(long[] identities) {
        long[] sorted = Arrays.copyOf(points, count);
        Arrays.sort(sorted);
        for (int i = 1; i < count; i++) {
            for (int k = i; k > 0 && isBefore(sorted[k], identities, sorted[k - 1], identities); k--) {
                long later = sorted[k - 1];
                sorted[k - 1] = sorted[k];
                sorted[k] = later;
            }
        }
        return sorted;
    }

    private static boolean isBefore(long one, long[] identities, long other, long[] others) {
        long place = HashRing.placeOf(one);
        long otherPlace = HashRing.placeOf(other);
        return place != otherPlace
                ? place < otherPlace
                : identities[2 * HashRing.number(one)] < others[2 * HashRing.number(other)];
    }

    /**
     * The points of a ring after a change. Copies the stretches between two edits as a whole.
     *
     * @param points those before, in order
     * @param identities of the owners before, by number
     * @param gone points to leave out, in order
     * @param come points to put in, in order
     * @param newIdentities of the owners of the points that come, by number
     */
    static long[] merge(long[] points, long[] identities, long[] gone, long[] come, long[] newIdentities) {
        long[] merged = new long[points.length - gone.length + come.length];
        int from = 0;
        int to = 0;
        int out = 0;
        for (int in = 0; in <= come.length; in++) {
            int end = in == come.length ? points.length : position(points, identities, come[in], newIdentities);
            while (out < gone.length) {
                int hole = position(points, identities, gone[out], identities);
                if (hole >= end) {
                    break;
                }
                System.arraycopy(points, from, merged, to, hole - from);
                to += hole - from;
                from = hole + 1;
                out++;
            }
            System.arraycopy(points, from, merged, to, end - from);
            to += end - from;
            from = end;
            if (in < come.length) {
                merged[to++] = come[in];
            }
        }
        return merged;
    }

    /** How many of the points come before {@code point}, found by halving. */
    private static int position(long[] points, long[] identities, long point, long[] itsIdentities) {
        int low = 0;
        int high = points.length;
        while (low < high) {
            int middle = low + high >>> 1;
            if (isBefore(points[middle], identities, point, itsIdentities)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * The index of a ring after the same change. An index says for each bucket, a part of the ring, how many points lie before it.
     *
     * @param index the one before
     * @param shift how far a point is shifted to the right to give its bucket
     */
    static int[] merge(int[] index, int shift, long[] gone, long[] come) {
        int[] merged = new int[index.length];
        int out = 0;
        int in = 0;
        int bucket = 0;
        while (bucket < index.length) {
            while (out < gone.length && gone[out] >>> shift < bucket) {
                out++;
            }
            while (in < come.length && come[in] >>> shift < bucket) {
                in++;
            }
            long next = Math.min(
                    out < gone.length ? gone[out] >>> shift : index.length,
                    in < come.length ? come[in] >>> shift : index.length);
            int end = (int) Math.min(index.length, next + 1);
            for (int more = in - out; bucket < end; bucket++) {
                merged[bucket] = index[bucket] + more;
            }
        }
        return merged;
    }
}
