// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.balancer.Fairlead;
import io.fairlead.spi.RegistryProvider;
import io.fairlead.spi.kit.Providers;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this process is. Read once, on a thread that may wait: the name of the host can be a question to a name server. */
final class ProcessFacts {
    private final String name;
    private final long startedMillis;
    private volatile @Nullable String host;
    private volatile List<String> registryModules = List.of();

    ProcessFacts(String name, Clock clock) {
        this.name = name;
        this.startedMillis = ProcessHandle.current()
                .info()
                .startInstant()
                .orElse(clock.instant())
                .toEpochMilli();
    }

    /** Asks what may take time. */
    void ask() {
        registryModules = schemes();
        String given = System.getenv("HOSTNAME");
        try {
            host = given != null && !given.isBlank()
                    ? given
                    : InetAddress.getLocalHost().getHostName();
        } catch (IOException unknown) {
            host = null;
        }
    }

    Model.Process row(Clock clock) {
        return new Model.Process(
                name,
                ProcessHandle.current().pid(),
                host,
                Math.max(0, (clock.millis() - startedMillis) / 1_000),
                Fairlead.class.getPackage().getImplementationVersion(),
                System.getProperty("java.vendor", "") + " " + Runtime.version(),
                okHttp(),
                registryModules);
    }

    private static @Nullable String okHttp() {
        try {
            Object version = Class.forName("okhttp3.OkHttp").getField("VERSION").get(null);
            return String.valueOf(version);
        } catch (ReflectiveOperationException | LinkageError absent) {
            return null;
        }
    }

    private static List<String> schemes() {
        List<String> schemes = new ArrayList<>();
        for (RegistryProvider provider : Providers.of(RegistryProvider.class, broken -> schemes.add("(broken)"))) {
            try {
                schemes.add(provider.scheme());
            } catch (RuntimeException | Error broken) {
                schemes.add(provider.getClass().getName() + " (broken)");
            }
        }
        schemes.sort(null);
        return List.copyOf(schemes);
    }
}
