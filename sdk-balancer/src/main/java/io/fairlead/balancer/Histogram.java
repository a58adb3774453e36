// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How long things took: how many in each bucket, whose bounds double from 0.5 ms to 8.192 s. An immutable value.
 *
 * @param counts how many took at most the bound of the same place in {@link #BOUNDS_NANOS} and longer than the one before; the
 *     last count is of those that took longer than every bound. Not cumulative
 * @param sumNanos nanoseconds of all of them together
 */
public record Histogram(List<Long> counts, long sumNanos) {
    /** The bounds of the buckets in nanoseconds, ascending. */
    public static final List<Long> BOUNDS_NANOS =
            IntStream.range(0, 15).mapToObj(n -> 500_000L << n).toList();

    /** Copies the counts, one for each bound and one more. */
    public Histogram {
        counts = List.copyOf(counts);
        if (counts.size() != BOUNDS_NANOS.size() + 1) {
            throw new IllegalArgumentException(
                    "counts: " + counts.size() + " (expected: " + (BOUNDS_NANOS.size() + 1) + ")");
        }
    }

    /** How many in all. */
    public long count() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /** What was added since an earlier reading of the same. */
    public Histogram since(Histogram earlier) {
        List<Long> added = new ArrayList<>(counts.size());
        for (int i = 0; i < counts.size(); i++) {
            added.add(counts.get(i) - earlier.counts.get(i));
        }
        return new Histogram(added, sumNanos - earlier.sumNanos);
    }

    /**
     * An estimate of a quantile in nanoseconds, linear within a bucket: so it is off by half of the value at most. Above the last
     * bound that bound; 0 when there is nothing.
     *
     * @param quantile 0 to 1, as 0.99
     */
    public long quantileNanos(double quantile) {
        double rank = quantile * count();
        long below = 0;
        for (int i = 0; i < BOUNDS_NANOS.size(); i++) {
            long here = counts.get(i);
            if (here > 0 && below + here >= rank) {
                long from = i == 0 ? 0 : BOUNDS_NANOS.get(i - 1);
                double part = Math.max(0, rank - below) / here;
                return from + (long) (part * (BOUNDS_NANOS.get(i) - from));
            }
            below += here;
        }
        return below == 0 && counts.get(counts.size() - 1) == 0 ? 0 : BOUNDS_NANOS.get(BOUNDS_NANOS.size() - 1);
    }
}
