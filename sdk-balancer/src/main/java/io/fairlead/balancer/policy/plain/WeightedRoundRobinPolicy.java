// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import io.fairlead.spi.WeightUse;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code weighted_round_robin}: each in proportion to its weight, well mixed, in constant time and without a lock. Up to 256
 * instances whose weights are whole numbers that sum to at most 4,096 (after division by their common divisor) follow
 * nginx's smooth sequence (2012), so that {5, 1, 1} gives {@code a a b a c a a}; other whole weights, none above ten times the
 * mean, static strides (gRPC proposal A58); all others, as slow start makes them, the golden section of a circle on which each
 * has its part. Shares are those of the weights, whole or not. It starts at a random place and goes on from there when the list
 * changes. One that can not take the call is replaced by another at random, by weight.
 *
 * <p>Blind to load and latency, and weights say what somebody once believed: prefer {@code adaptive}, which reads them too.
 */
public final class WeightedRoundRobinPolicy implements BalancingPolicy {
    private static final int MOST_SMOOTH_INSTANCES = 256;
    private static final int LONGEST_PERIOD = 4_096;
    private static final double WHOLE = 1e-9;

    /** For {@link java.util.ServiceLoader}. */
    public WeightedRoundRobinPolicy() {}

    @Override
    public String name() {
        return "weighted_round_robin";
    }

    @Override
    public WeightUse weightUse() {
        return WeightUse.ALONE;
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        Turn turn = previous instanceof Turns before
                ? before.turn
                : new Turn(environment.random().nextInt());
        double[] weights = candidates.stream().mapToDouble(Candidate::weight).toArray();
        return new Turns(candidates, turn, order(weights));
    }

    private static Turn.Order order(double[] weights) {
        int[] whole = whole(weights);
        long sum = Arrays.stream(whole).asLongStream().sum();
        if (whole.length > 0 && whole.length <= MOST_SMOOTH_INSTANCES && sum <= LONGEST_PERIOD) {
            int[] period = SmoothSequence.period(whole);
            return sequence -> period[Integer.remainderUnsigned(sequence, period.length)];
        }
        return whole.length > 0 && Stride.suits(whole) ? Stride.of(whole) : new GoldenTurns(weights);
    }

    /** The weights as whole numbers without a common divisor, or nothing when they are not. */
    private static int[] whole(double[] weights) {
        int[] whole = new int[weights.length];
        int divisor = 0;
        for (int i = 0; i < whole.length; i++) {
            whole[i] = (int) Math.rint(weights[i]);
            if (whole[i] < 1 || Math.abs(weights[i] - whole[i]) > WHOLE) {
                return new int[0];
            }
            divisor = greatestCommonDivisor(whole[i], divisor);
        }
        for (int i = 0; i < whole.length; i++) {
            whole[i] /= divisor;
        }
        return whole;
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    private static final class Turns implements Picker {
        private static final int REDRAWS = 4;

        private final Candidate[] candidates;
        private final Turn turn;
        private final Turn.Order order;
        private final double sum;

        Turns(List<Candidate> candidates, Turn turn, Turn.Order order) {
            this.candidates = candidates.toArray(Candidate[]::new);
            this.turn = turn;
            this.order = order;
            this.sum = candidates.stream().mapToDouble(Candidate::weight).sum();
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            int first = order.next(turn);
            if (candidates[first].accepts(context, nowNanos)) {
                return candidates[first];
            }
            long seed = turn.coming();
            int place = first;
            for (int draw = 0; draw < REDRAWS; draw++) {
                place = order.from((int) SplitMix.at(seed, draw));
                if (candidates[place].accepts(context, nowNanos)) {
                    return candidates[place];
                }
            }
            return Scan.from(place, candidates, context, nowNanos);
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            return PickFigure.of("share of turns", candidate.weight() / sum);
        }
    }

    /**
     * Turns in proportion to any weights, in constant time and without a lock: each goes on around a {@link WeightCircle} by the
     * golden section of it, the sequence that fills a circle most evenly (Kronecker's; Knuth, volume 3, section 6.4), so that after
     * a few rounds everybody has had its part but for one or two turns. Immutable, safe for any thread.
     */
    private static final class GoldenTurns implements Turn.Order {
        private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

        private final WeightCircle circle;

        GoldenTurns(double[] weights) {
            this.circle = WeightCircle.of(weights);
        }

        @Override
        public int from(int sequence) {
            return circle.at(WeightCircle.point(sequence * GOLDEN));
        }
    }
}
