// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.api.Registry;
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
        UriOptions parts = UriOptions.parse(uri, "localhost", 2379, Set.of());
        EtcdRegistry.Builder builder =
                EtcdRegistry.builder().endpoints(parts.addresses()).environment(environment);
        // The first slash ends the address; a second one is the first of the keys.
        String path = uri.getPath() == null ? "" : uri.getPath();
        if (path.length() > 1) {
            builder.namespace(path.substring(1));
        }
        String user = System.getenv("ETCD_USERNAME");
        String password = System.getenv("ETCD_PASSWORD");
        if (user != null && password != null && !user.isEmpty()) {
            builder.user(user, password);
        }
        return builder.build();
    }
}
