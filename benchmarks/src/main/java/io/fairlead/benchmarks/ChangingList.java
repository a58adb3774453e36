// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SnapshotFeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A registry of one service, {@code orders}, one of whose instances changes when told to. For one thread. */
final class ChangingList implements Registry {
    private final SnapshotFeed feed;
    private final List<ServiceInstance> instances = new ArrayList<>();

    ChangingList(int size, Environment environment) {
        this.feed = new SnapshotFeed("orders", environment);
        for (int i = 0; i < size; i++) {
            instances.add(ServiceInstance.builder("orders")
                    .id("i" + (1_000_000 + i))
                    .version(FourSubsets.version(i))
                    .address("10.0." + i / 250 + "." + (1 + i % 250), 8080)
                    .build());
        }
        feed.publish(instances);
    }

    /** The one in the middle. */
    ServiceInstance one() {
        return instances.get(instances.size() / 2);
    }

    /** The one in the middle is another now. */
    void replaceOne(ServiceInstance other) {
        instances.set(instances.size() / 2, other);
        feed.publish(instances);
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        return feed.subscribe(listener, () -> {});
    }

    @Override
    public ServiceSnapshot list(String service) {
        return new ServiceSnapshot(service, 0, instances);
    }

    @Override
    public Set<String> services() {
        return Set.of("orders");
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        throw new UnsupportedOperationException("the benchmark dictates the list");
    }

    @Override
    public String description() {
        return "changing list";
    }

    @Override
    public void close() {}
}
