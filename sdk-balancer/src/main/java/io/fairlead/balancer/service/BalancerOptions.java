// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.balancer.OutagePolicy;
import io.fairlead.balancer.stage.PipelineOptions;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What every service of one balancer shares. */
public record BalancerOptions(
        Environment environment,
        InstanceGuard.Factory guards,
        OutagePolicy outagePolicy,
        AddressPolicy addressPolicy,
        HealthPolicy health,
        ActiveChecks.Shared checks,
        @Nullable SnapshotStore store,
        PipelineOptions pipeline,
        Duration firstListTimeout,
        Distribution distribution,
        Duration idleAfter) {}
