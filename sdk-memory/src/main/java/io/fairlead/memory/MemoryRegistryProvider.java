// SPDX-License-Identifier: Apache-2.0
package io.fairlead.memory;

import io.fairlead.api.Registry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistryProvider;
import io.fairlead.spi.UriOptions;
import java.net.URI;

/**
 * Opens {@code memory:}: each URI opened is a registry of its own. To share one within a JVM, share the
 * {@link MemoryRegistry} object; there is no hidden map from names to registries.
 */
public final class MemoryRegistryProvider implements RegistryProvider {
    /** For {@link java.util.ServiceLoader}. */
    public MemoryRegistryProvider() {}

    @Override
    public String scheme() {
        return "memory";
    }

    @Override
    public Registry open(URI uri, Environment environment) {
        String name = uri.getSchemeSpecificPart().replaceFirst("^/+", "");
        if (name.indexOf('?') >= 0 || name.indexOf('@') >= 0) {
            throw new IllegalArgumentException("registry URI: '" + UriOptions.shown(uri.toString())
                    + "' (expected: 'memory:' or 'memory:name', no options)");
        }
        return MemoryRegistry.builder().name(name).environment(environment).build();
    }
}
