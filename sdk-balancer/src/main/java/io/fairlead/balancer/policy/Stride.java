// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * Static stride scheduling (gRPC proposal A58, as in Google's servers): a sequence number is a place and a round; in each
 * round a place is taken or passed by arithmetic alone, so that over the rounds it is taken in proportion to its weight.
 * Immutable, safe for any thread; a choice costs the largest weight over the mean in tries, at most ten.
 */
final class Stride {
    /** What the largest weight is scaled to. */
    static final int FULL = 65_535;

    /** The largest weight counts as at most this many times the mean. */
    private static final double MOST_OVER_MEAN = 10;

    private static final double NEARLY = 1.01;

    private final int[] weights;
    private final int full;
    private final int offset;
    private final double sum;

    /** Weights already scaled, the largest being {@code full}; {@code offset} staggers one place after the other. */
    Stride(int[] weights, int full, int offset) {
        this.weights = weights;
        this.full = full;
        this.offset = offset;
        this.sum = Arrays.stream(weights).asDoubleStream().sum();
    }

    static Stride of(double[] weights) {
        double full = full(weights);
        int[] scaled = new int[weights.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = Math.max(1, (int) Math.round(Math.min(weights[i], full) * FULL / full));
        }
        return new Stride(scaled, FULL, FULL / 2);
    }

    /** The largest weight, or the most it may count as: ten times the mean of what all then count as. */
    private static double full(double[] weights) {
        double full = Arrays.stream(weights).max().orElse(1);
        while (true) {
            double sum = 0;
            for (double weight : weights) {
                sum += Math.min(weight, full);
            }
            double most = MOST_OVER_MEAN * sum / weights.length;
            if (full <= most * NEARLY) {
                return full;
            }
            full = most;
        }
    }

    /** The next place, advancing the shared turn once for each try. */
    int next(Turn turn) {
        while (true) {
            int sequence = turn.next();
            if (takes(sequence)) {
                return Integer.remainderUnsigned(sequence, weights.length);
            }
        }
    }

    /** The first place from a sequence number on. */
    int from(int sequence) {
        int at = sequence;
        while (!takes(at)) {
            at++;
        }
        return Integer.remainderUnsigned(at, weights.length);
    }

    /** The part of the turns that a place takes in the long run. */
    double share(int place) {
        return weights[place] / sum;
    }

    private boolean takes(int sequence) {
        int place = Integer.remainderUnsigned(sequence, weights.length);
        long round = Integer.toUnsignedLong(Integer.divideUnsigned(sequence, weights.length));
        long weight = weights[place];
        return (weight * round + (long) offset * place) % full >= full - weight;
    }
}
