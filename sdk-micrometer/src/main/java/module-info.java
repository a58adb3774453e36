// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** What a balancer counts, as Micrometer's meters. */
@NullMarked
module io.fairlead.micrometer {
    requires transitive io.fairlead.balancer;
    requires transitive micrometer.core;
    requires static io.prometheus.metrics.model;
    requires static micrometer.registry.prometheus;

    exports io.fairlead.micrometer;
}
