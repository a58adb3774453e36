// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Values, the registry and its two halves, health checks, events, and the SPI for backends, policies and guards. */
@NullMarked
module io.fairlead.api {
    requires static transitive org.jspecify;

    exports io.fairlead.api;
    exports io.fairlead.spi;

    uses io.fairlead.spi.BalancingPolicy;
    uses io.fairlead.spi.InstanceGuard.Factory;
    uses io.fairlead.spi.RegistryProvider;
    uses io.fairlead.spi.ServiceGuard.Factory;
}
