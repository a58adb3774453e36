// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.SplitMix;
import java.util.Arrays;

/**
 * Points that come to a ring, or go from it. Points at the same place, which are rare, are in the order of their owners'
 * identities, for numbers differ from client to client. For one thread.
 */
final class RingEdits {
    private long[] points;
    private int count;

    RingEdits(int size) {
        this.points = new long[size];
    }

    /** The points of an instance from one to below another; none when that is less. */
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

    /** In their order; identities are those of numbers. */
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

    /** Points without those that go and with those that come, copied from edit to edit. */
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

    /** The place of the first point that is not before this one. */
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

    /** An index of how many points are in the buckets before each. */
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
