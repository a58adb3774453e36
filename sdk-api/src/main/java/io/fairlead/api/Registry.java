// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistryProvider;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * A registry, both halves: {@link ServiceDiscovery} reads it, {@link ServiceRegistrar} writes it. Safe for any thread.
 * Opening one starts no I/O that could fail because the registry is down: it is used when it is needed and retried by
 * itself.
 */
public interface Registry extends ServiceDiscovery, ServiceRegistrar, AutoCloseable {

    /**
     * Opens a registry by its URI: {@code consul://host:port?dc=…}, {@code etcd://host:port,host:port/namespace},
     * {@code memory:name}, or any scheme a {@link RegistryProvider} on the class path claims. Secrets and TLS never
     * stand in the URI: use the backend's own builder or its usual environment variables.
     *
     * @throws IllegalArgumentException when the URI is malformed, has an option the backend does not know (the message
     *     names the nearest right one), or no provider claims its scheme
     */
    static Registry connect(String uri) {
        return connect(uri, Environment.system());
    }

    /** As {@link #connect(String)}, with a clock, threads and an event listener of the caller's. */
    static Registry connect(String uri, Environment environment) {
        URI parsed;
        try {
            // A bare scheme is no URI by itself.
            parsed = new URI(uri.endsWith(":") ? uri + "/" : uri);
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException(
                    "registry URI: " + Names.quote(uri) + " (expected: as in 'consul://localhost:8500')", malformed);
        }
        List<RegistryProvider> providers = new ArrayList<>();
        ServiceLoader.load(RegistryProvider.class).forEach(providers::add);
        List<RegistryProvider> matching = providers.stream()
                .filter(provider -> provider.scheme().equalsIgnoreCase(parsed.getScheme()))
                .toList();
        if (matching.size() == 1) {
            return matching.get(0).open(parsed, environment);
        }
        if (matching.isEmpty()) {
            String known =
                    providers.stream().map(RegistryProvider::scheme).sorted().collect(Collectors.joining(", "));
            throw new IllegalArgumentException("registry URI: " + Names.quote(uri) + " (expected: a scheme among "
                    + (known.isEmpty() ? "none" : known)
                    + "; is the backend's artifact, as in fairlead-consul, on the class path?)");
        }
        throw new IllegalArgumentException("scheme '" + parsed.getScheme() + "' is claimed by "
                + matching.get(0).getClass().getName() + " and "
                + matching.get(1).getClass().getName() + " (expected: one provider a scheme)");
    }

    /** What and where, without secrets, for messages: {@code consul http://localhost:8500}. */
    String description();

    /**
     * What the lists are read from, without secrets: {@link #description()} and whatever else decides what is listed, as a
     * data centre or a namespace. What is kept of one registry is never used for another identity. Default: the
     * description.
     */
    default String identity() {
        return description();
    }

    /**
     * Ends every watch and closes every open registration, bounded by their own deadlines (at most 3 s for a registry
     * that does not answer). Idempotent, safe from any thread.
     */
    @Override
    void close();
}
