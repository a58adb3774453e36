// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

/**
 * Latencies in buckets of fixed relative width: exact counts, percentiles within 0.2 % (or 3 % when coarse), integers only.
 * For one thread.
 */
public final class Histogram {
    private static final int FINE_BITS = 8;
    private static final int COARSE_BITS = 4;
    private static final int UNIT_NANOS = 1_000;
    private static final int LONGEST_BITS = 34;

    private final int bits;
    private final int[] counts;
    private long total;

    private Histogram(int bits) {
        this.bits = bits;
        this.counts = new int[(LONGEST_BITS - bits + 1) << bits];
    }

    public static Histogram fine() {
        return new Histogram(FINE_BITS);
    }

    static Histogram coarse() {
        return new Histogram(COARSE_BITS);
    }

    public void add(long nanos) {
        counts[index(nanos / UNIT_NANOS)]++;
        total++;
    }

    long total() {
        return total;
    }

    /** Milliseconds that a share of the latencies does not exceed; NaN when there are none. */
    public double percentileMillis(double ratio) {
        if (total == 0) {
            return Double.NaN;
        }
        long rank = Math.max(1, (long) Math.ceil(ratio * total));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= rank) {
                return middle(i) / 1e3;
            }
        }
        throw new IllegalStateException("counts: " + seen + " (expected: " + total + ")");
    }

    private int index(long micros) {
        long bounded = Math.min(micros, (1L << LONGEST_BITS) - 1);
        int log = Math.max(bits, Long.SIZE - 1 - Long.numberOfLeadingZeros(bounded | 1));
        int shift = log - bits;
        return shift == 0 && bounded < 1L << bits
                ? (int) bounded
                : (shift + 1 << bits) + (int) ((bounded >>> shift) - (1L << bits));
    }

    private double middle(int index) {
        int row = index >>> bits;
        if (row == 0) {
            return index;
        }
        int shift = row - 1;
        long low = (long) ((index & (1 << bits) - 1) + (1 << bits)) << shift;
        return low + ((1L << shift) - 1) / 2.0;
    }
}
