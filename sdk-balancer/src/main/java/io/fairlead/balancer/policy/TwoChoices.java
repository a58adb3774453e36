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
    private static final int EXPLORE_RANGE = 1 << 10;
    /** Steps the second draw away from the first when both fell on one candidate: coprime to most sizes. */
    private static final int STRIDE = 0x9E3779B1;

    private final Candidate[] candidates;
    private final AliasTable table;
    private final RandomGenerator random;
    private final int exploreBelow;

    /** @param exploration probability, from 0 to 1, of taking the dearer of the two */
    TwoChoices(List<Candidate> candidates, RandomGenerator random, double exploration) {
        this.candidates = candidates.toArray(Candidate[]::new);
        this.table = AliasTable.of(candidates);
        this.random = random;
        this.exploreBelow = (int) Math.round(exploration * EXPLORE_RANGE);
    }

    /** Whether the first draw is at least as good as the second; a tie goes to the first, which was drawn by weight. */
    abstract boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos);

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
                boolean explore = (scramble(bits) & EXPLORE_RANGE - 1) < exploreBelow;
                return isFirstAsGood(a, b, nowNanos) == !explore ? a : b;
            }
            if (aAccepts || bAccepts) {
                return aAccepts ? a : b;
            }
            bits = scramble(bits);
        }
        return scan(context, nowNanos, (int) (bits >>> 33) % size);
    }

    /** Another candidate than the first, by weight as far as that can be had in two draws. */
    private int second(int first, int bits) {
        int second = table.pick(bits);
        if (second == first) {
            second = table.pick(bits * STRIDE + STRIDE);
        }
        if (second == first) {
            int offset = 1 + (int) ((bits & 0xffff_ffffL) * (candidates.length - 1) >>> 32);
            second = (first + offset) % candidates.length;
        }
        return second;
    }

    private @Nullable Candidate scan(PickContext context, long nowNanos, int start) {
        for (int i = 0; i < candidates.length; i++) {
            Candidate candidate = candidates[(start + i) % candidates.length];
            if (candidate.accepts(context, nowNanos)) {
                return candidate;
            }
        }
        return null;
    }

    /** A bijection that mixes well (the finaliser of SplitMix64, Steele et al. 2014). */
    private static long scramble(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
