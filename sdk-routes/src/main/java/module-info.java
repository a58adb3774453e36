// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** Routing and options in a document, changed while running. */
@NullMarked
module io.fairlead.routes {
    requires transitive io.fairlead.balancer;
    requires static io.fairlead.circuitbreaker;
    requires com.fasterxml.jackson.core;
    requires org.slf4j;
    requires org.snakeyaml.engine;

    exports io.fairlead.routes;
}
