// SPDX-License-Identifier: Apache-2.0
package io.fairlead.memory;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SnapshotFeed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/** Who is registered, and who wants to know. Safe for any thread; feeds call no listener under the lock. */
final class InstanceTable {
    private final String description;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, SortedInstances> services = new HashMap<>(); // guarded by lock
    private final Map<String, SnapshotFeed> feeds = new HashMap<>(); // guarded by lock
    private boolean available = true; // guarded by lock
    private boolean closed; // guarded by lock

    InstanceTable(String description, Environment environment) {
        this.description = description;
        this.environment = environment;
    }

    void setAvailable(boolean value) {
        lock.lock();
        try {
            available = value;
            feeds.forEach((service, feed) -> tell(feed, service));
        } finally {
            lock.unlock();
        }
    }

    Subscription watch(String service, SnapshotListener listener) {
        Objects.requireNonNull(listener, () -> "listener of '" + service + "': null (expected: a listener)");
        lock.lock();
        try {
            requireOpen();
            SnapshotFeed feed = feeds.computeIfAbsent(service, this::newFeed);
            return feed.subscribe(listener, () -> drop(service, feed));
        } finally {
            lock.unlock();
        }
    }

    List<ServiceInstance> list(String service) {
        lock.lock();
        try {
            requireOpen();
            requireReachable();
            return instances(service);
        } finally {
            lock.unlock();
        }
    }

    Set<String> services() {
        lock.lock();
        try {
            requireOpen();
            requireReachable();
            return new TreeSet<>(services.keySet());
        } finally {
            lock.unlock();
        }
    }

    void put(ServiceInstance instance) {
        lock.lock();
        try {
            requireReachable();
            services.put(instance.service(), known(instance.service()).with(instance));
            changed(instance.service());
        } finally {
            lock.unlock();
        }
    }

    void remove(ServiceInstance instance) {
        lock.lock();
        try {
            requireReachable();
            SortedInstances known = known(instance.service());
            if (known.get(instance.id()) == null) {
                return;
            }
            SortedInstances rest = known.without(instance.id());
            if (rest.isEmpty()) {
                services.remove(instance.service());
            } else {
                services.put(instance.service(), rest);
            }
            changed(instance.service());
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is registered, and as this says. */
    boolean holds(ServiceInstance instance) {
        lock.lock();
        try {
            requireReachable();
            return instance.equals(known(instance.service()).get(instance.id()));
        } finally {
            lock.unlock();
        }
    }

    /** Whether the id is taken. */
    boolean has(String service, String id) {
        lock.lock();
        try {
            return known(service).get(id) != null;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the watches; what is registered may still leave. */
    void close() {
        lock.lock();
        try {
            closed = true;
            feeds.values().forEach(SnapshotFeed::close);
            feeds.clear();
        } finally {
            lock.unlock();
        }
    }

    private SnapshotFeed newFeed(String service) {
        SnapshotFeed feed = new SnapshotFeed(service, environment);
        tell(feed, service);
        return feed;
    }

    private void tell(SnapshotFeed feed, String service) {
        if (available) {
            feed.publish(instances(service));
        } else {
            feed.interrupt(unavailable());
        }
    }

    private void drop(String service, SnapshotFeed feed) {
        lock.lock();
        try {
            if (!feed.hasListeners()) {
                feeds.remove(service, feed);
            }
        } finally {
            lock.unlock();
        }
    }

    private void changed(String service) {
        SnapshotFeed feed = feeds.get(service);
        if (feed != null) {
            feed.publish(instances(service));
        }
    }

    private List<ServiceInstance> instances(String service) {
        return known(service).list();
    }

    private SortedInstances known(String service) {
        return services.getOrDefault(service, SortedInstances.NONE);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "registry " + description + " is closed (expected: an open one; close the balancer before it)");
        }
    }

    /** Asked also when closed: what is registered must still be able to leave. */
    private void requireReachable() {
        if (!available) {
            throw unavailable();
        }
    }

    private RegistryException unavailable() {
        return new RegistryException(RegistryException.Reason.UNAVAILABLE, description + " is not available");
    }
}
