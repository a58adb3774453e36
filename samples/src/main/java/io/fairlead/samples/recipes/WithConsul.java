// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.api.Registry;
import io.fairlead.consul.ConsulRegistry;

/** Consul with a token, a datacentre and reads that survive the loss of the leader. */
public final class WithConsul {
    private WithConsul() {}

    /** Prints the services an agent knows. */
    public static void main(String[] args) {
        try (Registry registry = ConsulRegistry.builder()
                .address(args.length == 0 ? "localhost:8500" : args[0])
                .token(() -> System.getenv("CONSUL_HTTP_TOKEN"))
                .consistency(ConsulRegistry.Consistency.STALE)
                .build()) {
            System.out.println(registry.description() + " knows " + registry.services());
        }
    }
}
