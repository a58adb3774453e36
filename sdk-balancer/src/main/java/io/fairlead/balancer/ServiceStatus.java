// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.ServiceInstance;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the balancer knows of one service at one moment. An immutable value.
 *
 * @param service the service
 * @param policy name of its balancing policy
 * @param ready whether the registry has answered at least once
 * @param age since the registry last sent or confirmed the list
 * @param stale whether the watch is interrupted, so that the last list is served
 * @param lastError why the watch is interrupted, or null
 * @param revision of the list
 * @param panic whether so few instances are usable that all are used
 * @param retryBudget retries left
 * @param instances by id
 */
public record ServiceStatus(
        String service,
        String policy,
        boolean ready,
        Duration age,
        boolean stale,
        @Nullable String lastError,
        long revision,
        boolean panic,
        double retryBudget,
        List<InstanceView> instances) {

    /** Copies the list. */
    public ServiceStatus {
        instances = List.copyOf(instances);
    }

    /**
     * What the balancer knows of one instance at one moment, for pages and messages. An immutable value.
     *
     * @param instance the instance as the registry has it
     * @param guardState where its guard stands
     * @param guardReason why, in words for people, empty when there is nothing to say
     * @param nanosToProbe nanoseconds until the guard lets a probe through, 0 when it is not waiting
     * @param effectiveWeight registry weight times what slow start leaves of it
     * @param inFlight attempts started and not yet closed
     * @param latencyNanos time to headers that must be expected, 0 when unknown
     * @param successRatio moving average of success, from 0 to 1
     * @param started attempts started so far; for a moment a few too many while some of them fail
     * @param failures attempts that failed so far
     * @param suspect whether the registry no longer lists it and it is held until confirmed
     * @param health its one health state, and why
     */
    public record InstanceView(
            ServiceInstance instance,
            GuardState guardState,
            String guardReason,
            long nanosToProbe,
            double effectiveWeight,
            int inFlight,
            long latencyNanos,
            double successRatio,
            long started,
            long failures,
            boolean suspect,
            InstanceHealth health) {}
}
