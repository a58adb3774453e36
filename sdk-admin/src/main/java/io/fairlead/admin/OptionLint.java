// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Finding;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.spi.WeightUse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What does not go together in the options of one service and its list. Asks the policy. */
final class OptionLint {
    private OptionLint() {}

    static void look(
            ServiceOptions options, @Nullable ServiceStatistics counts, ServiceStatus status, List<Finding> found) {
        String service = status.service();
        zones(options, status, found);
        if (!options.retries().isOff()
                && options.retries().allowance() instanceof Retries.Budget budget
                && budget.ratio() == 0
                && budget.perSecond() == 0) {
            found.add(new Finding(
                    "FL05",
                    "warning",
                    service,
                    "attempts " + options.retries().attempts() + ", retry budget 0",
                    "a budget, or attempts 1",
                    "Set retryBudget(0.2, 3), or switch retries off"));
        }
        weights(options, status, found);
        if (options.health().isOff()) {
            found.add(new Finding(
                    "FL09",
                    "warning",
                    service,
                    "neither peers are compared nor is anything checked",
                    "a comparison or a check",
                    "Leave HealthPolicy.defaults(), or give it a check"));
        }
        options.routes()
                .lint()
                .forEach(problem -> found.add(new Finding(
                        "FL11",
                        "warning",
                        service + " " + problem.path(),
                        problem.message(),
                        "rules that each can decide",
                        "Read the rule again")));
        emptySubsets(status, found);
        if (counts != null && counts.rejectedEntries() > 0) {
            found.add(new Finding(
                    "FL13",
                    "error",
                    service,
                    counts.rejectedEntries() + " entries of lists were left out",
                    "addresses that may be called",
                    "Read the events for which; change the registration or the addressPolicy"));
        }
    }

    /** FL04. */
    private static void zones(ServiceOptions options, ServiceStatus status, List<Finding> found) {
        if (options.zones().isOff() || status.instances().isEmpty()) {
            return;
        }
        List<String> first = options.zones().tiers().get(0);
        boolean any = status.instances().stream()
                .anyMatch(view -> first.contains(String.valueOf(view.instance().zone())));
        if (!any) {
            boolean named =
                    status.instances().stream().anyMatch(view -> view.instance().zone() != null);
            found.add(new Finding(
                    "FL04",
                    "warning",
                    status.service(),
                    "no instance is in zone " + String.join(", ", first)
                            + (named ? "" : ", and none has a zone at all"),
                    "instances in the zone that is preferred",
                    "Set the zone where instances are registered, or look how it is written"));
        }
    }

    /** FL06 and FL08. */
    private static void weights(ServiceOptions options, ServiceStatus status, List<Finding> found) {
        long different = status.instances().stream()
                .map(view -> view.instance().weight())
                .distinct()
                .count();
        WeightUse use = options.policy().weightUse();
        if (different > 1 && use == WeightUse.IGNORED) {
            found.add(new Finding(
                    "FL06",
                    "warning",
                    status.service(),
                    "weights differ, and policy '" + status.policy() + "' reads none",
                    "a policy that reads weights",
                    "Set policy 'adaptive' or 'weighted_round_robin'"));
        } else if (different == 1
                && status.instances().size() > 1
                && use == WeightUse.ALONE
                && options.dynamicWeights().isOff()) {
            found.add(new Finding(
                    "FL08",
                    "info",
                    status.service(),
                    "all weights are equal, and policy '" + status.policy() + "' goes by weights alone",
                    "weights that differ, or a policy that looks at load",
                    "Set weights, or policy 'adaptive'"));
        }
    }

    /** FL12. */
    private static void emptySubsets(ServiceStatus status, List<Finding> found) {
        ServiceStatus.RoutesView routes = status.routes();
        if (routes == null || status.instances().isEmpty()) {
            return;
        }
        routes.subsets().stream()
                .filter(subset -> subset.known() == 0)
                .forEach(subset -> found.add(new Finding(
                        "FL12",
                        "warning",
                        status.service() + " " + subset.name(),
                        "no instance has " + subset.predicate(),
                        "one or more",
                        "Look how it is written where instances are registered, or take the subset from the routes")));
    }
}
