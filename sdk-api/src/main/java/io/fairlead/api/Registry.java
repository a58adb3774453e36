// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistryProvider;
import io.fairlead.spi.UriOptions;
import io.fairlead.spi.kit.Providers;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A registry, both halves: {@link ServiceDiscovery} reads it, {@link ServiceRegistrar} writes it. Safe for any thread.
 * Opening one starts no I/O that could fail because the registry is down: it is used when it is needed and retried by
 * itself.
 */
public interface Registry extends ServiceDiscovery, ServiceRegistrar, AutoCloseable {

    /**
     * Opens a registry by its URI: {@code consul://host:port?dc=…}, {@code etcd://host:port,host:port/namespace},
     * {@code memory:name}, {@code file:/path/services.json}, or any scheme a {@link RegistryProvider} on the class path
     * claims. Secrets and TLS never stand in the URI: use the backend's own builder or its usual environment variables.
     *
     * @throws IllegalArgumentException when the URI is malformed, has an option the backend does not know (the message
     *     names the nearest right one), or no provider claims its scheme
     */
    static Registry connect(String uri) {
        return connect(uri, Environment.system());
    }

    /** As {@link #connect(String)}, with a clock, threads and an event listener of the caller's. */
    static Registry connect(String uri, Environment environment) {
        URI parsed = parse("registry", uri, "consul://localhost:8500");
        return provider("registry", uri, parsed.getScheme(), environment).open(parsed, environment);
    }

    /**
     * A document that a registry keeps under a key, by its URI: as for {@link #connect(String)}, with the key as path,
     * {@code consul://localhost:8500/fairlead/routes} or {@code etcd://localhost:2379/fairlead/routes}. Each watch of it has a
     * connection of its own, which ends with it.
     *
     * @throws IllegalArgumentException as {@link #connect(String)}, and when registries of this scheme keep no documents
     */
    static DocumentSource document(String uri) {
        return document(uri, Environment.system());
    }

    /** As {@link #document(String)}, with a clock, threads and an event listener of the caller's. */
    static DocumentSource document(String uri, Environment environment) {
        URI parsed = parse("document", uri, "consul://localhost:8500/fairlead/routes");
        return provider("document", uri, parsed.getScheme(), environment).document(parsed, environment);
    }

    private static URI parse(String what, String uri, String example) {
        try {
            // A bare scheme is no URI by itself.
            return new URI(uri.endsWith(":") ? uri + "/" : uri);
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException(
                    // The cause would repeat the whole of it, user info too.
                    what + " URI: " + Names.quote(UriOptions.shown(uri)) + ": " + malformed.getReason() + " at "
                            + malformed.getIndex() + " (expected: as in '" + example + "')");
        }
    }

    private static RegistryProvider provider(
            String what, String uri, @Nullable String scheme, Environment environment) {
        List<String> broken = new ArrayList<>();
        Map<RegistryProvider, String> providers = new LinkedHashMap<>();
        Consumer<Throwable> onBroken = failure -> {
            broken.add(String.valueOf(failure.getMessage()));
            environment.listener().onCallbackFailed("registry provider", failure);
        };
        for (RegistryProvider provider : Providers.of(RegistryProvider.class, onBroken)) {
            try {
                providers.put(provider, provider.scheme().toLowerCase(Locale.ROOT));
            } catch (Throwable failure) {
                onBroken.accept(new IllegalStateException(provider.getClass().getName() + ": " + failure, failure));
            }
        }
        String wanted = String.valueOf(scheme).toLowerCase(Locale.ROOT);
        List<RegistryProvider> matching = providers.keySet().stream()
                .filter(provider -> wanted.equals(providers.get(provider)))
                .toList();
        if (matching.size() == 1) {
            return matching.get(0);
        }
        if (matching.isEmpty()) {
            String known = providers.values().stream().sorted().collect(Collectors.joining(", "));
            throw new IllegalArgumentException(
                    what + " URI: " + Names.quote(UriOptions.shown(uri)) + " (expected: a scheme among "
                            + (known.isEmpty() ? "none" : known)
                            + "; is the backend's artifact, as in fairlead-consul, on the class path?)"
                            + (broken.isEmpty() ? "" : "; left out: " + String.join("; ", broken)));
        }
        throw new IllegalArgumentException("scheme '" + scheme + "' is claimed by "
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
     * What this process has registered here and not closed, by service and id; a copy. Default none, for registries that take no
     * registrations.
     */
    default List<Registration> registrations() {
        return List.of();
    }

    /**
     * Ends every watch and closes every open registration, bounded by their own deadlines (at most 3 s for a registry
     * that does not answer). Idempotent, safe from any thread.
     */
    @Override
    void close();
}
