// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.Registry;
import java.net.URI;

/**
 * Opens registries of one URI scheme, and documents that they keep; found by {@link java.util.ServiceLoader}, so it has a public no-argument
 * constructor and a line both in {@code module-info} and in {@code META-INF/services}.
 */
public interface RegistryProvider {
    /** The scheme claimed, lower case, as in {@code consul}. Unique on a class path. */
    String scheme();

    /**
     * Opens the registry; no I/O that could fail because it is down.
     *
     * @throws IllegalArgumentException when the URI has a part or an option this backend does not know
     */
    Registry open(URI uri, Environment environment);

    /**
     * The document that a registry of this scheme keeps under the key that is the URI's path; no I/O. By default there are
     * none.
     *
     * @throws IllegalArgumentException when the URI has no key, or a part or an option this backend does not know, or there
     *     are no documents
     */
    default DocumentSource document(URI uri, Environment environment) {
        throw new IllegalArgumentException("document URI: registries of scheme '" + scheme()
                + "' keep none (expected: as in 'consul://localhost:8500/fairlead/routes')");
    }
}
