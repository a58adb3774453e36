// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.HealthPolicy.PeerRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Compares the instances of a service every ten seconds. What was counted in the interval is the difference of two
 * readings of counters that only grow, so no count is ever lost to a reset. An instance that was out or warming up in the
 * interval is neither judged nor a measure for others. Belongs to the service's updates.
 */
final class PeerComparison {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final HealthPolicy.PeerRule rule;
    private long sinceNanos;

    PeerComparison(HealthPolicy.PeerRule rule, long nowNanos) {
        this.rule = rule;
        this.sinceNanos = nowNanos;
    }

    /** Another rule for the interval that has begun. */
    PeerComparison under(PeerRule other) {
        return new PeerComparison(other, sinceNanos);
    }

    /** One found to be worse than its peers, and the figures that say so. */
    record Outlier(InstanceState state, double ratio, String evidence) {}

    /** The outliers of the interval that just ended, worst first; none while it lasts. */
    List<Outlier> judge(List<InstanceState> members, long nowNanos) {
        if (nowNanos - sinceNanos < INTERVAL_NANOS) {
            return List.of();
        }
        List<InstanceState> judged = new ArrayList<>();
        for (InstanceState state : members) {
            boolean whole = state.interval().close(state.counts());
            if (whole
                    && !state.listing().isWarming(nowNanos)
                    && state.interval().last().calls() >= rule.minCalls()) {
                judged.add(state);
            }
        }
        sinceNanos = nowNanos;
        double[] ratios = judged.stream()
                .mapToDouble(state -> state.interval().last().successRatio())
                .toArray();
        double bound = bound(rule, ratios);
        List<Outlier> outliers = new ArrayList<>();
        for (int i = 0; i < ratios.length; i++) {
            if (ratios[i] < bound) {
                outliers.add(new Outlier(judged.get(i), ratios[i], evidence(judged.get(i), ratios, bound)));
            }
        }
        outliers.sort(Comparator.comparingDouble(Outlier::ratio));
        return outliers;
    }

    private static String evidence(InstanceState state, double[] ratios, double bound) {
        double mean = Arrays.stream(ratios).average().orElse(0);
        return String.format(
                Locale.ROOT,
                "%.1f %% of %d calls succeeded, %.1f %% on average of %d instances (bound %.1f %%)",
                100 * state.interval().last().successRatio(),
                state.interval().last().calls(),
                100 * mean,
                ratios.length,
                100 * bound);
    }

    /** The success ratio below which an instance is an outlier; below zero when none can be. */
    static double bound(PeerRule rule, double[] ratios) {
        if (ratios.length < rule.minInstances()) {
            return -1;
        }
        double mean = Arrays.stream(ratios).sum() / ratios.length;
        double squares = 0;
        for (double ratio : ratios) {
            squares += (ratio - mean) * (ratio - mean);
        }
        return mean - Math.max(rule.sigmas() * Math.sqrt(squares / ratios.length), rule.gap());
    }
}
