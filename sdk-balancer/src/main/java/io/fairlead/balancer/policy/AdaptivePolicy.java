// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@code adaptive}, the default: two choices, compared by what a call would cost there,
 * {@code (latency + failure cost) × (in-flight / weight + 1)}. The latency is a moving average that rises in a second and
 * falls in ten, and latencies within a factor of 1.5 count as the same, or the luckiest of equals would get everything;
 * an attempt that has waited four times as long (and once more for every doubling of what is in flight, as the oldest of
 * many is old) counts instead, so that an instance that hangs is left before anything times out; the failure cost is a
 * retry's worth of time for every call that must be expected to fail, and bounded; one pick in a
 * hundred takes the dearer one, so that an instance that got better is found out (after Finagle's Peak EWMA and the
 * power of two choices). Not for long polling or streams, whose latency says nothing: use {@code least_request} there.
 */
public final class AdaptivePolicy implements BalancingPolicy {
    private static final double EXPLORATION = 0.01;
    private static final double LEAST_FAILURE_NANOS = 1e9;
    private static final double FAILURE_LATENCIES = 5;
    private static final double LEAST_SUCCESS = 0.02;
    /** Latencies this close, and differences this small, are noise: then only what is in flight counts. */
    private static final double ALIKE = 1.5;

    private static final double NOISE_NANOS = 1e6;
    private static final int STALLED = 4;

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
        Adaptive(List<Candidate> candidates, RandomGenerator random) {
            super(candidates, random, EXPLORATION);
        }

        @Override
        boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos) {
            int inFlightA = first.inFlight();
            int inFlightB = second.inFlight();
            double a = serviceNanos(first, inFlightA, nowNanos);
            double b = serviceNanos(second, inFlightB, nowNanos);
            double queueA = inFlightA / first.weight();
            double queueB = inFlightB / second.weight();
            if (a <= b * ALIKE && b <= a * ALIKE) {
                return queueA <= queueB;
            }
            return a * (queueA + 1) <= b * (queueB + 1);
        }

        /** What one call costs there when nothing else is in flight. */
        private static double serviceNanos(Candidate candidate, int inFlight, long nowNanos) {
            double latency = candidate.latencyNanos(nowNanos) + NOISE_NANOS;
            if (inFlight > 0) {
                long oldest = candidate.oldestNanos(nowNanos);
                int doublings = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(inFlight);
                if (oldest > (STALLED + doublings) * latency) {
                    latency = oldest;
                }
            }
            double success = candidate.successRatio(nowNanos);
            if (success >= 1) {
                return latency;
            }
            double penalty = Math.max(LEAST_FAILURE_NANOS, FAILURE_LATENCIES * latency);
            return latency + penalty * (1 - success) / Math.max(success, LEAST_SUCCESS);
        }
    }
}
