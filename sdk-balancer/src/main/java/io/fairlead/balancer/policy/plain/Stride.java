// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import java.util.Arrays;

/**
 * Static stride scheduling (gRPC proposal A58, as in Google's servers): a sequence number is a place and a round; in each
 * round a place is taken or passed by arithmetic alone, so that over the rounds it is taken in proportion to its weight.
 * Immutable, safe for any thread; a choice costs the largest weight over the mean in tries, at most ten.
 */
final class Stride implements Turn.Order {
    /** The largest weight is scaled to this, or a little less. */
    private static final int FULL = 65_535;

    private static final double MOST_OVER_MEAN = 10;

    private final int[] weights;
    private final int full;
    private final int offset;

    /** Weights already scaled, the largest being {@code full}; {@code offset} staggers one place after the other. */
    Stride(int[] weights, int full, int offset) {
        this.weights = weights;
        this.full = full;
        this.offset = offset;
    }

    /** Whether whole weights are so even that a choice costs few tries. */
    static boolean suits(int[] weights) {
        double sum = Arrays.stream(weights).asDoubleStream().sum();
        int largest = Arrays.stream(weights).max().orElse(0);
        return largest <= FULL && largest <= MOST_OVER_MEAN * sum / weights.length;
    }

    /** Of whole weights, the largest at most {@link #FULL}. */
    static Stride of(int[] weights) {
        int times = FULL / Arrays.stream(weights).max().orElse(1);
        int[] scaled = Arrays.stream(weights).map(weight -> weight * times).toArray();
        int full = Arrays.stream(scaled).max().orElse(1);
        return new Stride(scaled, full, full / 2);
    }

    /** Advances the shared turn once for each try. */
    @Override
    public int next(Turn turn) {
        while (true) {
            int sequence = turn.next();
            if (takes(sequence)) {
                return Integer.remainderUnsigned(sequence, weights.length);
            }
        }
    }

    @Override
    public int from(int sequence) {
        int at = sequence;
        while (!takes(at)) {
            at++;
        }
        return Integer.remainderUnsigned(at, weights.length);
    }

    private boolean takes(int sequence) {
        int place = Integer.remainderUnsigned(sequence, weights.length);
        long round = Integer.toUnsignedLong(Integer.divideUnsigned(sequence, weights.length));
        long weight = weights[place];
        return (weight * round + (long) offset * place) % full >= full - weight;
    }
}
