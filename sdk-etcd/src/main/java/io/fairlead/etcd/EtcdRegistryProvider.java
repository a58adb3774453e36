// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.api.Registry;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistryProvider;
import io.fairlead.spi.UriOptions;
import java.net.URI;
import java.util.Set;

/**
 * Opens {@code etcd://host:port,host:port/namespace}; two slashes before the namespace when the keys begin with one. User
 * and password, if any, are taken from the environment variables {@code ETCD_USERNAME} and {@code ETCD_PASSWORD}; TLS needs
 * the builder.
 */
public final class EtcdRegistryProvider implements RegistryProvider {
    /** For {@link java.util.ServiceLoader}. */
    public EtcdRegistryProvider() {}

    @Override
    public String scheme() {
        return "etcd";
    }

    @Override
    public Registry open(URI uri, Environment environment) {
        EtcdRegistry.Builder builder = builder(uri, environment);
        String path = path(uri);
        if (!path.isEmpty()) {
            builder.namespace(path);
        }
        return builder.build();
    }

    /** {@code etcd://host:port,host:port/key}; two slashes before a key that begins with one. */
    @Override
    public DocumentSource document(URI uri, Environment environment) {
        EtcdRegistry.Builder builder = builder(uri, environment);
        String path = path(uri);
        if (path.isEmpty()) {
            throw new IllegalArgumentException("document URI: '" + UriOptions.shown(uri.toString())
                    + "' (expected: a key, as in 'etcd://localhost:2379/fairlead/routes')");
        }
        return builder.document(path);
    }

    /** The first slash ends the address; a second one is the first of the keys. */
    private static String path(URI uri) {
        String path = uri.getPath();
        return path == null || path.isEmpty() ? "" : path.substring(1);
    }

    private static EtcdRegistry.Builder builder(URI uri, Environment environment) {
        UriOptions parts = UriOptions.parse(uri, "localhost", 2379, Set.of());
        EtcdRegistry.Builder builder =
                EtcdRegistry.builder().endpoints(parts.addresses()).environment(environment);
        String user = System.getenv("ETCD_USERNAME");
        String password = System.getenv("ETCD_PASSWORD");
        if (user != null && password != null && !user.isEmpty()) {
            builder.user(user, password);
        }
        return builder;
    }
}
