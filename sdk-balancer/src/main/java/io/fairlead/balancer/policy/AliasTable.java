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

    private AliasTable(int size, double[] keep, int[] alias) {
        this.size = size;
        this.keep = keep;
        this.alias = alias;
    }

    static AliasTable of(List<Candidate> candidates) {
        return of(candidates.stream().mapToDouble(Candidate::weight).toArray());
    }

    static AliasTable of(double[] weights) {
        int size = weights.length;
        double sum = 0;
        boolean equal = true;
        for (double weight : weights) {
            sum += weight;
            equal &= Math.abs(weight - weights[0]) < EQUAL;
        }
        if (equal) {
            return new AliasTable(size, new double[0], new int[0]);
        }
        double[] scaled = new double[size];
        int[] small = new int[size];
        int[] large = new int[size];
        int smalls = 0;
        int larges = 0;
        for (int i = 0; i < size; i++) {
            scaled[i] = weights[i] * size / sum;
            if (scaled[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        double[] keep = new double[size];
        int[] alias = new int[size];
        while (smalls > 0 && larges > 0) {
            int poor = small[--smalls];
            int rich = large[--larges];
            keep[poor] = scaled[poor];
            alias[poor] = rich;
            scaled[rich] -= 1 - scaled[poor];
            if (scaled[rich] < 1) {
                small[smalls++] = rich;
            } else {
                large[larges++] = rich;
            }
        }
        while (larges > 0) {
            keep[large[--larges]] = 1;
        }
        while (smalls > 0) {
            keep[small[--smalls]] = 1;
        }
        return new AliasTable(size, keep, alias);
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
