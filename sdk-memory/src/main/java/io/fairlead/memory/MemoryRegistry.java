// SPDX-License-Identifier: Apache-2.0
package io.fairlead.memory;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Environment;
import io.fairlead.spi.OpenRegistrations;
import io.fairlead.spi.RegistrationBackend;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.spi.SnapshotFeed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A registry in this JVM's memory: for services that find each other within one process, for tests, and as the default
 * of the demo. Health checks of instances are run by this process. Safe for any thread; listeners are called on the
 * environment's executor, never under the lock.
 */
public final class MemoryRegistry implements Registry {
    private final String name;
    private final Environment environment;
    private final OpenRegistrations registrations;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, SortedInstances> services = new HashMap<>(); // guarded by lock
    private final Map<String, SnapshotFeed> feeds = new HashMap<>(); // guarded by lock
    private boolean available = true; // guarded by lock
    private boolean closed; // guarded by lock

    private MemoryRegistry(Builder builder) {
        this.name = builder.name;
        this.environment = builder.environment;
        this.registrations = new OpenRegistrations(builder.timing, environment);
    }

    /** An empty registry with every default. */
    public static MemoryRegistry create() {
        return builder().build();
    }

    /**
     * A fixed list in code: exactly these instances, which nobody tends.
     *
     * @throws IllegalArgumentException when two of a service share an id
     */
    public static MemoryRegistry of(List<ServiceInstance> instances) {
        MemoryRegistry registry = create();
        for (ServiceInstance instance : instances) {
            if (registry.holds(instance.service(), instance.id())) {
                throw new IllegalArgumentException(
                        "id '" + instance.id() + "' twice in '" + instance.service() + "' (expected: unique ids)");
            }
            registry.put(instance);
        }
        return registry;
    }

    /** For other threads, time, or timings. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String description() {
        return name.isEmpty() ? "memory" : "memory " + name;
    }

    @Override
    public boolean isInProcess() {
        return true;
    }

    /**
     * Rehearses an outage: while not available, reads and writes fail and watches hear an interruption, as with a registry
     * that crashed; what is registered stays. For tests and demonstrations.
     */
    public void setAvailable(boolean value) {
        lock.lock();
        try {
            available = value;
            feeds.forEach((service, feed) -> {
                if (value) {
                    feed.publish(instances(service));
                } else {
                    feed.interrupt(unavailable());
                }
            });
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        return registrations.start(instance, check, new Record(instance), true);
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        String key = ServiceSnapshot.empty(service, 0).service();
        lock.lock();
        try {
            requireOpen();
            SnapshotFeed feed = feeds.computeIfAbsent(key, this::newFeed);
            return feed.subscribe(listener, () -> drop(key, feed));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ServiceSnapshot list(String service) {
        String key = ServiceSnapshot.empty(service, 0).service();
        lock.lock();
        try {
            requireAvailable();
            return new ServiceSnapshot(key, 0, instances(key));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Set<String> services() {
        lock.lock();
        try {
            requireAvailable();
            return new TreeSet<>(services.keySet());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            feeds.values().forEach(SnapshotFeed::close);
            feeds.clear();
        } finally {
            lock.unlock();
        }
        registrations.close();
    }

    private SnapshotFeed newFeed(String service) {
        SnapshotFeed feed = new SnapshotFeed(service, environment);
        if (available) {
            feed.publish(instances(service));
        } else {
            feed.interrupt(unavailable());
        }
        return feed;
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

    private List<ServiceInstance> instances(String service) {
        return services.getOrDefault(service, SortedInstances.NONE).list();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("registry " + description() + " is closed");
        }
    }

    /** Also when closed: what is registered must still be able to leave. */
    private void requireReachable() {
        if (!available) {
            throw unavailable();
        }
    }

    private void requireAvailable() {
        requireOpen();
        requireReachable();
    }

    private RegistryException unavailable() {
        return new RegistryException(RegistryException.Reason.UNAVAILABLE, description() + " is not available");
    }

    private void put(ServiceInstance instance) {
        lock.lock();
        try {
            requireReachable();
            SortedInstances known = services.getOrDefault(instance.service(), SortedInstances.NONE);
            services.put(instance.service(), known.with(instance));
            changed(instance.service());
        } finally {
            lock.unlock();
        }
    }

    private void remove(ServiceInstance instance) {
        lock.lock();
        try {
            requireReachable();
            SortedInstances known = services.get(instance.service());
            if (known != null && known.get(instance.id()) != null) {
                SortedInstances rest = known.without(instance.id());
                if (rest.isEmpty()) {
                    services.remove(instance.service());
                } else {
                    services.put(instance.service(), rest);
                }
                changed(instance.service());
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean holds(ServiceInstance instance) {
        lock.lock();
        try {
            requireReachable();
            return instance.equals(services.getOrDefault(instance.service(), SortedInstances.NONE)
                    .get(instance.id()));
        } finally {
            lock.unlock();
        }
    }

    private boolean holds(String service, String id) {
        lock.lock();
        try {
            return services.getOrDefault(service, SortedInstances.NONE).get(id) != null;
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

    /** One registration's verbs. */
    private final class Record implements RegistrationBackend {
        private volatile ServiceInstance mine;

        Record(ServiceInstance instance) {
            this.mine = instance;
        }

        @Override
        public void write(ServiceInstance instance) {
            mine = instance;
            put(instance);
        }

        @Override
        public boolean beat(ServiceInstance instance) {
            return holds(instance);
        }

        @Override
        public boolean isIntact(ServiceInstance instance) {
            return holds(instance);
        }

        @Override
        public void remove() {
            MemoryRegistry.this.remove(mine);
        }
    }

    /** Options of a {@link MemoryRegistry}. Not thread-safe. */
    public static final class Builder {
        private String name = "";
        private Environment environment = Environment.system();
        private RegistrationTiming timing = RegistrationTiming.defaults();

        private Builder() {}

        /** A name for messages; default none. */
        public Builder name(String value) {
            this.name = value;
            return this;
        }

        /** Clock, threads, listener; default {@link Environment#system()}. */
        public Builder environment(Environment value) {
            this.environment = value;
            return this;
        }

        /** How registrations are tended; default {@link RegistrationTiming#defaults()}. */
        public Builder timing(RegistrationTiming value) {
            this.timing = value;
            return this;
        }

        /** The registry. */
        public MemoryRegistry build() {
            return new MemoryRegistry(this);
        }
    }
}
