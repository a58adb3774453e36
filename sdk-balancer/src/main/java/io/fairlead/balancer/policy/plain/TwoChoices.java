// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.api.PickContext;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The power of two choices (Mitzenmacher 2001): draw two different candidates by weight, take the cheaper, and of equals the
 * first. Each is drawn exactly twice as often as its part of the weights, and first half of those times: with equal costs its
 * share is its part, and whatever the costs say it is at most twice its part; of one whose part is above a half, at least
 * twice its part less one.
 */
public abstract class TwoChoices implements Picker {
    private static final int REDRAWS = 3;
    private static final int EXPLORE_RANGE = 1 << 12;
    /** Failures so long ago, or so few, that they cost nothing any more. */
    private static final double ALL_WELL = 0.999;

    private final Candidate[] candidates;
    private final WeightCircle circle;
    private final RandomGenerator random;
    private final int exploreBelow;
    private final int recoveringBelow;

    /**
     * Over candidates.
     *
     * @param exploration probability, from 0 to 1, of taking the dearer of the two when it is idle
     * @param recovering the same when it failed before and succeeded last: it may well be well again
     */
    protected TwoChoices(List<Candidate> candidates, RandomGenerator random, double exploration, double recovering) {
        this.candidates = candidates.toArray(Candidate[]::new);
        this.circle = WeightCircle.of(candidates);
        this.random = random;
        this.exploreBelow = (int) Math.round(exploration * EXPLORE_RANGE);
        this.recoveringBelow = Math.max(exploreBelow, (int) Math.round(recovering * EXPLORE_RANGE));
    }

    /** Whether the first draw is at least as good as the second; a tie goes to the first, which was drawn by weight. */
    protected abstract boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos);

    /** How many times as often as any the dearer is tried, 1 or more; what {@code recovering} allows is the most. */
    protected double curiosity(Candidate cheaper, Candidate dearer, long nowNanos) {
        return 1;
    }

    @Override
    public final @Nullable Candidate pick(PickContext context, long nowNanos) {
        int size = candidates.length;
        if (size == 1) {
            return candidates[0].accepts(context, nowNanos) ? candidates[0] : null;
        }
        long bits = random.nextLong();
        for (int draw = 0; draw < REDRAWS; draw++) {
            long point = WeightCircle.point(bits);
            int first = circle.at(point);
            Candidate a = candidates[first];
            // The low half, which no arc is so short as to feel in the point.
            Candidate b = candidates[circle.other(first, point, bits << Integer.SIZE)];
            boolean aAccepts = a.accepts(context, nowNanos);
            boolean bAccepts = b.accepts(context, nowNanos);
            if (a == b && aAccepts) {
                return a;
            }
            if (aAccepts && bAccepts) {
                boolean isFirst = isFirstAsGood(a, b, nowNanos);
                int coin = (int) SplitMix.mix(bits) & EXPLORE_RANGE - 1;
                boolean explore = coin < recoveringBelow && explores(isFirst ? a : b, isFirst ? b : a, coin, nowNanos);
                return isFirst == !explore ? a : b;
            }
            if (aAccepts || bAccepts) {
                return aAccepts ? a : b;
            }
            bits = SplitMix.mix(bits);
        }
        return Scan.from(SplitMix.below(size, bits), candidates, context, nowNanos);
    }

    /**
     * Whether the dearer of two is taken all the same, to learn how it is now. What is in flight there will tell anyway; one
     * that failed last is tried half as often, for its calls are lost and not only late.
     */
    private boolean explores(Candidate cheaper, Candidate dearer, int coin, long nowNanos) {
        if (dearer.inFlight() > 0) {
            return false;
        }
        if (dearer.lastSucceeded()) {
            return coin < exploreBelow
                    || coin < exploreBelow * curiosity(cheaper, dearer, nowNanos)
                    || dearer.successRatio(nowNanos) < ALL_WELL;
        }
        return coin < exploreBelow / 2;
    }
}
