// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/** A status page of what the balancer of this process knows and does. */
@NullMarked
module io.fairlead.admin {
    requires transitive io.fairlead.balancer;
    requires jdk.httpserver;

    exports io.fairlead.admin;
}
