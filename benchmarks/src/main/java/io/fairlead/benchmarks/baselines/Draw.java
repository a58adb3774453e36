// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.Arrays;

/** Who is drawn by random bits: equals at once, others by weight from an alias table (Walker 1977, Vose 1991). */
final class Draw {
    private final int size;
    private final int[] alias;
    private final long[] keep;

    Draw(int[] weights) {
        this.size = weights.length;
        int sum = Arrays.stream(weights).sum();
        PlainDiff.Listed[] list = new PlainDiff.Listed[size];
        Arrays.setAll(list, i -> new PlainDiff.Listed("", weights[i]));
        double[] kept = new double[size];
        boolean isEqual = Arrays.stream(weights).allMatch(weight -> weight == weights[0]);
        this.alias = isEqual ? new int[0] : PlainDiff.alias(list, sum, kept);
        this.keep = Arrays.stream(kept)
                .mapToLong(part -> (long) (part * (1L << 32)))
                .toArray();
    }

    /** Of 32 random bits. */
    int of(long bits) {
        long product = (bits & 0xffff_ffffL) * size;
        int column = (int) (product >>> 32);
        return alias.length == 0 || (product & 0xffff_ffffL) < keep[column] ? column : alias[column];
    }
}
