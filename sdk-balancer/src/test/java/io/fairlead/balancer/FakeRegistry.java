// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SnapshotFeed;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry that says what a test tells it to, when it tells it to. */
public class FakeRegistry implements Registry {
    private final Environment environment;
    private final String description;
    private final Map<String, SnapshotFeed> feeds = new ConcurrentHashMap<>();
    public final AtomicInteger watches = new AtomicInteger();
    public final AtomicInteger closedWatches = new AtomicInteger();

    public FakeRegistry(Environment environment) {
        this(environment, "fake");
    }

    public FakeRegistry(Environment environment, String description) {
        this.environment = environment;
        this.description = description;
    }

    public static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0." + (1 + Math.floorMod(id.hashCode(), 200)), 8080)
                .build();
    }

    public static ServiceInstance weighted(String id, int weight) {
        return instance(id).toBuilder().weight(weight).build();
    }

    public static ServiceInstance with(String id, InstanceStatus status) {
        return instance(id).withStatus(status);
    }

    public void lists(String... ids) {
        lists(Arrays.stream(ids).map(FakeRegistry::instance).toList());
    }

    public void lists(List<ServiceInstance> instances) {
        feed("orders").publish(instances);
    }

    /** A service the registry answers for, without an instance. */
    public void empty(String service) {
        feed(service).publish(List.of());
    }

    public void interrupt() {
        feed("orders").interrupt(new RegistryException(RegistryException.Reason.UNREACHABLE, "cut off by the test"));
    }

    private SnapshotFeed feed(String service) {
        return feeds.computeIfAbsent(service, name -> new SnapshotFeed(name, environment));
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        watches.incrementAndGet();
        return feed(service).subscribe(listener, closedWatches::incrementAndGet);
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public ServiceSnapshot list(String service) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<String> services() {
        return feeds.keySet();
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
