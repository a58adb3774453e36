// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real etcd that dies, hangs, forgets, and is looked at by its own command line. */
@ExtendWith(WarmClient.class)
class EtcdFaultIT {
    private final RecordingListener events = new RecordingListener();
    private final RecordingSnapshots seen = new RecordingSnapshots();
    private final EtcdServer etcd = EtcdServer.start();
    private final TcpProxy proxy = TcpProxy.to("127.0.0.1", etcd.port());
    private final Registry registry = builder(proxy.port()).build();

    @AfterEach
    void stop() {
        registry.close();
        proxy.close();
        etcd.close();
    }

    @Test
    void aKilledServerThatComesBackWithItsDataIsFollowedOn() {
        registry.register(instance("one"), HealthCheck.ttl());
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
        etcd.kill();
        eventually(() -> assertThat(seen.interruptions()).isNotEmpty());
        etcd.restart();
        registerEventually("two");
        eventually(() -> assertThat(seen.ids()).containsExactly("one", "two"));
    }

    @Test
    void aServerWhoseDataWasWipedGetsItsRegistrationsBack() {
        Registration one = registry.register(instance("one"), HealthCheck.ttl());
        for (int i = 0; i < 10; i++) {
            etcd.ctl("put", "unrelated", String.valueOf(i));
        }
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
        etcd.kill();
        etcd.wipe();
        etcd.restart();
        eventually(() -> assertThat(one.state())
                .as(() -> String.valueOf(one.lastError()) + events.events())
                .isEqualTo(Registration.State.REGISTERED));
        eventually(() ->
                assertThat(etcd.ctl("get", "--prefix", "services/orders/")).contains("10.0.0.1:8080"));
        registerEventually("two");
        eventually(() -> assertThat(seen.ids()).containsExactly("one", "two"));
    }

    @Test
    void aHungServerIsNoticedAndFollowedOn() {
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.last()).isNotNull());
        etcd.pause();
        eventually(() -> assertThat(seen.interruptions()).isNotEmpty());
        etcd.resume();
        registerEventually("one");
        eventually(() -> assertThat(seen.ids()).containsExactly("one"));
    }

    @Test
    void fifteenResetsEndAtTheServersTruth() {
        registry.watch("orders", seen);
        try (Registry writer = builder(etcd.port()).build()) {
            for (int i = 0; i < 15; i++) {
                writer.register(instance("i" + i), HealthCheck.none());
                proxy.resetAll();
            }
            eventually(() -> assertThat(seen.ids()).hasSize(15));
        }
        eventually(() -> assertThat(seen.ids()).isEmpty());
    }

    @Test
    void changesAndCompactionWhileCutOffAreSeenAfterwards() {
        registry.watch("orders", seen);
        try (Registry writer = builder(etcd.port()).build()) {
            Registration gone = writer.register(instance("gone"), HealthCheck.none());
            writer.register(instance("stays"), HealthCheck.none());
            eventually(() -> assertThat(seen.ids()).containsExactly("gone", "stays"));
            proxy.refuse();
            gone.close();
            writer.register(instance("new"), HealthCheck.none());
            String revision = etcd.ctl("get", "x", "-w", "json").replaceAll(".*\"revision\":(\\d+).*\\s*", "$1");
            etcd.ctl("compact", revision);
            proxy.accept();
            eventually(() -> assertThat(seen.ids()).containsExactly("new", "stays"));
        }
    }

    @Test
    void aLostKeyAndARevokedLeaseAreRepaired() {
        registry.register(instance("one"), HealthCheck.ttl());
        etcd.ctl("del", "services/orders/one");
        eventually(() ->
                assertThat(etcd.ctl("get", "--prefix", "services/orders/")).contains("10.0.0.1:8080"));
        String lease = etcd.ctl("lease", "list")
                .lines()
                .reduce((a, b) -> b)
                .orElseThrow()
                .strip();
        etcd.ctl("lease", "revoke", lease);
        eventually(() ->
                assertThat(etcd.ctl("get", "--prefix", "services/orders/")).contains("10.0.0.1:8080"));
        assertThat(events.events("repaired")).isNotEmpty();
    }

    @Test
    void etcdsOwnCommandLineShowsUsAndWeSeeWhatGoWrites() {
        registry.register(instance("one"), HealthCheck.none());
        assertThat(etcd.ctl("get", "services/orders/one"))
                .contains("{\"Op\":0,\"Addr\":\"10.0.0.1:8080\",\"Metadata\":{\"id\":\"one\",\"weight\":1");
        registry.watch("orders", seen);
        etcd.ctl("put", "services/orders/10.8.8.8:9000", "{\"Op\":0,\"Addr\":\"10.8.8.8:9000\",\"Metadata\":null}");
        etcd.ctl("put", "services/orders/rubbish", "not json");
        eventually(() -> assertThat(seen.ids()).containsExactly("10.8.8.8:9000", "one"));
        eventually(() -> assertThat(events.events("rejected orders services/orders/rubbish"))
                .hasSize(1));
    }

    @Test
    void anHttpCheckRunHereDrivesTheStatus() {
        try (Registry checked = builder(etcd.port()).build();
                TcpProxy answering = TcpProxy.to("127.0.0.1", etcd.port())) {
            checked.watch("orders", seen);
            checked.register(
                    ServiceInstance.builder("orders")
                            .id("one")
                            .address("127.0.0.1", answering.port())
                            .build(),
                    HealthCheck.http("/version").every(Duration.ofMillis(200)));
            eventually(() -> assertThat(statusOf(seen)).isEqualTo(InstanceStatus.PASSING));
            answering.refuse();
            eventually(() -> assertThat(statusOf(seen)).isEqualTo(InstanceStatus.CRITICAL));
            answering.accept();
            eventually(() -> assertThat(statusOf(seen)).isEqualTo(InstanceStatus.PASSING));
        }
    }

    @Test
    void userAndPasswordAreNeededWhereAuthIsOn() {
        etcd.ctl("user", "add", "root:hunter2");
        etcd.ctl("user", "grant-role", "root", "root");
        etcd.ctl("auth", "enable");
        try (Registry known = builder(etcd.port()).user("root", "hunter2").build()) {
            assertThatThrownBy(() -> registry.register(instance("one"), HealthCheck.none()))
                    .isInstanceOf(RegistryException.class)
                    .message()
                    .doesNotContain("hunter2");
            Registration one = known.register(instance("one"), HealthCheck.ttl());
            known.watch("orders", seen);
            eventually(() -> assertThat(seen.ids()).containsExactly("one"));
            // Its tokens were in memory only: everybody must be let in anew.
            etcd.kill();
            etcd.restart();
            eventually(() -> assertThat(one.state()).isEqualTo(Registration.State.REGISTERED));
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptionsInstanceOf(RegistryException.class)
                    .until(() -> known.register(instance("two"), HealthCheck.none()) != null);
            eventually(() -> assertThat(seen.ids()).containsExactly("one", "two"));
        }
    }

    /** A codec that refuses everything once stands for an event lost on the way. */
    @Test
    void whatAWatchMissedIsSeenAtTheNextFullList() {
        AtomicInteger refusals = new AtomicInteger(1);
        ValueCodec forgetful = new ValueCodec() {
            @Override
            public byte[] encode(ServiceInstance instance) {
                return ValueCodec.naming().encode(instance);
            }

            @Override
            public ServiceInstance decode(String service, String id, byte[] value) {
                if (refusals.getAndDecrement() > 0) {
                    throw new IllegalArgumentException("not this time");
                }
                return ValueCodec.naming().decode(service, id, value);
            }
        };
        try (Registry listing = builder(etcd.port())
                .codec(forgetful)
                .fullListEvery(Duration.ofSeconds(3))
                .build()) {
            listing.watch("orders", seen);
            eventually(() -> assertThat(seen.last()).isNotNull());
            etcd.ctl("put", "services/orders/one", "{\"Op\":0,\"Addr\":\"10.0.0.1:8080\"}");
            eventually(() -> assertThat(seen.ids()).containsExactly("one"));
            assertThat(seen.interruptions()).isEmpty();
        }
    }

    private void registerEventually(String id) {
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            registry.register(instance(id), HealthCheck.none());
            return true;
        });
    }

    private EtcdRegistry.Builder builder(int port) {
        return EtcdRegistry.builder()
                .endpoints(List.of("127.0.0.1:" + port))
                .timing(EtcdRegistryIT.QUICK)
                .environment(Environment.system().withListener(events));
    }

    private static InstanceStatus statusOf(RecordingSnapshots seen) {
        assertThat(seen.ids()).hasSize(1);
        return seen.last().instances().get(0).status();
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0.1", 8080)
                .build();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(assertion);
    }
}
