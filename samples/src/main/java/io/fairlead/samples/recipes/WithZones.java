// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.DryRun;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ZonePreference;
import java.time.Duration;
import java.util.List;

/** Calls stay in the own zone, go to its neighbour when too few are well there, and to another datacentre last. */
public final class WithZones {
    private WithZones() {}

    /** Prints where calls go while half of the own zone is down: 70 % stay, 30 % go to the neighbour, none go far. */
    public static void main(String[] args) {
        try (Registry registry = Registry.connect("memory:zones");
                Registration first = register(registry, "eu-1a", 1, InstanceStatus.PASSING);
                Registration second = register(registry, "eu-1a", 2, InstanceStatus.CRITICAL);
                Registration near = register(registry, "eu-1b", 3, InstanceStatus.PASSING);
                Registration far = register(registry, "us-1a", 4, InstanceStatus.PASSING);
                Fairlead fairlead = Fairlead.builder(registry)
                        .zones(ZonePreference.own("eu-1a").then("eu-*"))
                        .build()) {
            for (Registration each : List.of(first, second, near, far)) {
                System.out.println(
                        each.instance().id() + " is in " + each.instance().zone());
            }
            System.out.println(calls(fairlead));
        }
    }

    /** Where a thousand calls would go; nothing is sent. */
    static DryRun calls(Fairlead fairlead) {
        fairlead.awaitReady(Duration.ofSeconds(3), "orders");
        DryRun run = fairlead.dryRun("orders", PickContext.none(), 1_000);
        if (run == null) {
            throw new IllegalStateException("orders is not watched");
        }
        return run;
    }

    private static Registration register(Registry registry, String zone, int number, InstanceStatus status) {
        return registry.register(
                ServiceInstance.builder("orders")
                        .id("orders-" + number)
                        .address("10.0.0." + number, 8080)
                        .zone(zone)
                        .status(status)
                        .build(),
                HealthCheck.none());
    }
}
