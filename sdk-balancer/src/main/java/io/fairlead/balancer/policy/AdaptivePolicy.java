// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@code adaptive}, the default: two choices, compared by what a call would cost there,
 * {@code (latency + failure cost) × (in-flight / weight + 1)} (after Finagle's Peak EWMA and the power of two choices). The
 * latency is a moving average that rises in a second and falls in ten; latencies within a factor of 1.5 count as the same,
 * or the luckiest of equals would get everything; an attempt that has waited four latencies counts instead of them, so that
 * an instance that hangs is left before anything times out; the failure cost is bounded, so that one that failed is found
 * well again; and one pick in a hundred takes the dearer one if it is idle, to find that
 * out: half as often when it failed last, five times as often when it failed before and succeeded last. A newcomer is not judged by its latency
 * while slow start holds it back, or a cold one would get too few calls to warm up.
 *
 * <p>Not for long polling or streams whose headers come late, for then latency says nothing: use {@code least_request}.
 */
public final class AdaptivePolicy implements BalancingPolicy {
    private static final double EXPLORATION = 0.01;
    private static final double RECOVERING = 0.05;
    private static final double NANOS_PER_MILLI = 1e6;
    /** Service times this close are the same: then only what is in flight counts. */
    private static final double ALIKE = 1.5;

    /** For {@link java.util.ServiceLoader}. */
    public AdaptivePolicy() {}

    @Override
    public String name() {
        return "adaptive";
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        return new Adaptive(candidates, environment.random());
    }

    private static final class Adaptive extends TwoChoices {
        /** Whether any is in slow start; a change of weights makes a new picker. */
        private final boolean someAreNew;

        Adaptive(List<Candidate> candidates, RandomGenerator random) {
            super(candidates, random, EXPLORATION, RECOVERING);
            this.someAreNew = someAreNew(candidates);
        }

        private static boolean someAreNew(List<Candidate> candidates) {
            for (int i = 0; i < candidates.size(); i++) {
                if (candidates.get(i).slowStart() < 1) {
                    return true;
                }
            }
            return false;
        }

        @Override
        boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos) {
            int inFlightA = first.inFlight();
            int inFlightB = second.inFlight();
            double a;
            double b;
            if (someAreNew && (first.slowStart() < 1 || second.slowStart() < 1)) {
                double alike =
                        Math.min(ServiceTime.latencyNanos(first, nowNanos), ServiceTime.latencyNanos(second, nowNanos));
                a = ServiceTime.withFailures(first, alike, nowNanos);
                b = ServiceTime.withFailures(second, alike, nowNanos);
            } else {
                a = ServiceTime.nanos(first, inFlightA, nowNanos);
                b = ServiceTime.nanos(second, inFlightB, nowNanos);
            }
            double queueA = inFlightA / first.weight();
            double queueB = inFlightB / second.weight();
            if (a <= b * ALIKE && b <= a * ALIKE) {
                return queueA <= queueB;
            }
            return a * (queueA + 1) <= b * (queueB + 1);
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            int inFlight = candidate.inFlight();
            double nanos = ServiceTime.nanos(candidate, inFlight, nowNanos) * (inFlight / candidate.weight() + 1);
            return PickFigure.of("cost in ms", nanos / NANOS_PER_MILLI);
        }
    }
}
