// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import io.fairlead.samples.drill.InstanceProcess;
import io.fairlead.testkit.server.RegistryServer;
import java.util.ArrayList;
import java.util.List;

/** Instances of {@code orders}, each a process that registers itself. Not thread-safe. */
final class Fleet implements AutoCloseable {
    final List<InstanceProcess> processes = new ArrayList<>();
    private final String uri;
    private final String[] options;

    /** So many, {@code orders-1} and on, with JVM options. */
    Fleet(RegistryServer server, int size, String... options) throws Exception {
        this.uri = server.uri();
        this.options = options;
        for (int i = 1; i <= size; i++) {
            start("orders-" + i);
        }
    }

    void start(String id) throws Exception {
        processes.add(InstanceProcess.start(id, uri, options));
    }

    @Override
    public void close() {
        processes.forEach(InstanceProcess::close);
    }
}
