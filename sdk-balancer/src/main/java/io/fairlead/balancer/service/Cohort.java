// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.HealthPolicy.PeerRule;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.Environment;
import io.fairlead.spi.LatencyMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Instances that are peers: whose latency, failures and levels are compared, and of whom only so many may be out. All of a
 * service, or, where rules name subsets, those of each subset: an instance belongs to the first that it fits, and those that
 * fit none are a cohort too. So a canary or a far region is not measured by the others, and takes no seats from them. Belongs
 * to the service's updates.
 */
final class Cohort {
    private static final int MOST_UNTOLD = 1_000;

    private final @Nullable Subset subset;
    private final LatencyEstimate.Peers peers;
    private SharedState shared;
    private @Nullable PeerComparison comparison;
    private @Nullable HealthLevels levels;
    private List<HealthLevels.Change> levelChanges = List.of();
    private List<PeerComparison.Outlier> outliers = List.of();

    /**
     * Without instances.
     *
     * @param subset the one whose instances these are; null for all, or for those of none
     * @param memory how latency is remembered
     * @param inFlight attempts on all of the service, or null when nobody needs to know
     */
    Cohort(
            @Nullable Subset subset,
            ServiceOptions options,
            LatencyMemory memory,
            @Nullable LongAdder inFlight,
            SharedState.Listener listener,
            ServiceCounts counts,
            Environment environment) {
        EjectionQuota quota = new EjectionQuota();
        long nowNanos = environment.ticker().nanos();
        DynamicWeights weights = options.dynamicWeights();
        PeerRule rule = options.health().peers();
        this.subset = subset;
        this.peers = new LatencyEstimate.Peers();
        this.shared = new SharedState(
                options.guard(),
                quota,
                new Listing.Pleas(quota),
                new LatencyModel(memory, peers),
                inFlight,
                weights,
                options.concurrencyLimits(),
                listener,
                counts,
                environment);
        this.levels = weights.isOff() ? null : new HealthLevels(weights, nowNanos);
        this.comparison = rule.isOff() ? null : new PeerComparison(rule, nowNanos);
    }

    /** Whether its instances are those that this subset comes first for; null stands for the rest. */
    boolean isOf(@Nullable Subset wanted) {
        return Objects.equals(subset, wanted);
    }

    /** What its instances have in common. */
    SharedState shared() {
        return shared;
    }

    /** Takes up other options. */
    void change(
            ServiceOptions next,
            ServiceOptions before,
            LatencyMemory memory,
            @Nullable LongAdder inFlight,
            long nowNanos) {
        LatencyModel latency = shared.latency();
        shared = new SharedState(
                next.guard(),
                shared.quota(),
                shared.pleas(),
                latency.isFor(memory) ? latency : new LatencyModel(memory, peers),
                inFlight,
                next.dynamicWeights(),
                next.concurrencyLimits(),
                shared.listener(),
                shared.counts(),
                shared.environment());
        DynamicWeights weights = next.dynamicWeights();
        if (!weights.equals(before.dynamicWeights())) {
            levels = weights.isOff() ? null : new HealthLevels(weights, nowNanos);
        }
        PeerRule rule = next.health().peers();
        if (!rule.equals(before.health().peers())) {
            comparison = rule.isOff()
                    ? null
                    : comparison == null ? new PeerComparison(rule, nowNanos) : comparison.under(rule);
        }
    }

    /** What is expected of a newcomer; before the others are judged. */
    void learnFrom(List<InstanceState> members, long nowNanos) {
        LatencyModel latency = shared.latency();
        peers.refresh(members.stream().mapToDouble(state -> latency.ownMicros(state.latencyWord())));
        shared.pleas().forgetPast(nowNanos);
    }

    /** Moves the dynamic levels. */
    void moveLevels(List<InstanceState> members, long nowNanos) {
        if (levels != null) {
            levelChanges = withUntold(levels.judge(members, nowNanos));
        }
    }

    /** Finds those that fail more than the others. */
    void compare(List<InstanceState> members, long nowNanos) {
        if (comparison != null) {
            outliers = comparison.judge(members, nowNanos);
        }
    }

    /** Whether so many are slow or faulty that what is wrong is wrong with all of them. */
    boolean isDegraded() {
        return levels != null && levels.isDegraded();
    }

    /** The changes that nobody has told yet; asked once. */
    List<HealthLevels.Change> takeLevelChanges() {
        List<HealthLevels.Change> taken = levelChanges;
        levelChanges = List.of();
        return taken;
    }

    /** The outliers that nobody has told yet; asked once. */
    List<PeerComparison.Outlier> takeOutliers() {
        List<PeerComparison.Outlier> taken = outliers;
        outliers = List.of();
        return taken;
    }

    /** So many will be its members, before it has any. */
    void expect(int members, boolean isReplaceable) {
        EjectionQuota quota = shared.quota();
        if (quota.instances() == 0) {
            quota.setInstances(members);
            quota.setReplaceable(isReplaceable);
        }
    }

    /**
     * Shares the seats among the ejected. Fewer instances leave fewer seats: the least bad serve again. More may have seats for
     * those that were pardoned.
     *
     * @param called how many this process may call
     * @param isReplaceable whether others answer for all of them
     * @param toReview those about whom something is new
     */
    void shareSeats(int called, boolean isReplaceable, List<InstanceState> toReview, long nowNanos) {
        EjectionQuota quota = shared.quota();
        quota.setInstances(called);
        quota.setReplaceable(isReplaceable);
        if (quota.ejected() <= quota.limit()) {
            toReview.stream()
                    .filter(state -> state.gate().isPardoned())
                    .forEach(state -> state.gate().claimSeat());
            return;
        }
        toReview.stream()
                .filter(state -> state.gate().isEjected())
                .sorted(Comparator.comparingDouble((InstanceState state) -> state.successRatio(nowNanos))
                        .reversed())
                .limit(quota.ejected() - quota.limit())
                .forEach(state -> state.gate().pardon());
    }

    /** Those that nobody has told yet, then these; only the last so many are kept. */
    private List<HealthLevels.Change> withUntold(List<HealthLevels.Change> more) {
        if (levelChanges.isEmpty()) {
            return more;
        }
        List<HealthLevels.Change> all = new ArrayList<>(levelChanges);
        all.addAll(more);
        return all.subList(Math.max(0, all.size() - MOST_UNTOLD), all.size());
    }
}
