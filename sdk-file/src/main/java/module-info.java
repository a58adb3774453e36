// SPDX-License-Identifier: Apache-2.0
import io.fairlead.file.FileRegistryProvider;
import io.fairlead.spi.RegistryProvider;
import org.jspecify.annotations.NullMarked;

/** A watched file as a registry. */
@NullMarked
module io.fairlead.file {
    requires transitive io.fairlead.api;
    requires com.fasterxml.jackson.databind;

    exports io.fairlead.file;

    provides RegistryProvider with
            FileRegistryProvider;
}
