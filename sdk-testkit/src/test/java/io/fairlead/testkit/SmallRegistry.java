// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The smallest registry that passes the contract; the broken ones each override one thing. */
class SmallRegistry implements Registry {
    final Environment environment;
    final Map<String, Map<String, ServiceInstance>> services = new ConcurrentHashMap<>();
    final Map<String, SnapshotFeed> feeds = new ConcurrentHashMap<>();
    private final OpenRegistrations registrations;
    volatile boolean available = true;
    volatile boolean closed;

    SmallRegistry(RecordingListener events) {
        environment = Environment.system().withListener(events);
        registrations = new OpenRegistrations(
                RegistrationTiming.defaults()
                        .withBeat(Duration.ofMillis(30))
                        .withPropagation(Duration.ZERO)
                        .withInFlight(Duration.ZERO),
                environment);
    }

    void outage(boolean begins) {
        available = !begins;
        feeds.forEach((service, feed) -> {
            if (begins) {
                feed.interrupt(unavailable());
            } else {
                feed.publish(instances(service));
            }
        });
    }

    void put(ServiceInstance instance) {
        requireAvailable();
        synchronized (services) {
            services.computeIfAbsent(instance.service(), service -> new TreeMap<>())
                    .put(instance.id(), instance);
            changed(instance.service());
        }
    }

    void remove(ServiceInstance instance) {
        requireAvailable();
        synchronized (services) {
            services.getOrDefault(instance.service(), new TreeMap<>()).remove(instance.id());
            changed(instance.service());
        }
    }

    void changed(String service) {
        SnapshotFeed feed = feeds.get(service);
        if (feed != null) {
            feed.publish(instances(service));
        }
    }

    List<ServiceInstance> instances(String service) {
        synchronized (services) {
            return new ArrayList<>(services.getOrDefault(service, Map.of()).values());
        }
    }

    final void requireAvailable() {
        if (!available) {
            throw unavailable();
        }
    }

    private static RegistryException unavailable() {
        return new RegistryException(RegistryException.Reason.UNAVAILABLE, "not available");
    }

    final void requireOpen() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        return registrations.start(instance, check, new Record(instance), true);
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        requireOpen();
        synchronized (services) {
            SnapshotFeed feed = feeds.computeIfAbsent(service, name -> {
                SnapshotFeed made = new SnapshotFeed(name, environment);
                made.publish(instances(name));
                return made;
            });
            return feed.subscribe(listener, () -> {});
        }
    }

    @Override
    public ServiceSnapshot list(String service) {
        requireAvailable();
        return new ServiceSnapshot(service, 1, instances(service));
    }

    @Override
    public Set<String> services() {
        return new TreeSet<>(services.keySet());
    }

    @Override
    public String description() {
        return "small";
    }

    @Override
    public void close() {
        closed = true;
        registrations.close();
    }

    private final class Record implements RegistrationBackend {
        private volatile ServiceInstance mine;

        Record(ServiceInstance instance) {
            mine = instance;
        }

        @Override
        public void write(ServiceInstance instance) {
            mine = instance;
            put(instance);
        }

        @Override
        public boolean beat(ServiceInstance instance) {
            requireAvailable();
            return true;
        }

        @Override
        public boolean isIntact(ServiceInstance instance) {
            return true;
        }

        @Override
        public void remove() {
            SmallRegistry.this.remove(mine);
        }
    }
}
