// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.store.SnapshotStore;
import io.fairlead.spi.Environment;
import org.jspecify.annotations.Nullable;

/** What a service is given: its own options, and what it shares with the others of its balancer. */
public record BalancerOptions(
        Environment environment,
        AddressPolicy addressPolicy,
        Caller caller,
        ActiveChecks.Shared checks,
        @Nullable SnapshotStore store,
        ServiceOptions service) {}
