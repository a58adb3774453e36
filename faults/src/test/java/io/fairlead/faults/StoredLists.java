// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** Stored lists as a stranger finds them: through their folder, and through a process that starts with them. Stateless. */
final class StoredLists {
    private StoredLists() {}

    /** What a process finds that starts while the registry is down; null when what is stored is not usable. */
    static ServiceStatus load(Path where) {
        RecordingListener heard = new RecordingListener();
        try (Fairlead fairlead = Fairlead.builder(new DownRegistry())
                .snapshots(where)
                .firstListTimeout(Duration.ofMillis(1))
                .environment(Environment.system().withListener(heard))
                .build()) {
            try {
                fairlead.acquire("orders", PickContext.none()).close();
            } catch (NoInstanceException notYet) {
                // the store is read on a queue of its own
            }
            Load.await(() -> fairlead.status("orders").ready()
                    || !heard.events("callback").isEmpty());
            ServiceStatus status = fairlead.status("orders");
            return status.ready() ? status : null;
        }
    }

    static boolean loads(Path where, Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        return load(where) != null;
    }

    static void register(MemoryRegistry registry, String id) {
        registry.register(
                        ServiceInstance.builder("orders")
                                .id(id)
                                .address("10.0.0.1", 80)
                                .build(),
                        HealthCheck.none())
                .idle();
    }

    static Path only(Path where) {
        try (Stream<Path> files = files(where)) {
            return files.filter(path -> path.toString().endsWith(".snapshot"))
                    .findFirst()
                    .orElse(null);
        }
    }

    @SuppressWarnings("StreamResourceLeak") // the caller closes it
    static Stream<Path> files(Path where) {
        try {
            return Files.list(where);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
