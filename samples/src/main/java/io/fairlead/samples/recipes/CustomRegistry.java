// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.recipes;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SnapshotFeed;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A registry of one's own: a fixed list, for services that no registry knows. Reading only. */
public final class CustomRegistry implements Registry {
    private final Map<String, List<ServiceInstance>> services;
    private final Environment environment = Environment.system();

    /** Exactly these instances, by service. */
    public CustomRegistry(Map<String, List<ServiceInstance>> services) {
        this.services = Map.copyOf(services);
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        SnapshotFeed feed = new SnapshotFeed(service, environment);
        feed.publish(services.getOrDefault(service, List.of()));
        return feed.subscribe(listener, feed::close);
    }

    @Override
    public ServiceSnapshot list(String service) {
        return new ServiceSnapshot(service, 1, services.getOrDefault(service, List.of()));
    }

    @Override
    public Set<String> services() {
        return services.keySet();
    }

    @Override
    public String description() {
        return "fixed list";
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        throw new RegistryException(RegistryException.Reason.REJECTED, "a fixed list takes no registrations");
    }

    @Override
    public void close() {}
}
