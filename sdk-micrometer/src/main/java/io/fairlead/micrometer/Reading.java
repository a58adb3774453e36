// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.api.InstanceHealth.State;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One look at a service, for all its series. An immutable value.
 *
 * @param statistics what was counted
 * @param earlier what had been counted one to two minutes before; for a service that is new the first look
 * @param status how it stands
 * @param states how many instances are in each state
 * @param instances by id
 * @param subsetCalls calls that rules gave to each subset; they do not fall when a rule goes
 * @param expected the part of its calls that each subset should get, as rules have them and calls went to rules lately
 */
record Reading(
        ServiceStatistics statistics,
        ServiceStatistics earlier,
        ServiceStatus status,
        Map<State, Integer> states,
        Map<String, InstanceView> instances,
        Map<String, Long> subsetCalls,
        Map<String, Double> expected) {

    static Reading of(
            ServiceStatistics statistics,
            ServiceStatistics earlier,
            ServiceStatus status,
            Map<String, Long> subsetCalls,
            Map<String, Double> expected) {
        Map<State, Integer> states = new EnumMap<>(State.class);
        Map<String, InstanceView> instances = new HashMap<>();
        for (InstanceView view : status.instances()) {
            states.merge(view.health().state(), 1, Integer::sum);
            instances.put(view.instance().id(), view);
        }
        return new Reading(statistics, earlier, status, states, instances, subsetCalls, expected);
    }

    double inFlight() {
        return status.instances().stream().mapToInt(InstanceView::inFlight).sum();
    }

    /** A figure of one instance; NaN when it has left. */
    static double of(@Nullable InstanceView view, ToDoubleFunction<InstanceView> figure) {
        return view == null ? Double.NaN : figure.applyAsDouble(view);
    }
}
