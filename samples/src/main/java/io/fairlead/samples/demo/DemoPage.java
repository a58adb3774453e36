// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import io.fairlead.admin.AdminServer;
import io.fairlead.admin.EventLog;
import io.fairlead.balancer.Fairlead;
import java.io.UncheckedIOException;

/** Starts the status page of the demo's balancer: the product's own. */
final class DemoPage {
    private DemoPage() {}

    /** Serves on loopback, at {@code port} or, when that is taken, at a free one; says where. */
    static AdminServer start(Fairlead fairlead, EventLog events, int port) {
        AdminServer.Builder page =
                AdminServer.builder(fairlead).name("Fairlead demo").events(events);
        AdminServer started;
        try {
            started = page.port(port).start();
        } catch (UncheckedIOException taken) {
            started = page.port(0).start();
        }
        System.out.println("page      " + started.uri());
        return started;
    }
}
