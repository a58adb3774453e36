// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@code prequal}: the rule of Google's Prequal (Wydrowski et al., NSDI 2024), hot or cold by load, then by latency. Of
 * three draws those whose requests in flight lie at or below the 84th percentile are cold: the cold one with the lowest
 * latency is taken, and when all are hot the one with the fewest in flight. Load is what instances report in
 * {@code endpoint-load-metrics}, {@code named_metrics.rif}, with their responses, not by probes, moved on by what this
 * client started since and used for a second; when one of the three has no report, all three are judged by this client's own
 * attempts. Failures count as latency, lest an instance that fails fast draws everybody. Of a part p of the weights comes,
 * as of any three draws, at most 1 − (1 − p)³ of the calls.
 *
 * <p>Without reports it knows no more than {@code adaptive}, and that one is better tried then.
 */
public final class PrequalPolicy implements BalancingPolicy {
    /** 2^(−1/4), the paper's. */
    private static final double COLD_QUANTILE = 0.84;

    private static final double NANOS_PER_MILLI = 1e6;

    /** For {@link java.util.ServiceLoader}. */
    public PrequalPolicy() {}

    @Override
    public String name() {
        return "prequal";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return previous instanceof HotOrCold before
                ? new HotOrCold(candidates, environment.random(), before.reportedLoad, before.ownLoad)
                : new HotOrCold(
                        candidates,
                        environment.random(),
                        new RunningQuantile(COLD_QUANTILE),
                        new RunningQuantile(COLD_QUANTILE));
    }

    private static final class HotOrCold implements Picker {
        private static final int DRAWS = 3;
        /** One pick in eight moves the percentiles. */
        private static final int LEARN_MASK = 7;

        private final Candidate[] candidates;
        private final WeightCircle circle;
        private final RandomGenerator random;
        private final RunningQuantile reportedLoad;
        private final RunningQuantile ownLoad;

        HotOrCold(
                List<Candidate> candidates,
                RandomGenerator random,
                RunningQuantile reportedLoad,
                RunningQuantile ownLoad) {
            this.candidates = candidates.toArray(Candidate[]::new);
            this.circle = WeightCircle.of(candidates);
            this.random = random;
            this.reportedLoad = reportedLoad;
            this.ownLoad = ownLoad;
        }

        @Override
        public @Nullable Candidate pick(PickContext context, long nowNanos) {
            long bits = random.nextLong();
            boolean reported = true;
            for (int draw = 0; draw < DRAWS; draw++) {
                reported &= drawn(bits, draw).reportedInFlight(nowNanos) >= 0;
            }
            RunningQuantile quantile = reported ? reportedLoad : ownLoad;
            double threshold = quantile.get();
            Candidate best = null;
            double bestLoad = 0;
            double bestNanos = 0;
            for (int draw = 0; draw < DRAWS; draw++) {
                Candidate candidate = drawn(bits, draw);
                int inFlight = candidate.inFlight();
                double load = (reported ? candidate.reportedInFlight(nowNanos) : inFlight) / candidate.weight();
                if (draw == 0 && (bits & LEARN_MASK) == 0) {
                    quantile.see(load);
                }
                if (candidate == best || !candidate.accepts(context, nowNanos)) {
                    continue;
                }
                boolean cold = load <= threshold;
                double nanos = ServiceTime.nanos(candidate, inFlight, nowNanos);
                boolean better = best == null
                        || (cold ? bestLoad > threshold || nanos < bestNanos : bestLoad > threshold && load < bestLoad);
                if (better) {
                    best = candidate;
                    bestLoad = load;
                    bestNanos = nanos;
                }
            }
            return best != null
                    ? best
                    : Scan.from(SplitMix.below(candidates.length, bits), candidates, context, nowNanos);
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            int reported = candidate.reportedInFlight(nowNanos);
            int inFlight = candidate.inFlight();
            double load = (reported >= 0 ? reported : inFlight) / candidate.weight();
            boolean cold = load <= (reported >= 0 ? reportedLoad : ownLoad).get();
            return cold
                    ? PickFigure.of(
                            "cold, time in ms", ServiceTime.nanos(candidate, inFlight, nowNanos) / NANOS_PER_MILLI)
                    : PickFigure.of("hot, in flight for its weight", load);
        }

        private Candidate drawn(long bits, int draw) {
            return candidates[circle.at(WeightCircle.point(SplitMix.at(bits, draw)))];
        }
    }

    /**
     * An estimate of a quantile of a stream in one word: each value moves it up or down by a small step, in the proportion that
     * makes it rest at the quantile (stochastic approximation, Robbins and Monro 1951). Any thread; of two that meet one is
     * lost, which is harmless.
     */
    private static final class RunningQuantile {
        private static final int LENGTH = 32;
        private static final int MIDDLE = 16;
        private static final double STEP = 0.05;

        private final double quantile;
        private final AtomicLongArray words = new AtomicLongArray(LENGTH);

        /** Starts at 0 and never goes below. */
        RunningQuantile(double quantile) {
            this.quantile = quantile;
        }

        double get() {
            return Double.longBitsToDouble(words.getOpaque(MIDDLE));
        }

        void see(double value) {
            double now = get();
            double step = STEP * Math.max(1, now);
            double next = value > now ? now + step * quantile : Math.max(0, now - step * (1 - quantile));
            words.setOpaque(MIDDLE, Double.doubleToRawLongBits(next));
        }
    }
}
