// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import java.util.Set;

/** A registry that does not answer and says so at once. Stateless, safe for any thread. */
final class DownRegistry implements Registry {
    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        listener.onInterrupted(down());
        return () -> {};
    }

    @Override
    public ServiceSnapshot list(String service) {
        throw down();
    }

    @Override
    public Set<String> services() {
        throw down();
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        throw down();
    }

    @Override
    public String description() {
        return "down";
    }

    @Override
    public String identity() {
        // In the place of the registry that the lists were stored from.
        return "memory";
    }

    @Override
    public void close() {}

    private static RegistryException down() {
        return new RegistryException(RegistryException.Reason.UNREACHABLE, "down");
    }
}
