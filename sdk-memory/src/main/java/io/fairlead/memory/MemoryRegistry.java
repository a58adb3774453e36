// SPDX-License-Identifier: Apache-2.0
package io.fairlead.memory;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.Environment;
import io.fairlead.spi.OpenRegistrations;
import io.fairlead.spi.RegistrationBackend;
import io.fairlead.spi.RegistrationTiming;
import java.util.List;
import java.util.Set;

/**
 * A registry in this JVM's memory: for services that find each other within one process, for tests, and as the default
 * of the demo. Health checks of instances are run by this process. Safe for any thread; listeners are called on the
 * environment's executor, never under the lock.
 */
public final class MemoryRegistry implements Registry {
    private final String description;
    private final OpenRegistrations registrations;
    private final InstanceTable table;

    private MemoryRegistry(Builder builder) {
        this.description = builder.name.isEmpty() ? "memory" : "memory " + builder.name;
        this.registrations = new OpenRegistrations(builder.timing, builder.environment);
        this.table = new InstanceTable(description, builder.environment);
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
            if (registry.table.has(instance.service(), instance.id())) {
                throw new IllegalArgumentException(
                        "id '" + instance.id() + "' twice in '" + instance.service() + "' (expected: unique ids)");
            }
            registry.table.put(instance);
        }
        return registry;
    }

    /** For other threads, time, or timings. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String description() {
        return description;
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
        table.setAvailable(value);
    }

    @Override
    public Registration register(ServiceInstance instance, HealthCheck check) {
        return registrations.start(instance, check, new Record(instance), true);
    }

    @Override
    public Subscription watch(String service, SnapshotListener listener) {
        return table.watch(canonical(service), listener);
    }

    @Override
    public ServiceSnapshot list(String service) {
        String name = canonical(service);
        return new ServiceSnapshot(name, 0, table.list(name));
    }

    @Override
    public Set<String> services() {
        return table.services();
    }

    @Override
    public List<Registration> registrations() {
        return registrations.list();
    }

    @Override
    public void close() {
        table.close();
        registrations.close();
    }

    /** Validates and spells a name as snapshots do. */
    private static String canonical(String service) {
        return ServiceSnapshot.empty(service, 0).service();
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
            table.put(instance);
        }

        @Override
        public boolean beat(ServiceInstance instance) {
            return table.holds(instance);
        }

        @Override
        public boolean isIntact(ServiceInstance instance) {
            return table.holds(instance);
        }

        @Override
        public void remove() {
            table.remove(mine);
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
