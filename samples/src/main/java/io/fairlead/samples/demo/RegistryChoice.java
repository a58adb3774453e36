// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import io.fairlead.api.EventListener;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.samples.demo.DemoOptions.RegistryKind;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.server.ConsulServer;
import io.fairlead.testkit.server.EtcdServer;
import io.fairlead.testkit.server.RealServers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The registry of a demo: one that answers, one started for the occasion, or memory.
 *
 * @param registry where the instances register
 * @param said which one it is and why, for people
 * @param server what was started for it, or null
 */
record RegistryChoice(
        Registry registry, String said, @Nullable AutoCloseable server) implements AutoCloseable {
    private static final String CONSUL = "consul://localhost:8500";
    private static final String ETCD = "etcd://localhost:2379/fairlead-demo";

    /** {@code listener} hears what becomes of the registrations. */
    static RegistryChoice of(RegistryKind kind, EventListener listener) {
        Environment environment = Environment.system().andListener(listener);
        return switch (kind) {
            case MEMORY -> memory("the embedded default; nothing installed, nothing started", environment);
            case CONSUL -> consul(environment);
            case ETCD -> etcd(environment);
            case AUTO -> auto(environment);
        };
    }

    private static RegistryChoice auto(Environment environment) {
        for (String uri : List.of(CONSUL, ETCD)) {
            RegistryChoice answering = answering(uri, environment);
            if (answering != null) {
                return answering;
            }
        }
        if (RealServers.find("consul") != null) {
            return consul(environment);
        }
        return RealServers.find("etcd") != null
                ? etcd(environment)
                : memory("no Consul and no etcd answers here, and no binary of either was found", environment);
    }

    private static RegistryChoice memory(String why, Environment environment) {
        return new RegistryChoice(Registry.connect("memory:demo", environment), "memory: " + why, null);
    }

    private static RegistryChoice consul(Environment environment) {
        RegistryChoice answering = answering(CONSUL, environment);
        if (answering != null) {
            return answering;
        }
        ConsulServer server = ConsulServer.start();
        return new RegistryChoice(
                Registry.connect(server.uri(), environment),
                "consul, started from " + RealServers.require("consul") + " at port " + server.port(),
                server);
    }

    private static RegistryChoice etcd(Environment environment) {
        RegistryChoice answering = answering(ETCD, environment);
        if (answering != null) {
            return answering;
        }
        EtcdServer server = EtcdServer.start();
        return new RegistryChoice(
                Registry.connect(server.uri() + "/fairlead-demo", environment),
                "etcd, started from " + RealServers.require("etcd") + " at port " + server.port(),
                server);
    }

    private static @Nullable RegistryChoice answering(String uri, Environment environment) {
        Registry registry = Registry.connect(uri, environment);
        try {
            registry.services();
            return new RegistryChoice(registry, registry.description() + ", which answered", null);
        } catch (RegistryException silent) {
            registry.close();
            return null;
        }
    }

    @Override
    public void close() throws Exception {
        registry.close();
        if (server != null) {
            server.close();
        }
    }
}
