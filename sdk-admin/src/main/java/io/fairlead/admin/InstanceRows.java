// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Factors;
import io.fairlead.admin.Model.InstanceRow;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Explanation;
import io.fairlead.balancer.Explanation.InstanceExplanation;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of one service's instances at one moment. */
final class InstanceRows {
    private final Clock clock;
    private final long nanos;
    private final LastFailures failures;

    InstanceRows(Clock clock, long nanos, LastFailures failures) {
        this.clock = clock;
        this.nanos = nanos;
        this.failures = failures;
    }

    /** Attempts started so far, by id. */
    static Map<String, Long> started(Explanation explanation) {
        Map<String, Long> started = new HashMap<>();
        explanation
                .instances()
                .forEach(each ->
                        started.put(each.view().instance().id(), each.view().started()));
        return started;
    }

    List<InstanceRow> of(Explanation explanation, Map<String, Long> lately) {
        Map<String, Double> ideal = idealShares(explanation);
        long all = lately.values().stream().mapToLong(Long::longValue).sum();
        List<InstanceRow> rows = new ArrayList<>();
        for (InstanceExplanation each : explanation.instances()) {
            String id = each.view().instance().id();
            Double share = all == 0 ? null : (double) lately.getOrDefault(id, 0L) / all;
            rows.add(row(each, share, ideal.getOrDefault(id, 0.0)));
        }
        return rows;
    }

    private InstanceRow row(InstanceExplanation each, @Nullable Double share, double ideal) {
        InstanceView view = each.view();
        ServiceInstance instance = view.instance();
        return new InstanceRow(
                instance.id(),
                instance.authority(),
                instance.zone(),
                instance.version(),
                List.copyOf(instance.tags()),
                List.copyOf(instance.metadata().keySet()),
                EventLog.word(instance.status()),
                EventLog.word(view.health().state()),
                view.health().reason(),
                view.health().evidence(),
                Moments.ago(clock, Duration.ofNanos(nanos - view.health().sinceNanos())),
                view.nanosToProbe() > 0 ? view.nanosToProbe() / 1e6 : null,
                instance.weight(),
                view.effectiveWeight(),
                new Factors(
                        each.weight().slowStart(),
                        each.weight().health(),
                        each.weight().level(),
                        each.weight().portion()),
                each.tier(),
                view.inFlight(),
                view.latencyNanos() > 0 ? view.latencyNanos() / 1e6 : null,
                view.successRatio(),
                share,
                ideal,
                view.started(),
                view.failures(),
                failures.of(instance.service(), instance.id()));
    }

    /** What each would get if calls followed tiers and weights alone; 0 for those that take none. */
    private static Map<String, Double> idealShares(Explanation explanation) {
        Map<String, Double> weights = new HashMap<>();
        for (InstanceExplanation each : explanation.instances()) {
            if (each.eligible()) {
                weights.merge(each.tier(), each.view().effectiveWeight(), Double::sum);
            }
        }
        Map<String, Double> shares = new HashMap<>();
        double sum = 0;
        for (InstanceExplanation each : explanation.instances()) {
            double ofTier = each.eligible() ? weights.getOrDefault(each.tier(), 0.0) : 0;
            double share = ofTier == 0 ? 0 : each.tierRatio() * each.view().effectiveWeight() / ofTier;
            shares.put(each.view().instance().id(), share);
            sum += share;
        }
        double whole = sum;
        if (whole > 0) {
            shares.replaceAll((id, share) -> share / whole);
        }
        return shares;
    }
}
