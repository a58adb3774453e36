// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.spi.Candidate;

/** What one call must be expected to take at a candidate that has nothing else to do. */
final class ServiceTime {
    private static final double LEAST_FAILURE_NANOS = 1e9;
    private static final double FAILURE_LATENCIES = 5;
    private static final double LEAST_SUCCESS = 0.02;
    /** Differences this small are noise. */
    private static final double NOISE_NANOS = 1e6;
    /** An attempt that has waited this many latencies tells more than they do. */
    private static final int STALLED = 4;

    private ServiceTime() {}

    /**
     * Latency and the cost of failures, which is a retry's worth of time for every call that must be expected to fail, and
     * at most fifty such. When the oldest that waits has done so for four latencies, and one more for each doubling of what
     * is in flight (as the oldest of many is old), its age counts as the latency.
     */
    static double nanos(Candidate candidate, int inFlight, long nowNanos) {
        double latency = latencyNanos(candidate, nowNanos);
        if (inFlight > 0) {
            long oldest = candidate.oldestNanos(nowNanos);
            int doublings = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(inFlight);
            if (oldest > (STALLED + doublings) * latency) {
                latency = oldest;
            }
        }
        return withFailures(candidate, latency, nowNanos);
    }

    /** The moving average, with what is noise added. */
    static double latencyNanos(Candidate candidate, long nowNanos) {
        return candidate.latencyNanos(nowNanos) + NOISE_NANOS;
    }

    /** A latency and the cost of the candidate's failures. */
    static double withFailures(Candidate candidate, double latency, long nowNanos) {
        double success = candidate.successRatio(nowNanos);
        if (success >= 1) {
            return latency;
        }
        double penalty = Math.max(LEAST_FAILURE_NANOS, FAILURE_LATENCIES * latency);
        return latency + penalty * (1 - success) / Math.max(success, LEAST_SUCCESS);
    }
}
