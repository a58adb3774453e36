// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The power of two choices (Mitzenmacher 2001): draw two different candidates by weight, take the cheaper. Whatever the
 * cost says, equal weights then bound a candidate's share by 2/N.
 */
abstract class TwoChoices implements Picker {
    private static final int REDRAWS = 3;
    private static final int EXPLORE_RANGE = 1 << 12;
    /** Failures so long ago, or so few, that they cost nothing any more. */
    private static final double ALL_WELL = 0.999;

    private final Candidate[] candidates;
    private final AliasTable table;
    private final RandomGenerator random;
    private final int exploreBelow;
    private final int recoveringBelow;

    /**
     * Over candidates.
     *
     * @param exploration probability, from 0 to 1, of taking the dearer of the two when it is idle
     * @param recovering the same when it failed before and succeeded last: it may well be well again
     */
    TwoChoices(List<Candidate> candidates, RandomGenerator random, double exploration, double recovering) {
        this.candidates = candidates.toArray(Candidate[]::new);
        this.table = AliasTable.of(candidates);
        this.random = random;
        this.exploreBelow = (int) Math.round(exploration * EXPLORE_RANGE);
        this.recoveringBelow = Math.max(exploreBelow, (int) Math.round(recovering * EXPLORE_RANGE));
    }

    /** Whether the first draw is at least as good as the second; a tie goes to the first, which was drawn by weight. */
    abstract boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos);

    /** How many times as often as any the dearer is tried, 1 or more; what {@code recovering} allows is the most. */
    double curiosity(Candidate cheaper, Candidate dearer, long nowNanos) {
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
            int first = table.pick((int) (bits >>> 32));
            int second = second(first, (int) bits);
            Candidate a = candidates[first];
            Candidate b = candidates[second];
            boolean aAccepts = a.accepts(context, nowNanos);
            boolean bAccepts = b.accepts(context, nowNanos);
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
            return coin < exploreBelow * curiosity(cheaper, dearer, nowNanos)
                    || dearer.successRatio(nowNanos) < ALL_WELL;
        }
        return coin < exploreBelow / 2;
    }

    /**
     * Another candidate than the first: exactly uniform when weights are equal, else by weight as far as some redraws go.
     * {@code bits} are independent of those the first was drawn from.
     */
    private int second(int first, int bits) {
        if (table.isUniform()) {
            int other = (int) ((bits & 0xffff_ffffL) * (candidates.length - 1) >>> 32);
            return other < first ? other : other + 1;
        }
        if (candidates.length == 2) {
            return 1 - first;
        }
        int second = table.pick(bits);
        for (int draw = 1; second == first && draw <= REDRAWS; draw++) {
            second = table.pick((int) SplitMix.at(bits, draw));
        }
        return second != first ? second : (first + 1) % candidates.length;
    }
}
