// SPDX-License-Identifier: Apache-2.0
package io.fairlead.file;

import io.fairlead.api.Registry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistryProvider;
import io.fairlead.spi.UriOptions;
import java.net.URI;
import java.nio.file.Path;

/** Opens {@code file:/path/to/services.json}. */
public final class FileRegistryProvider implements RegistryProvider {
    /** For {@link java.util.ServiceLoader}. */
    public FileRegistryProvider() {}

    @Override
    public String scheme() {
        return "file";
    }

    @Override
    public Registry open(URI uri, Environment environment) {
        if (uri.getAuthority() != null || uri.getQuery() != null || uri.getPath() == null) {
            throw new IllegalArgumentException("registry URI: '" + UriOptions.shown(uri.toString())
                    + "' (expected: an absolute path, as in 'file:/etc/services.json')");
        }
        return new FileRegistry(Path.of(uri.getPath()), environment);
    }
}
