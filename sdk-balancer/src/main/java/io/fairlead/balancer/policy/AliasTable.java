// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.spi.Candidate;
import java.util.List;

/**
 * Weighted sampling in constant time: one index, one coin (Walker 1974; built by Vose's method, 1991). Immutable, safe
 * for any thread. Equal weights need no table: then the index alone decides.
 */
final class AliasTable {
    private static final double EQUAL = 1e-9;

    private final int size;
    private final double[] keep;
    private final int[] alias;
    private final double sum;

    private AliasTable(int size, double sum, double[] keep, int[] alias) {
        this.size = size;
        this.sum = sum;
        this.keep = keep;
        this.alias = alias;
    }

    static AliasTable of(List<Candidate> candidates) {
        double[] weights = new double[candidates.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = candidates.get(i).weight();
        }
        return inPlace(weights);
    }

    static AliasTable of(double[] weights) {
        return inPlace(weights.clone());
    }

    /** The weights' array becomes the table's. */
    private static AliasTable inPlace(double[] keep) {
        int size = keep.length;
        double first = size == 0 ? 0 : keep[0];
        double sum = 0;
        boolean equal = true;
        for (double weight : keep) {
            sum += weight;
            equal &= Math.abs(weight - first) < EQUAL;
        }
        if (equal) {
            return new AliasTable(size, sum, new double[0], new int[0]);
        }
        int[] alias = new int[size];
        // Two stacks in one array: those below their share from the left, the others from the right.
        int[] open = new int[size];
        int small = 0;
        int large = size;
        for (int i = 0; i < size; i++) {
            keep[i] = keep[i] * size / sum;
            if (keep[i] < 1) {
                open[small++] = i;
            } else {
                open[--large] = i;
            }
        }
        while (small > 0 && large < size) {
            int poor = open[--small];
            int rich = open[large++];
            alias[poor] = rich;
            keep[rich] -= 1 - keep[poor];
            if (keep[rich] < 1) {
                open[small++] = rich;
            } else {
                open[--large] = rich;
            }
        }
        while (large < size) {
            keep[open[large++]] = 1;
        }
        while (small > 0) {
            keep[open[--small]] = 1;
        }
        return new AliasTable(size, sum, keep, alias);
    }

    /** The weights' sum. */
    double sum() {
        return sum;
    }

    /** Whether all weights are equal. */
    boolean isUniform() {
        return keep.length == 0;
    }

    /** An index from 32 random bits; their high part chooses the column, the rest is the coin. */
    int pick(int randomBits) {
        long scaled = (randomBits & 0xffff_ffffL) * size;
        int column = (int) (scaled >>> 32);
        if (keep.length == 0) {
            return column;
        }
        double coin = (scaled & 0xffff_ffffL) * 0x1p-32;
        return coin < keep[column] ? column : alias[column];
    }
}
