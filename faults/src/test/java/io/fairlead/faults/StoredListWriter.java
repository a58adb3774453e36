// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A process that stores one list after the other until it is killed. */
final class StoredListWriter {
    static final int INSTANCES = 500;

    private StoredListWriter() {}

    /** The process: a folder. Prints a line when the first list is there. */
    public static void main(String[] args) throws IOException {
        MemoryRegistry registry = MemoryRegistry.create();
        List<Registration> all = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            all.add(registry.register(instance(i, 0), HealthCheck.none()));
        }
        Fairlead fairlead =
                Fairlead.builder(registry).snapshots(Path.of(args[0])).build();
        fairlead.awaitReady(Duration.ofSeconds(20), "orders");
        Path file = null;
        while (file == null) {
            try (Stream<Path> files = Files.list(Path.of(args[0]))) {
                file = files.filter(path -> path.toString().endsWith(".snapshot"))
                        .findFirst()
                        .orElse(null);
            }
            LockSupport.parkNanos(1_000_000);
        }
        System.out.println("ready");
        for (int round = 1; ; round++) {
            all.get(round % INSTANCES).update(instance(round % INSTANCES, round));
        }
    }

    private static ServiceInstance instance(int number, int round) {
        return ServiceInstance.builder("orders")
                .id("i" + number)
                .address("10.0." + number / 250 + "." + (1 + number % 250), 80)
                .metadata("round", String.valueOf(round))
                .build();
    }
}
