// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SnapshotFeed;
import io.fairlead.testkit.AnyThrowable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A registry that lists what a test says; what is registered in it is kept elsewhere. */
final class ListedInstances implements Registry {
    private final Environment environment;
    private final Map<String, SnapshotFeed> feeds = new ConcurrentHashMap<>();
    private final MemoryRegistry registered;
    /** What asking for registrations throws; null for nothing. */
    volatile @Nullable Throwable thrown;

    ListedInstances(Environment environment) {
        this.environment = environment;
        this.registered = MemoryRegistry.builder().environment(environment).build();
    }

    void lists(String service, List<ServiceInstance> instances) {
        feed(service).publish(instances);
    }

    private SnapshotFeed feed(String service) {
        return feeds.computeIfAbsent(service, name -> new SnapshotFeed(name, environment));
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        return feed(service).subscribe(listener, () -> {});
    }

    @Override
    public ServiceSnapshot list(String service) {
        return ServiceSnapshot.empty(service, 0);
    }

    @Override
    public Set<String> services() {
        return feeds.keySet();
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        return registered.register(instance, check);
    }

    @Override
    public List<Registration> registrations() {
        if (thrown != null) {
            throw AnyThrowable.sneak(thrown);
        }
        return registered.registrations();
    }

    @Override
    public String description() {
        return "lists of a test";
    }

    @Override
    public void close() {
        registered.close();
    }
}
