// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import io.fairlead.spi.WeightUse;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@code random}: each instance with a probability in proportion to its weight, by one draw. Knows
 * nothing of load: its queues are far longer than those of two choices.
 */
public final class RandomPolicy implements BalancingPolicy {
    /** For {@link java.util.ServiceLoader}. */
    public RandomPolicy() {}

    @Override
    public String name() {
        return "random";
    }

    @Override
    public WeightUse weightUse() {
        return WeightUse.ALONE;
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return new Weighted(candidates, environment.random());
    }

    /** Draws by weight; keyed policies use it for calls without a key. */
    public static final class Weighted implements Picker {
        private static final int REDRAWS = 4;

        private final Candidate[] candidates;
        private final WeightCircle circle;
        private final RandomGenerator random;

        /** Of these, by their weights now. */
        public Weighted(List<Candidate> candidates, RandomGenerator random) {
            this.candidates = candidates.toArray(Candidate[]::new);
            this.circle = WeightCircle.of(candidates);
            this.random = random;
        }

        /** What all weights come to. */
        public double sumOfWeights() {
            return circle.sum();
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            return PickFigure.of("share of picks", candidate.weight() / circle.sum());
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            int index = 0;
            for (int draw = 0; draw < REDRAWS; draw++) {
                index = circle.at(WeightCircle.point(random.nextLong()));
                if (candidates[index].accepts(context, nowNanos)) {
                    return candidates[index];
                }
            }
            return Scan.from(index, candidates, context, nowNanos);
        }
    }
}
