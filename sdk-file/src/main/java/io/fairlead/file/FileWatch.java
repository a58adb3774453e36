// SPDX-License-Identifier: Apache-2.0
package io.fairlead.file;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.BackendWatch;
import io.fairlead.spi.SnapshotFeed;
import java.util.List;
import java.util.Map;

/** One service of the file. */
final class FileWatch implements BackendWatch {
    private final String service;
    private final SnapshotFeed feed;
    private final FileRegistry registry;
    private boolean heard; // belongs to the registry's loop

    FileWatch(String service, SnapshotFeed feed, FileRegistry registry) {
        this.service = service;
        this.feed = feed;
        this.registry = registry;
    }

    @Override
    public void start() {
        registry.opened(this);
    }

    @Override
    public void close() {
        // the registry looks at the file for all watches, and for none when there is none
    }

    /** What was read last; news for everybody when it changed, and for one that has not heard it. */
    void adopt(Map<String, List<ServiceInstance>> services, boolean changed) {
        if (changed || !heard) {
            feed.publish(services.getOrDefault(service, List.of()));
            heard = true;
        } else {
            feed.confirm();
        }
    }

    void interrupt(RegistryException cause) {
        heard = false;
        feed.interrupt(cause);
    }
}
