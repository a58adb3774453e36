// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What besides an instance's own failures takes it out of rotation: being worse than its peers (on by default), and
 * checks that the balancer itself makes (off unless asked). Both are votes: the guard asks the same cap of 30 % and
 * recovers through the same probes. An immutable value, safe for any thread.
 */
public final class HealthPolicy {
    private static final HealthPolicy DEFAULTS = new HealthPolicy(PeerRule.DEFAULT, null, Map.of());

    private final @Nullable PeerRule peers;
    private final @Nullable ActiveCheck check;
    private final Map<String, ActiveCheck> checks;

    private HealthPolicy(@Nullable PeerRule peers, @Nullable ActiveCheck check, Map<String, ActiveCheck> checks) {
        this.peers = peers;
        this.check = check;
        this.checks = Map.copyOf(checks);
    }

    /** Comparison with peers: 1.9 deviations and 10 % below the mean, 5 instances with 50 calls in 10 s. No checks. */
    public static HealthPolicy defaults() {
        return DEFAULTS;
    }

    /** This policy without comparison: where instances serve different requests, and a low ratio is no fault of theirs. */
    public HealthPolicy withoutPeers() {
        return new HealthPolicy(null, check, checks);
    }

    /**
     * This policy with another rule of comparison: an instance goes when its success ratio over 10 s is below the mean by
     * more than {@code sigmas} standard deviations and by more than {@code gap}.
     *
     * @param sigmas above 0, at most 10; default 1.9
     * @param gap 0 to 1; default 0.10
     * @param minInstances instances with enough calls, 2 or more; default 5
     * @param minCalls calls in 10 s that an instance needs to be judged, 1 or more; default 50
     */
    public HealthPolicy withPeers(double sigmas, double gap, int minInstances, int minCalls) {
        return new HealthPolicy(new PeerRule(sigmas, gap, minInstances, minCalls), check, checks);
    }

    /** This policy with a check for the instances of every service. */
    public HealthPolicy withCheck(ActiveCheck value) {
        return new HealthPolicy(peers, value, checks);
    }

    /** This policy with a check for the instances of one service; it goes before the check for every service. */
    public HealthPolicy withCheck(String service, ActiveCheck value) {
        Map<String, ActiveCheck> more = new HashMap<>(checks);
        more.put(service.toLowerCase(Locale.ROOT), value);
        return new HealthPolicy(peers, check, more);
    }

    @Nullable
    public PeerRule peers() {
        return peers;
    }

    @Nullable
    public ActiveCheck checkFor(String service) {
        ActiveCheck own = checks.get(service);
        return own != null ? own : check;
    }
}
