// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.api.Registry;
import io.fairlead.etcd.EtcdRegistry;
import java.util.List;

/** etcd with several members and a namespace of its own. */
public final class WithEtcd {
    private WithEtcd() {}

    /** Prints the services the members know. */
    public static void main(String[] args) {
        try (Registry registry = EtcdRegistry.builder()
                .endpoints(args.length == 0 ? List.of("localhost:2379") : List.of(args))
                .namespace("services")
                .build()) {
            System.out.println(registry.description() + " knows " + registry.services());
        }
    }
}
