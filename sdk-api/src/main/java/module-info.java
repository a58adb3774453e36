// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Values, the registry and its two halves, health checks, events, and the SPI for backends, policies and guards. */
@NullMarked
@SuppressWarnings("module") // those it exports the kit to are built later
module io.fairlead.api {
    requires static transitive org.jspecify;

    exports io.fairlead.api;
    exports io.fairlead.spi;
    // What only our own modules share.
    exports io.fairlead.spi.kit to
            io.fairlead.admin,
            io.fairlead.balancer,
            io.fairlead.circuitbreaker,
            io.fairlead.composite,
            io.fairlead.consul,
            io.fairlead.etcd,
            io.fairlead.http,
            io.fairlead.memory,
            io.fairlead.micrometer,
            io.fairlead.okhttp,
            io.fairlead.routes;

    uses io.fairlead.api.EventListener;
    uses io.fairlead.spi.BalancingPolicy;
    uses io.fairlead.spi.InstanceGuard.Factory;
    uses io.fairlead.spi.RegistryProvider;
    uses io.fairlead.spi.ServiceGuard.Factory;
}
