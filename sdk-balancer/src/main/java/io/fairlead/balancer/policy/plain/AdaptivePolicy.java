// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

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
 * latency is an estimate that knows how uncertain it is ({@link io.fairlead.spi.LatencyMemory#ESTIMATE}): two within a
 * factor of 1.5, or within what chance makes of the few calls that are known, count as the same, and then in-flight decides,
 * or the luckiest of equals would get everything. An instance that has answered nobody for four latencies and more, while
 * somebody waits as long, is taken to take that long, so that one that hangs is left before anything times out. The failure
 * cost is bounded, so that one that failed is found well again. One pick in a hundred takes the dearer of two if it is idle,
 * to find that out: up to five times as often when little is known of it, or nothing was heard of it for seconds, or it
 * failed before and succeeded last; half as often when it failed last. A newcomer is not judged by its latency while slow
 * start holds it back, or a cold one would get too few calls to warm up. Of equals each has the part of the calls that its
 * weight says; whatever lies between them, none has more than twice that part.
 *
 * <p>Not for long polling or streams whose headers come late, for then latency says nothing: use {@code least_request}.
 */
public final class AdaptivePolicy implements BalancingPolicy {
    private static final double EXPLORATION = 0.01;
    private static final double RECOVERING = 0.05;
    private static final double NANOS_PER_MILLI = 1e6;
    /** Service times this close are the same: then only what is in flight counts. */
    private static final double ALIKE = 1.5;

    /** Estimates no further apart than so many standard deviations of them may be of equals. */
    private static final double SIGMAS = 1.8;

    /** Of two so many standard deviations apart, the dearer is tried no more often than any. */
    private static final double SURE_SIGMAS = 6;

    private static final double MOST_CURIOUS = RECOVERING / EXPLORATION;
    private static final double NANOS_PER_SECOND = 1e9;

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
        protected boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos) {
            int inFlightA = first.inFlight();
            int inFlightB = second.inFlight();
            double weightA = first.weight();
            double weightB = second.weight();
            double a = ServiceTime.latencyNanos(first, nowNanos);
            double b = ServiceTime.latencyNanos(second, nowNanos);
            // What follows says the same of two who are idle, alike and well, as most are.
            if ((inFlightA | inFlightB) == 0 && areAlike(a, b) && hasNoFailures(first, second, nowNanos)) {
                return true;
            }
            boolean isNew = someAreNew && (first.slowStart() < 1 || second.slowStart() < 1);
            if (isNew || areAlike(a, b) || isUnsure(first, second, a, b, nowNanos)) {
                a = Math.min(a, b);
                b = a;
            }
            if (!isNew) {
                a = Math.max(a, ServiceTime.hangsNanos(first, inFlightA, a, nowNanos));
                b = Math.max(b, ServiceTime.hangsNanos(second, inFlightB, b, nowNanos));
            }
            a = ServiceTime.withFailures(first, a, nowNanos);
            b = ServiceTime.withFailures(second, b, nowNanos);
            return areAlike(a, b)
                    ? inFlightA * weightB <= inFlightB * weightA
                    : a * (inFlightA + weightA) * weightB <= b * (inFlightB + weightB) * weightA;
        }

        private static boolean hasNoFailures(Candidate first, Candidate second, long nowNanos) {
            return first.successRatio(nowNanos) >= 1 && second.successRatio(nowNanos) >= 1;
        }

        private static boolean areAlike(double a, double b) {
            return a <= b * ALIKE && b <= a * ALIKE;
        }

        /** Whether chance may be all that lies between them. */
        private static boolean isUnsure(Candidate first, Candidate second, double a, double b, long nowNanos) {
            return squaredSigmas(first, second, a, b, nowNanos) <= SIGMAS * SIGMAS;
        }

        /** How many standard deviations of what is known lie between two latencies, squared. */
        private static double squaredSigmas(Candidate first, Candidate second, double a, double b, long nowNanos) {
            double ratio = Math.log(a / b);
            return ratio * ratio / (first.latencyVariance(nowNanos) + second.latencyVariance(nowNanos));
        }

        /** Who is little known is worth a try, and the more so the longer nothing was heard of it. */
        @Override
        protected double curiosity(Candidate cheaper, Candidate dearer, long nowNanos) {
            double apart = squaredSigmas(
                    dearer,
                    cheaper,
                    ServiceTime.latencyNanos(dearer, nowNanos),
                    ServiceTime.latencyNanos(cheaper, nowNanos),
                    nowNanos);
            double times = Math.max(1, SURE_SIGMAS * SURE_SIGMAS / apart);
            return Math.min(MOST_CURIOUS, times * (1 + dearer.silentNanos(nowNanos) / NANOS_PER_SECOND));
        }

        @Override
        public PickFigure figure(Candidate candidate, PickContext context, long nowNanos) {
            int inFlight = candidate.inFlight();
            double nanos = ServiceTime.nanos(candidate, inFlight, nowNanos) * (inFlight / candidate.weight() + 1);
            return PickFigure.of("cost in ms", nanos / NANOS_PER_MILLI);
        }
    }
}
