// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

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
     * at most fifty such. When it hangs, how long it has done so counts as the latency.
     */
    static double nanos(Candidate candidate, int inFlight, long nowNanos) {
        double latency = latencyNanos(candidate, nowNanos);
        return withFailures(candidate, Math.max(latency, hangsNanos(candidate, inFlight, latency, nowNanos)), nowNanos);
    }

    /**
     * How long it has hung: nobody was answered since, and somebody waits as long. 0 when that is no longer than four
     * latencies, and one more for each doubling of what is in flight.
     */
    static double hangsNanos(Candidate candidate, int inFlight, double latency, long nowNanos) {
        if (inFlight <= 0) {
            return 0;
        }
        long waited = Math.min(candidate.oldestNanos(nowNanos), candidate.silentNanos(nowNanos));
        int doublings = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(inFlight);
        return waited <= (STALLED + doublings) * latency ? 0 : waited;
    }

    /** The expected latency, with what is noise added. */
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
