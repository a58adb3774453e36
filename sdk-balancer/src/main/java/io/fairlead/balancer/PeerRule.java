// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * Who is worse than its peers: an instance whose success ratio lies below the mean by more than {@code sigmas} standard
 * deviations and by more than {@code gap} (the success-rate rule of Envoy's outlier detection and gRPC's A50, with an
 * absolute guard: without it, one call in a thousand is an outlier among perfect peers).
 *
 * <p>What the rule can not see, whatever the failure rate: of N instances, k that fail alike lie √((N−k)/k) deviations
 * below the others, so with 1.9 nothing is found beyond 21.7 % of them, nor among fewer than five.
 *
 * @param sigmas standard deviations below the mean
 * @param gap ratio below the mean, at least
 * @param minInstances instances with enough calls, or nobody is judged
 * @param minCalls calls within the interval, or an instance is not judged
 */
public record PeerRule(double sigmas, double gap, int minInstances, int minCalls) {
    /** 1.9 deviations and 10 % below the mean, of 5 instances with 50 calls. */
    public static final PeerRule DEFAULT = new PeerRule(1.9, 0.10, 5, 50);

    public PeerRule {
        if (!(sigmas > 0 && sigmas <= 10)) {
            throw new IllegalArgumentException("sigmas: " + sigmas + " (expected: above 0, at most 10)");
        }
        if (!(gap >= 0 && gap < 1)) {
            throw new IllegalArgumentException("gap: " + gap + " (expected: 0..1, 1 excluded)");
        }
        if (minInstances < 2) {
            throw new IllegalArgumentException("minInstances: " + minInstances + " (expected: 2 or more)");
        }
        if (minCalls < 1) {
            throw new IllegalArgumentException("minCalls: " + minCalls + " (expected: 1 or more)");
        }
    }
}
