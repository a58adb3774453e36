// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceHealth.State;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The balancer's own checks against real sockets: out when they fail, back when they pass and live calls agree. */
@Tag("slow")
class ActiveCheckSocketTest {
    private static final Duration QUICK = Duration.ofMillis(200);

    private final List<AutoCloseable> resources = new ArrayList<>();
    private final Environment environment = Environment.system();
    private final FakeRegistry registry = new FakeRegistry(environment);

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }

    @Test
    void anHttpCheckDecidesWhoMayBeProbed() throws Exception {
        TinyServer server = server();
        Fairlead fairlead = fairlead(HealthCheck.http("/health"), server.port());
        await().until(() -> !server.host.isEmpty());
        assertThat(server.host).isEqualTo("127.0.0.1:" + server.port());
        server.code.set(503);
        becomes(fairlead, State.CHECK_FAILED);
        assertThat(health(fairlead).evidence()).isEqualTo("2 checks in a row failed: GET /health answered 503");
        assertThat(call(fairlead)).isEqualTo("well");
        server.code.set(204);
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            call(fairlead);
            return health(fairlead).state().isServing();
        });
    }

    @Test
    void aServerThatNeverAnswersIsTimedOut() throws Exception {
        TinyServer server = server();
        server.code.set(0);
        Fairlead fairlead = fairlead(HealthCheck.http("/health"), server.port());
        becomes(fairlead, State.CHECK_FAILED);
        assertThat(health(fairlead).evidence())
                .startsWith("2 checks in a row failed: ")
                .containsIgnoringCase("timed out");
    }

    @Test
    void aTcpCheckNeedsNoMoreThanAConnection() throws Exception {
        TinyServer server = server();
        server.code.set(500);
        Fairlead fairlead = fairlead(HealthCheck.tcp(), server.port());
        await().until(() -> server.connections.get() >= 3);
        assertThat(health(fairlead).state()).isEqualTo(State.ACTIVE);
        server.close();
        becomes(fairlead, State.CHECK_FAILED);
    }

    private TinyServer server() throws IOException {
        TinyServer server = new TinyServer();
        resources.add(server);
        return server;
    }

    /** Over the instance under test and another that is always well, or the one could never be taken out. */
    private Fairlead fairlead(HealthCheck check, int port) throws IOException {
        HealthPolicy health = HealthPolicy.defaults()
                .withCheck(check.every(QUICK).timeout(QUICK))
                .withFailures(2);
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(environment)
                .addressPolicy(AddressPolicy.defaults().allowLoopback())
                .forService("orders", o -> o.withHealth(health))
                .build();
        resources.add(0, fairlead);
        registry.lists(List.of(instance("checked", port), instance("well", server().port())));
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        return fairlead;
    }

    private static ServiceInstance instance(String id, int port) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("127.0.0.1", port)
                .build();
    }

    private static String call(Fairlead fairlead) {
        try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
            attempt.complete(Outcome.SUCCESS);
            return attempt.instance().id();
        }
    }

    private static void becomes(Fairlead fairlead, State state) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(health(fairlead).state()).isEqualTo(state));
    }

    private static InstanceHealth health(Fairlead fairlead) {
        return fairlead.status("orders").instances().get(0).health();
    }
}
