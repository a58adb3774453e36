// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is asked of a real Consul, and in how many queries at once. */
@ExtendWith(WarmClient.class)
class ConsulQueriesIT {
    private final ConsulServer consul = ConsulServer.start();
    private final RecordingSnapshots seen = new RecordingSnapshots();

    @AfterEach
    void stop() {
        consul.close();
    }

    @Test
    void tagsAndFiltersAreConsuls() {
        command("a", "-tag=v1", "-meta=team=red");
        command("b", "-tag=v2", "-meta=team=red");
        command("c", "-tag=v2", "-meta=team=blue");
        try (Registry tagged = builder().tag("v2").near("_agent").build();
                Registry filtered =
                        builder().filter("Service.Meta.team == \"red\"").build();
                Registry byUri = Registry.connect(consul.uri() + "?tag=v1");
                Registry odd = builder().filter("no such == \"language").build()) {
            assertThat(ids(tagged)).containsExactly("b", "c");
            assertThat(ids(filtered)).containsExactly("a", "b");
            assertThat(ids(byUri)).containsExactly("a");
            assertThatThrownBy(() -> odd.list("orders")).isInstanceOf(RegistryException.class);
            tagged.watch("orders", seen);
            await().untilAsserted(() -> assertThat(seen.ids()).containsExactly("b", "c"));
        }
    }

    @Test
    void anInstanceOnANodeWithoutAgentIsKeptInTheCatalog() {
        ServiceInstance printer = ServiceInstance.builder("printing")
                .id("laser")
                .address("10.9.9.9", 631)
                .weight(4)
                .tag("duplex")
                .zone("hall")
                .build();
        try (Registry registry = builder().externalNode("printer-1", "10.9.9.9").build()) {
            Registration registration = registry.register(printer, HealthCheck.none());
            registry.watch("printing", seen);
            await().untilAsserted(() -> assertThat(seen.instances()).containsExactly(printer));
            assertThat(consul.cli("catalog", "nodes")).contains("printer-1");
            registration.report(InstanceStatus.WARNING, "toner low");
            await().untilAsserted(
                            () -> assertThat(seen.instances().get(0).status()).isEqualTo(InstanceStatus.WARNING));
            registration.update(printer.toBuilder().weight(9).build());
            await().untilAsserted(
                            () -> assertThat(seen.instances().get(0).weight()).isEqualTo(9));
            registration.close();
            await().untilAsserted(() -> assertThat(seen.ids()).isEmpty());
        }
    }

    @Test
    void anAbsentDatacentreIsPassedOverForTheNext() {
        command("a");
        try (Registry registry = Registry.connect(consul.uri() + "?dc=mars,dc1")) {
            registry.watch("orders", seen);
            await().untilAsserted(() -> assertThat(seen.ids()).containsExactly("a"));
            assertThat(ids(registry)).containsExactly("a");
        }
    }

    @Test
    void sixtyFourQueriesAreHeldHoweverManyServicesAreWatched() {
        int services = 100;
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port());
                Registry registry = ConsulRegistry.builder()
                        .address("127.0.0.1:" + proxy.port())
                        .build()) {
            List<RecordingSnapshots> all = new ArrayList<>();
            for (int i = 0; i < services; i++) {
                RecordingSnapshots one = new RecordingSnapshots();
                registry.watch("service-" + i, one);
                all.add(one);
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> all.stream().allMatch(one -> one.last() != null));
            assertThat(proxy.openConnections())
                    .isLessThanOrEqualTo(QuerySlots.HELD + QuerySlots.UNHELD + Changes.TABLES);
            for (int i = 0; i < services; i += 9) {
                consul.cli("services", "register", "-name=service-" + i, "-id=x" + i, "-address=10.0.0.1", "-port=80");
            }
            await().atMost(Duration.ofSeconds(45)).untilAsserted(() -> {
                for (int i = 0; i < services; i += 9) {
                    assertThat(all.get(i).ids()).containsExactly("x" + i);
                }
            });
        }
    }

    private ConsulRegistry.Builder builder() {
        return ConsulRegistry.builder().address("127.0.0.1:" + consul.port()).timing(ConsulRegistryIT.QUICK);
    }

    private static List<String> ids(Registry registry) {
        return registry.list("orders").instances().stream()
                .map(ServiceInstance::id)
                .toList();
    }

    private void command(String id, String... more) {
        List<String> command = new ArrayList<>(
                List.of("services", "register", "-name=orders", "-id=" + id, "-address=10.0.0.1", "-port=80"));
        command.addAll(List.of(more));
        consul.cli(command.toArray(String[]::new));
    }
}
