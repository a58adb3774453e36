// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.time.Duration;
import java.util.function.Supplier;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real Consul that dies, hangs, forgets, and is looked at by its own command line. */
@ExtendWith(WarmClient.class)
class ConsulFaultIT {
    private static final String TOKEN = "7d0c1f9e-1b52-4a71-b0a8-cafecafecafe";

    private final RecordingListener events = new RecordingListener();
    private final RecordingSnapshots seen = new RecordingSnapshots();
    private final ConsulServer consul = ConsulServer.start();
    private final Registry registry = open(consul.port());

    @AfterEach
    void stop() {
        registry.close();
        consul.close();
    }

    @Test
    void anAgentThatRestartsEmptyGetsItsRegistrationsBackAndTheNextChangeIsSeen() {
        Registration one = registry.register(instance("one"), HealthCheck.ttl());
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
        consul.kill();
        eventually(() -> assertThat(seen.interruptions()).isNotEmpty());
        consul.restart();
        eventually(() -> assertThat(one.state()).isEqualTo(Registration.State.REGISTERED));
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
        registry.register(instance("two"), HealthCheck.none());
        eventually(() -> assertThat(seen.ids()).containsExactly("one", "two"));
        eventually(() -> assertThat(events.events("repaired")).contains("repaired one"));
    }

    @Test
    void aHungAgentDelaysNobodyForLong() {
        Registration one = registry.register(instance("one"), HealthCheck.ttl());
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
        consul.pause();
        long startNanos = System.nanoTime();
        assertThatThrownBy(() -> registry.list("orders"))
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        hung -> assertThat(hung.reason()).isEqualTo(RegistryException.Reason.UNREACHABLE));
        one.close();
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(18));
        // Before it answers again: it carries out the deregistration then.
        assertThat(seen.ids()).containsExactly("one");
        consul.resume();
    }

    @Test
    void aRegistrationSomebodyElseRemovedIsRepaired() {
        Registration one = registry.register(instance("one"), HealthCheck.tcp().every(Duration.ofSeconds(1)));
        consul.cli("services", "deregister", "-id=one");
        eventually(() -> assertThat(events.events("repaired")).contains("repaired one"));
        eventually(() -> assertThat(consul.cli("catalog", "services")).contains("orders"));
        assertThat(one.state()).isEqualTo(Registration.State.REGISTERED);
    }

    @Test
    void consulsOwnCommandLineShowsUsAndWeSeeWhatItRegisters() {
        registry.register(instance("one"), HealthCheck.none());
        assertThat(consul.cli("catalog", "services", "-tags")).containsPattern("orders\\s+v2");
        registry.watch("reports", seen);
        consul.cli(
                "services", "register", "-name=reports", "-id=r1", "-address=10.7.7.7", "-port=9000", "-meta=zone=z1");
        eventually(() -> assertThat(seen.ids()).containsExactly("r1"));
        ServiceInstance reports = seen.instances().get(0);
        assertThat(reports.authority()).isEqualTo("10.7.7.7:9000");
        assertThat(reports.zone()).isEqualTo("z1");
    }

    @Test
    void oneBadEntryHidesNobody() {
        consul.cli("services", "register", "-name=orders", "-id=bad", "-address=u:p@evil.test", "-port=80");
        consul.cli("services", "register", "-name=orders", "-id=worse", "-address=10.0.0.1", "-port=70000");
        registry.register(instance("good"), HealthCheck.none());
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("good"));
        eventually(() -> assertThat(events.events("rejected")).hasSize(2));
    }

    @Test
    void anHttpCheckRunByTheAgentDrivesTheStatus() throws Exception {
        try (TcpProxy nothing = TcpProxy.to("127.0.0.1", 1)) {
            registry.register(
                    ServiceInstance.builder("orders")
                            .id("one")
                            .address("127.0.0.1", consul.port())
                            .build(),
                    HealthCheck.http("/v1/status/leader").every(Duration.ofSeconds(1)));
            registry.register(
                    ServiceInstance.builder("orders")
                            .id("two")
                            .address("127.0.0.1", nothing.port())
                            .build(),
                    HealthCheck.http("/health").every(Duration.ofSeconds(1)).timeout(Duration.ofSeconds(1)));
            registry.watch("orders", seen);
            eventually(() -> assertThat(seen.last()).isNotNull());
            eventually(() -> assertThat(seen.instances())
                    .extracting(instance -> instance.status().isUsable())
                    .containsExactly(true, false));
        }
    }

    /** Four a minute with the default wait of twenty seconds; here both are a tenth of it. */
    @Test
    void anIdleServiceCostsConsulAtMostFourRequestsInThreeTimesTheWait() {
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port());
                Registry watching = ConsulRegistry.builder()
                        .address("127.0.0.1:" + proxy.port())
                        .wait(Duration.ofSeconds(2))
                        .timing(ConsulRegistryIT.QUICK)
                        .environment(Environment.system().withListener(events))
                        .build()) {
            watching.watch("orders", seen);
            eventually(() -> assertThat(seen.last()).isNotNull());
            int before = proxy.requests();
            long startNanos = System.nanoTime();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> System.nanoTime() - startNanos
                            > Duration.ofSeconds(6).toNanos());
            assertThat(proxy.requests() - before).isBetween(1, 4);
        }
    }

    @Test
    void aTokenIsNeededWhereAclsAreOnAndIsNeverShown() {
        try (ConsulServer guarded = ConsulServer.start(new ConsulServer.Options(true, TOKEN, null, null));
                Registry anonymous = open(guarded.port());
                Registry known = withToken(guarded, () -> TOKEN)) {
            assertThatThrownBy(() -> anonymous.register(instance("one"), HealthCheck.none()))
                    .isInstanceOfSatisfying(
                            RegistryException.class,
                            denied -> assertThat(denied.reason()).isEqualTo(RegistryException.Reason.UNAUTHORIZED));
            known.register(instance("one"), HealthCheck.ttl());
            known.watch("orders", seen);
            eventually(() -> assertThat(seen.ids()).containsExactly("one"));
            assertThat(known.toString() + known.description() + events.events()).doesNotContain(TOKEN);
        }
    }

    @Test
    void aTokenThatIsMissingForAWhileLosesNothingAndHidesNothingLater() {
        String[] token = {TOKEN};
        try (ConsulServer guarded = ConsulServer.start(new ConsulServer.Options(true, TOKEN, null, null));
                Registry operator = withToken(guarded, () -> TOKEN);
                Registry watching = withToken(guarded, () -> token[0])) {
            operator.register(instance("one"), HealthCheck.none());
            watching.watch("orders", seen);
            eventually(() -> assertThat(seen.ids()).containsExactly("one"));
            token[0] = null;
            eventually(() -> assertThat(seen.interruptions())
                    .extracting(RegistryException::reason)
                    .containsExactly(RegistryException.Reason.UNAUTHORIZED));
            assertThat(seen.ids()).containsExactly("one");
            operator.register(instance("two"), HealthCheck.none());
            // The index moved: now it looks like an empty service, which the balancer holds for its grace.
            eventually(() -> assertThat(seen.ids()).isEmpty());
            token[0] = TOKEN;
            eventually(() -> assertThat(seen.ids()).containsExactly("one", "two"));
        }
    }

    private Registry withToken(ConsulServer server, Supplier<@Nullable String> token) {
        return ConsulRegistry.builder()
                .address("127.0.0.1:" + server.port())
                .token(token)
                .wait(Duration.ofSeconds(1))
                .timing(ConsulRegistryIT.QUICK)
                .environment(Environment.system().withListener(events))
                .build();
    }

    private Registry open(int port) {
        return ConsulRegistry.builder()
                .address("127.0.0.1:" + port)
                .timing(ConsulRegistryIT.QUICK)
                .environment(Environment.system().withListener(events))
                .build();
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0.1", 8080)
                .tag("v2")
                .build();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }
}
