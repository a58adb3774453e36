// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.LatencyMemory;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@code peak_ewma}: Finagle's rule. Of two choices the one with the lower latency × (in-flight / weight + 1), where a
 * slower sample replaces the latency at once and time lets it fall with a mean life of 10 s. One without history takes a
 * first attempt before all others and no second until that answered. Other than in Finagle, reading changes nothing.
 *
 * <p>Nearly a decaying maximum: healthy instances whose latencies have a long tail get unequal shares. Blind to failures,
 * which the guards must handle. Prefer {@code adaptive}, unless you compare with Finagle.
 */
public final class PeakEwmaPolicy implements BalancingPolicy {
    /** Dearer than any latency, so that only the number in flight compares. */
    private static final double PENALTY = 1e18;

    private static final double NANOS_PER_MILLI = 1e6;

    /** For {@link java.util.ServiceLoader}. */
    public PeakEwmaPolicy() {}

    @Override
    public String name() {
        return "peak_ewma";
    }

    @Override
    public LatencyMemory latencyMemory() {
        return LatencyMemory.PEAK;
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return new PeakEwma(candidates, environment.random());
    }

    private static final class PeakEwma extends TwoChoices {
        PeakEwma(List<Candidate> candidates, RandomGenerator random) {
            super(candidates, random, 0, 0);
        }

        @Override
        protected boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos) {
            return score(first, nowNanos) <= score(second, nowNanos);
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            double score = score(candidate, nowNanos);
            return score < PENALTY
                    ? PickFigure.of("cost in ms", score / NANOS_PER_MILLI)
                    : PickFigure.none("has not answered its first call yet");
        }

        private static double score(Candidate candidate, long nowNanos) {
            long latency = candidate.latencyNanos(nowNanos);
            double queue = candidate.inFlight() / candidate.weight();
            return latency == 0 && queue > 0 ? PENALTY * (1 + queue) : latency * (queue + 1);
        }
    }
}
