// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.plain.Scan;
import io.fairlead.balancer.policy.plain.SplitMix;
import io.fairlead.balancer.policy.plain.TwoChoices;
import io.fairlead.balancer.policy.plain.WeightCircle;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@code least_request}: of two choices, or up to ten, the one with fewest attempts in flight for its weight (Mitzenmacher
 * 2001; gRPC proposal A48). Idle instances have the part p of the calls that their weights say. Load moves it within the chance
 * to be drawn: of two choices at most to 2p, and at least to 2p − 1; of more, d, from pᵈ to 1 − (1 − p)ᵈ. An immutable value.
 *
 * <p>Blind to how slow an instance is, and an instance that fails fast looks idle: prefer {@code adaptive} for short calls.
 * With many clients more choices send them all to the same one: more than two is for few clients with much in flight.
 */
public final class LeastRequestPolicy implements BalancingPolicy {
    private static final int MIN_CHOICES = 2;
    private static final int MAX_CHOICES = 10;

    private final int choices;

    /** For {@link java.util.ServiceLoader}: two choices. */
    public LeastRequestPolicy() {
        this(MIN_CHOICES);
    }

    private LeastRequestPolicy(int choices) {
        this.choices = choices;
    }

    /** The same with this many draws a pick, 2 to 10; default 2. */
    public LeastRequestPolicy withChoices(int value) {
        if (value < MIN_CHOICES || value > MAX_CHOICES) {
            throw new IllegalArgumentException("choices: " + value + " (expected: 2..10)");
        }
        return new LeastRequestPolicy(value);
    }

    @Override
    public String name() {
        return "least_request";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return choices == MIN_CHOICES
                ? new OfTwo(candidates, environment.random())
                : new OfSeveral(candidates, environment.random(), choices);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LeastRequestPolicy policy && policy.choices == choices;
    }

    @Override
    public int hashCode() {
        return choices;
    }

    /** With its options, as in {@code least_request(3 choices)}. */
    @Override
    public String toString() {
        return name() + '(' + choices + " choices)";
    }

    private static double load(Candidate candidate) {
        return candidate.inFlight() / candidate.weight();
    }

    private static PickFigure shown(Candidate candidate) {
        return PickFigure.of("in flight for its weight", load(candidate));
    }

    private static final class OfTwo extends TwoChoices {
        OfTwo(List<Candidate> candidates, RandomGenerator random) {
            super(candidates, random, 0, 0);
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            return shown(candidate);
        }

        @Override
        protected boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos) {
            return load(first) <= load(second);
        }
    }

    /** Draws by weight, with replacement. */
    private static final class OfSeveral implements Picker {
        private final Candidate[] candidates;
        private final WeightCircle circle;
        private final RandomGenerator random;
        private final int choices;

        OfSeveral(List<Candidate> candidates, RandomGenerator random, int choices) {
            this.candidates = candidates.toArray(Candidate[]::new);
            this.circle = WeightCircle.of(candidates);
            this.random = random;
            this.choices = choices;
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            return shown(candidate);
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            long bits = random.nextLong();
            Candidate best = null;
            double least = 0;
            for (int draw = 0; draw < choices; draw++) {
                Candidate drawn = candidates[circle.at(WeightCircle.point(SplitMix.at(bits, draw)))];
                if (drawn != best && drawn.accepts(context, nowNanos)) {
                    double load = load(drawn);
                    if (best == null || load < least) {
                        best = drawn;
                        least = load;
                    }
                }
            }
            return best != null
                    ? best
                    : Scan.from(SplitMix.below(candidates.length, bits), candidates, context, nowNanos);
        }
    }
}
