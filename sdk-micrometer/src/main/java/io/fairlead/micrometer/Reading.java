// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.api.InstanceHealth.State;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ServiceStatus.LaneView;
import io.fairlead.balancer.ServiceStatus.RoutesView;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One look at a service, for all its series. An immutable value.
 *
 * @param statistics what was counted
 * @param status how it stands
 * @param states how many instances are in each state
 * @param instances by id
 * @param expected the part of its calls that each subset should get, as rules have them and calls went to rules lately
 */
record Reading(
        ServiceStatistics statistics,
        ServiceStatus status,
        Map<State, Integer> states,
        Map<String, InstanceView> instances,
        Map<String, Double> expected) {

    static Reading of(ServiceStatistics statistics, ServiceStatus status, Map<String, Double> expected) {
        Map<State, Integer> states = new EnumMap<>(State.class);
        Map<String, InstanceView> instances = new HashMap<>();
        for (InstanceView view : status.instances()) {
            states.merge(view.health().state(), 1, Integer::sum);
            instances.put(view.instance().id(), view);
        }
        return new Reading(statistics, status, states, instances, expected);
    }

    List<LaneView> lanes() {
        RoutesView routes = status.routes();
        return routes == null ? List.of() : routes.lanes();
    }

    /** Calls that rules gave to each subset. */
    Map<String, Long> subsetCalls() {
        Map<String, Long> calls = new TreeMap<>();
        lanes().forEach(lane -> calls.merge(lane.subset(), lane.calls(), Long::sum));
        return calls;
    }

    double inFlight() {
        return status.instances().stream().mapToInt(InstanceView::inFlight).sum();
    }

    /** A figure of one instance; NaN when it has left. */
    static double of(@Nullable InstanceView view, ToDoubleFunction<InstanceView> figure) {
        return view == null ? Double.NaN : figure.applyAsDouble(view);
    }
}
