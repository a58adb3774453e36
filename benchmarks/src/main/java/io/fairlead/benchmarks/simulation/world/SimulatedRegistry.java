// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A registry of one service whose list the scenario dictates. Each client hears of a list after a delay of its own, as
 * events of the simulation. For one thread.
 */
public final class SimulatedRegistry implements Registry, EventQueue.Target {
    private final String service;
    private final EventQueue queue;
    private final int target;
    private final List<SnapshotListener> listeners = new ArrayList<>();
    private final List<Long> delays = new ArrayList<>();
    private final List<ServiceSnapshot> published = new ArrayList<>();
    private final SplitMix random;
    private final long skewNanos;

    /** @param skewNanos longest delay between a change and a client's hearing of it */
    public SimulatedRegistry(String service, EventQueue queue, long seed, long skewNanos) {
        this.service = service;
        this.queue = queue;
        this.skewNanos = skewNanos;
        this.random = SplitMix.stream(seed, SplitMix.Purpose.REGISTRY, 0);
        this.target = queue.register(this);
        this.published.add(ServiceSnapshot.empty(service, 0));
    }

    /** The list from now on. */
    public void publish(List<ServiceInstance> instances) {
        published.add(new ServiceSnapshot(service, published.size(), instances));
        for (int i = 0; i < listeners.size(); i++) {
            queue.schedule(queue.nanos() + delays.get(i), target, i << 16 | published.size() - 1);
        }
    }

    @Override
    public void happen(int argument) {
        listeners.get(argument >>> 16).onSnapshot(published.get(argument & 0xffff));
    }

    @Override
    public Subscription watch(String name, SnapshotListener listener) {
        listeners.add(listener);
        delays.add(skewNanos == 0 ? 0 : Math.floorMod(random.nextLong(), skewNanos));
        listener.onSnapshot(list(name));
        return () -> {};
    }

    @Override
    public ServiceSnapshot list(String name) {
        return published.get(published.size() - 1);
    }

    @Override
    public Set<String> services() {
        return Set.of(service);
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        throw new UnsupportedOperationException("the scenario dictates the list");
    }

    @Override
    public String description() {
        return "simulated";
    }

    @Override
    public void close() {}
}
