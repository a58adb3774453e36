// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

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
}
