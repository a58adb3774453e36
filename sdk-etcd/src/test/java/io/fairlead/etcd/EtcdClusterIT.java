// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Three real members, of which one is lost at a time; and values that others write. */
@ExtendWith(WarmClient.class)
class EtcdClusterIT {
    private final List<EtcdServer> members = EtcdServer.startCluster(3);
    private final Registry registry = builder().build();
    private final RecordingSnapshots seen = new RecordingSnapshots();

    @AfterEach
    void stop() {
        registry.close();
        members.forEach(EtcdServer::close);
    }

    @Test
    void eachMemberInTurnMayBeLost() {
        registry.watch("orders", seen);
        Registration kept = registry.register(instance("kept"), HealthCheck.ttl());
        for (EtcdServer member : members) {
            member.kill();
            registerEventually("without-" + member.port());
            eventually(() -> assertThat(seen.ids()).contains("kept", "without-" + member.port()));
            member.restart();
        }
        eventually(() -> assertThat(seen.ids()).hasSize(4));
        eventually(() -> assertThat(kept.state()).isEqualTo(Registration.State.REGISTERED));
    }

    @Test
    void theLeaderMayBeLost() {
        registry.watch("orders", seen);
        registry.register(instance("before"), HealthCheck.ttl());
        EtcdServer leader =
                members.stream().filter(EtcdServer::isLeader).findFirst().orElseThrow();
        leader.kill();
        registerEventually("after");
        eventually(() -> assertThat(seen.ids()).containsExactly("after", "before"));
        assertThat(members.stream().filter(member -> member != leader).filter(EtcdServer::isLeader))
                .hasSize(1);
    }

    @Test
    void bareAddressesAreReadAndWritten() {
        EtcdServer any = members.get(0);
        try (Registry plain = builder().codec(ValueCodec.address()).build()) {
            plain.watch("orders", seen);
            any.ctl("put", "services/orders/7587849", "10.7.7.7:9000");
            any.ctl("put", "services/orders/odd", "{\"not\": \"an address\"}");
            plain.register(instance("ours"), HealthCheck.none());
            eventually(() -> assertThat(seen.ids()).containsExactly("7587849", "ours"));
            assertThat(seen.last().instances().get(0).authority()).isEqualTo("10.7.7.7:9000");
            assertThat(any.ctl("get", "services/orders/ours")).contains("10.0.0.1:8080");
        }
    }

    private EtcdRegistry.Builder builder() {
        return EtcdRegistry.builder()
                .endpoints(members.stream()
                        .map(member -> "127.0.0.1:" + member.port())
                        .toList())
                .timing(EtcdRegistryIT.QUICK);
    }

    private void registerEventually(String id) {
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(RegistryException.class)
                .until(() -> registry.register(instance(id), HealthCheck.none()) != null);
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
