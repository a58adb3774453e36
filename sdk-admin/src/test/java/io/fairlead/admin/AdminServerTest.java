// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the server answers, through real sockets. */
class AdminServerTest {
    private final EventLog events = new EventLog();
    private final MemoryRegistry registry = MemoryRegistry.of(
            List.of(instance("orders", 1).build(), instance("orders", 2).build()));
    private final Fairlead fairlead =
            Fairlead.builder(registry).addListener(events).build();

    static ServiceInstance.Builder instance(String service, int number) {
        return ServiceInstance.builder(service).id(service + "-" + number).address("127.0.0.1", 8_000 + number);
    }

    @Test
    void answersWithThePageAndTheStatusOfEveryService() throws Exception {
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        try (AdminServer server =
                AdminServer.builder(fairlead).port(0).events(events).start()) {
            RawClient client = new RawClient(server.uri());

            assertThat(client.get("/").header("Content-Security-Policy")).contains("script-src 'sha256-");
            assertThat(client.get("/api/v1/status").body())
                    .startsWith("{\"v\":1,")
                    .contains("\"service\":\"orders\"")
                    .contains("\"source\":\"live\"");
            assertThat(client.get("/api/v1/services/orders").body()).contains("\"id\":\"orders-1\"");
        }
    }
}
