// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.LaneRow;
import io.fairlead.admin.Model.MirrorRow;
import io.fairlead.admin.Model.RoutesBlock;
import io.fairlead.admin.Model.SubsetRow;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.ServiceStatus.LaneView;
import io.fairlead.balancer.ServiceStatus.RoutesView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The rows of what one service's calls pass, and of where its rules send them. */
final class RouteRows {
    private RouteRows() {}

    static Model.Stages stages(ServiceStatus.Stages stages) {
        return new Model.Stages(
                Double.isFinite(stages.rateTokens()) ? stages.rateTokens() : null,
                stages.throttleRatio(),
                stages.serviceGuard() == null ? null : EventLog.word(stages.serviceGuard()),
                stages.serviceGuardReason());
    }

    /**
     * The routes of a service, or null when it has none.
     *
     * @param lately makes of the calls of each lane those of the last seconds
     */
    static @Nullable RoutesBlock of(ServiceStatus status, UnaryOperator<Map<String, Long>> lately) {
        RoutesView routes = status.routes();
        if (routes == null) {
            return null;
        }
        Map<String, Long> calls = new HashMap<>();
        routes.lanes().forEach(lane -> calls.put(key(lane), lane.calls()));
        Map<String, Long> recent = lately.apply(calls);
        Map<String, Long> ofRule = new HashMap<>();
        routes.lanes().forEach(lane -> ofRule.merge(lane.rule(), recent.getOrDefault(key(lane), 0L), Long::sum));
        return new RoutesBlock(
                routes.table(),
                routes.subsets().stream()
                        .map(subset -> new SubsetRow(
                                subset.name(), subset.predicate(), subset.known(), subset.usable(), subset.panic()))
                        .toList(),
                lanes(routes.lanes(), recent, ofRule),
                routes.mirrors().stream()
                        .map(mirror -> new MirrorRow(
                                mirror.rule(),
                                mirror.sent(),
                                mirror.full(),
                                mirror.body(),
                                mirror.noInstance(),
                                mirror.unable(),
                                mirror.failed(),
                                mirror.inFlight()))
                        .toList());
    }

    private static List<LaneRow> lanes(List<LaneView> lanes, Map<String, Long> recent, Map<String, Long> ofRule) {
        return lanes.stream()
                .map(lane -> {
                    long all = ofRule.getOrDefault(lane.rule(), 0L);
                    return new LaneRow(
                            lane.rule(),
                            lane.subset(),
                            lane.share(),
                            all == 0 ? null : (double) recent.getOrDefault(key(lane), 0L) / all,
                            lane.calls(),
                            lane.keyless());
                })
                .toList();
    }

    private static String key(LaneView lane) {
        return lane.rule() + '\n' + lane.subset();
    }
}
