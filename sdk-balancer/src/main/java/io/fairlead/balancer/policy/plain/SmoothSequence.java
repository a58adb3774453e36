// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

/**
 * nginx's smooth weighted round robin (2012): each step credits everyone with its weight; the richest, the first of equals,
 * is chosen and pays the sum, so that {5, 1, 1} gives {@code a a b a c a a}. The credits return to zero after as many steps
 * as the weights' sum, so one period is all there is to know. Not thread-safe; used while a picker is made.
 */
final class SmoothSequence {
    private final int[] weights;
    private final long[] credits;
    private final long sum;

    SmoothSequence(int[] weights) {
        this.weights = weights;
        this.credits = new long[weights.length];
        long total = 0;
        for (int weight : weights) {
            total += weight;
        }
        this.sum = total;
    }

    /** Who comes next. */
    int next() {
        credit();
        return charge();
    }

    /** Everyone's income of one step. */
    void credit() {
        for (int i = 0; i < weights.length; i++) {
            credits[i] += weights[i];
        }
    }

    /** The richest, who pays. */
    int charge() {
        int richest = 0;
        for (int i = 1; i < credits.length; i++) {
            richest = credits[i] > credits[richest] ? i : richest;
        }
        credits[richest] -= sum;
        return richest;
    }

    long[] credits() {
        return credits.clone();
    }

    /** One whole period. */
    static int[] period(int[] weights) {
        SmoothSequence sequence = new SmoothSequence(weights);
        int[] period = new int[(int) sequence.sum];
        for (int i = 0; i < period.length; i++) {
            period[i] = sequence.next();
        }
        return period;
    }
}
