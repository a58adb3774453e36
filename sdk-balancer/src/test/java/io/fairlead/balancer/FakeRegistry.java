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
class FakeRegistry implements Registry {
    private final Environment environment;
    private final String description;
    private final Map<String, SnapshotFeed> feeds = new ConcurrentHashMap<>();
    final AtomicInteger watches = new AtomicInteger();
    final AtomicInteger closedWatches = new AtomicInteger();

    FakeRegistry(Environment environment) {
        this(environment, "fake");
    }

    FakeRegistry(Environment environment, String description) {
        this.environment = environment;
        this.description = description;
    }

    static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0." + (1 + Math.floorMod(id.hashCode(), 200)), 8080)
                .build();
    }

    static ServiceInstance weighted(String id, int weight) {
        return instance(id).toBuilder().weight(weight).build();
    }

    static ServiceInstance with(String id, InstanceStatus status) {
        return instance(id).withStatus(status);
    }

    void lists(String... ids) {
        lists(Arrays.stream(ids).map(FakeRegistry::instance).toList());
    }

    void lists(List<ServiceInstance> instances) {
        feed("orders").publish(instances);
    }

    /** A service the registry answers for, without an instance. */
    void empty(String service) {
        feed(service).publish(List.of());
    }

    void interrupt() {
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
