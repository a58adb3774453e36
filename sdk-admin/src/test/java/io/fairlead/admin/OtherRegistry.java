// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.memory.MemoryRegistry;
import java.util.List;
import java.util.Set;

/** A registry in memory that says that it is elsewhere, and can throw while it says so. */
final class OtherRegistry implements Registry {
    private final MemoryRegistry within = MemoryRegistry.create();
    private final String description;
    volatile boolean throwing;

    OtherRegistry(String description) {
        this.description = description;
    }

    @Override
    public String description() {
        if (throwing) {
            throw new AssertionError("a secret of the registry's");
        }
        return description;
    }

    @Override
    public List<Registration> registrations() {
        return within.registrations();
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        return within.watch(service, listener);
    }

    @Override
    public ServiceSnapshot list(String service) {
        return within.list(service);
    }

    @Override
    public Set<String> services() {
        return within.services();
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        return within.register(instance, check);
    }

    @Override
    public void close() {
        within.close();
    }
}
