// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.SplitMix;

/**
 * How many points each instance has on a ring. A unit of weight has 160, a sixteenth of that for each power of sixteen of the
 * largest weight; on rings of more than 131,072 points fewer, the square root of as many less, which changes little by little with
 * the list. An instance of fewer points than 24 has 24 that are thin: each takes a part only of the keys that come to it, so that
 * a tiny weight's share is neither a whole point's nor the luck of one.
 */
final class RingWeights {
    /** The thickness of a point that takes every key. */
    static final int FULL = 1 << 24;

    private static final int POINTS = 160;
    private static final int FEW_POINTS = 1 << 17;
    private static final int LEAST_POINTS = 24;
    private static final int WEIGHT_STEP = 16;

    private final int[] counts;
    private final int[] thickness;

    /** Of {@link Placement#identities}, by number; weight 0 has no point. */
    RingWeights(long[] identities) {
        double perWeight = pointsPerWeight(identities);
        this.counts = new int[identities.length / 2];
        this.thickness = new int[counts.length];
        for (int i = 0; i < counts.length; i++) {
            double points = identities[2 * i + 1] * perWeight;
            if (points == 0) {
                continue;
            }
            boolean thin = points < LEAST_POINTS;
            // Each rounds at a point of its own, lest all lose one at once.
            counts[i] = thin ? LEAST_POINTS : (int) (points + SplitMix.fraction(SplitMix.at(identities[2 * i], -1)));
            thickness[i] = thin ? (int) Math.max(1, Math.round(FULL * (points / LEAST_POINTS))) : FULL;
        }
    }

    private static double pointsPerWeight(long[] identities) {
        long heaviest = 1;
        long units = 0;
        for (int i = 1; i < identities.length; i += 2) {
            heaviest = Math.max(heaviest, identities[i]);
            units += identities[i];
        }
        double perWeight = POINTS;
        for (long step = WEIGHT_STEP; step <= heaviest; step *= WEIGHT_STEP) {
            perWeight /= WEIGHT_STEP;
        }
        double points = units * perWeight;
        return points <= FEW_POINTS ? perWeight : perWeight * Math.sqrt(FEW_POINTS / points);
    }

    int points(int number) {
        return number < counts.length ? counts[number] : 0;
    }

    int thickness(int number) {
        return thickness[number];
    }

    int sum() {
        int sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum;
    }

    boolean hasThin() {
        for (int each : thickness) {
            if (each > 0 && each < FULL) {
                return true;
            }
        }
        return false;
    }
}
