// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.ServiceInstance;

/**
 * What the balancer knows of one instance at one moment, for pages and messages. An immutable value.
 *
 * @param instance the instance as the registry has it
 * @param guardState where its guard stands
 * @param guardReason why, in words for people, empty when there is nothing to say
 * @param nanosToProbe nanoseconds until the guard lets a probe through, 0 when it is not waiting
 * @param effectiveWeight registry weight × the smallest of slow start, condition and dynamic level × the part in this process's subset
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
