// SPDX-License-Identifier: Apache-2.0
import io.fairlead.memory.MemoryRegistryProvider;
import io.fairlead.spi.RegistryProvider;
import org.jspecify.annotations.NullMarked;

/** The in-memory registry. */
@NullMarked
module io.fairlead.memory {
    requires transitive io.fairlead.api;

    exports io.fairlead.memory;

    provides RegistryProvider with
            MemoryRegistryProvider;
}
