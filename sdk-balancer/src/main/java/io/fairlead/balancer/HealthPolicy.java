// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.HealthCheck;
import java.util.Arrays;
import java.util.Objects;

/**
 * What besides an instance's own failures takes it out of rotation: being worse than its peers (on by default), and
 * checks that the balancer itself makes (off unless asked). Both are votes: the guard asks the same cap of 30 % and
 * recovers through the same probes. An immutable value.
 *
 * <p>Checks of the balancer's own are for services with so few calls that failures are found too late. Every client then
 * checks every instance, so with many clients prefer the registry's checks. A check says what is asked, where, how often
 * and with how much patience; how many results in a row count is said here, and what it says of that itself, and of
 * deregistering, is for registries. An instance's address is resolved and judged by the {@link AddressPolicy} each time.
 *
 * @param peers who is worse than its peers; default {@link PeerRule#defaults()}
 * @param check what the balancer checks, of kind HTTP, TCP or GRPC; default {@link HealthCheck#none()}, nothing
 * @param failures checks in a row that fail and take an instance out, 1 to 100; default 3
 * @param successes checks in a row that pass and let live probes bring it back, 1 to 100; default 2
 */
public record HealthPolicy(PeerRule peers, HealthCheck check, int failures, int successes) {
    private static final HealthPolicy DEFAULTS = new HealthPolicy(PeerRule.defaults(), HealthCheck.none(), 3, 2);
    private static final HealthPolicy OFF = DEFAULTS.withPeers(PeerRule.off());

    /** Rejects a kind of check that nobody can make from here, and counts outside their ranges. */
    public HealthPolicy {
        Objects.requireNonNull(peers, "peers");
        Option.require(check.kind() != HealthCheck.Kind.TTL, "health.check", check.kind(), "HTTP, TCP, GRPC or NONE");
        Option.require(failures >= 1 && failures <= 100, "health.failures", failures, "1..100");
        Option.require(successes >= 1 && successes <= 100, "health.successes", successes, "1..100");
    }

    /** Comparison with peers: 1.9 deviations and 10 % below the mean, 5 instances with 50 calls in 10 s. No checks. */
    public static HealthPolicy defaults() {
        return DEFAULTS;
    }

    /** Neither comparison nor checks: only its own failures take an instance out. */
    public static HealthPolicy off() {
        return OFF;
    }

    /** This policy with another rule of comparison. */
    public HealthPolicy withPeers(PeerRule value) {
        return new HealthPolicy(value, check, failures, successes);
    }

    /** This policy with another check; {@link HealthCheck#none()} for none. */
    public HealthPolicy withCheck(HealthCheck value) {
        return new HealthPolicy(peers, value, failures, successes);
    }

    /** This policy with another number of failed checks in a row. */
    public HealthPolicy withFailures(int value) {
        return new HealthPolicy(peers, check, value, successes);
    }

    /** This policy with another number of passed checks in a row. */
    public HealthPolicy withSuccesses(int value) {
        return new HealthPolicy(peers, check, failures, value);
    }

    /** Whether the balancer makes checks of its own. */
    public boolean hasCheck() {
        return check.kind() != HealthCheck.Kind.NONE;
    }

    /** Whether only its own failures take an instance out. */
    public boolean isOff() {
        return peers.isOff() && !hasCheck();
    }

    /** As in {@code peers off; check HTTP /health every PT10S, 3 failures, 2 successes}. */
    @Override
    public String toString() {
        String checked = check.kind() + (check.target().isEmpty() ? "" : " " + check.target()) + " every "
                + check.interval() + ", " + failures + " failures, " + successes + " successes";
        return isOff() ? "off" : "peers " + peers + "; check " + (hasCheck() ? checked : "off");
    }

    /**
     * Who is worse than its peers: an instance whose success ratio lies below the mean by more than {@code sigmas} standard
     * deviations and by more than {@code gap} (the success-rate rule of Envoy's outlier detection and gRPC's A50, with an
     * absolute guard: without it, one call in a thousand is an outlier among perfect peers).
     *
     * <p>What the rule can not see, whatever the failure rate: of N instances, k that fail alike lie √((N−k)/k) deviations
     * below the others, so with 1.9 nothing is found beyond 21.7 % of them, nor among fewer than five.
     *
     * @param sigmas standard deviations below the mean, above 0, at most 10; default 1.9; infinity when off
     * @param gap how far below the mean at least, 0 to below 1; default 0.10
     * @param minInstances instances with enough calls, or nobody is judged, 2 or more; default 5
     * @param minCalls calls within the interval, or an instance is not judged, 1 or more; default 50
     */
    public record PeerRule(double sigmas, double gap, int minInstances, int minCalls) {
        private static final PeerRule DEFAULTS = new PeerRule(1.9, 0.10, 5, 50);
        private static final PeerRule OFF = DEFAULTS.withSigmas(Double.POSITIVE_INFINITY);

        /** Rejects what lies outside the ranges. */
        public PeerRule {
            Option.require(
                    sigmas > 0 && sigmas <= 10 || sigmas == Double.POSITIVE_INFINITY,
                    "peerRule.sigmas",
                    sigmas,
                    "above 0, at most 10, or infinity for off");
            Option.require(gap >= 0 && gap < 1, "peerRule.gap", gap, "0..1, 1 excluded");
            Option.require(minInstances >= 2, "peerRule.minInstances", minInstances, "2 or more");
            Option.require(minCalls >= 1, "peerRule.minCalls", minCalls, "1 or more");
        }

        /** 1.9 deviations and 10 % below the mean, 5 instances with 50 calls in 10 s. */
        public static PeerRule defaults() {
            return DEFAULTS;
        }

        /** Nobody is compared: where instances serve different requests, and a low ratio is no fault of theirs. */
        public static PeerRule off() {
            return OFF;
        }

        /** This rule with another number of deviations. */
        public PeerRule withSigmas(double value) {
            return new PeerRule(value, gap, minInstances, minCalls);
        }

        /** This rule with another gap. */
        public PeerRule withGap(double value) {
            return new PeerRule(sigmas, value, minInstances, minCalls);
        }

        /** This rule with another number of instances. */
        public PeerRule withMinInstances(int value) {
            return new PeerRule(sigmas, gap, value, minCalls);
        }

        /** This rule with another number of calls. */
        public PeerRule withMinCalls(int value) {
            return new PeerRule(sigmas, gap, minInstances, value);
        }

        /** Whether nobody is compared. */
        public boolean isOff() {
            return sigmas == Double.POSITIVE_INFINITY;
        }

        /** The success ratio below which an instance is an outlier; below zero when none can be. */
        public double bound(double[] ratios) {
            if (isOff() || ratios.length < minInstances) {
                return -1;
            }
            double mean = Arrays.stream(ratios).sum() / ratios.length;
            double squares = 0;
            for (double ratio : ratios) {
                squares += (ratio - mean) * (ratio - mean);
            }
            return mean - Math.max(sigmas * Math.sqrt(squares / ratios.length), gap);
        }

        /** As in {@code 1.9 deviations and 0.1 below, 5 instances with 50 calls}. */
        @Override
        public String toString() {
            return isOff()
                    ? "off"
                    : sigmas + " deviations and " + gap + " below, " + minInstances + " instances with " + minCalls
                            + " calls";
        }
    }
}
