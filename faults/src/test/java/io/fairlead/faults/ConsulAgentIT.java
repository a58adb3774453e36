// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Client agents of Consul, which know less than its servers, or more. */
class ConsulAgentIT {
    private static final String TOKEN = "7d0c1f9e-1b52-4a71-b0a8-cafecafecafe";

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"TTL", "no"})
    void theServersAreWipedBehindAnAgentThatLivesOn(String checks) throws Exception {
        try (ConsulServer server = ConsulServer.start();
                ConsulServer agent = server.startClient();
                Rig rig = new Rig();
                Registry truth = Registry.connect(server.uri());
                Registry registry = Registry.connect(agent.uri());
                Load load = Load.on(registry)) {
            rig.registerAll(
                    registry,
                    checks.equals("TTL") ? HealthCheck.ttl().every(Duration.ofSeconds(15)) : HealthCheck.none());
            load.awaitInstances(4);
            load.runFor(8);
            long from = load.log().now();
            server.kill();
            server.restart();
            double back = Load.await(() -> usable(truth) == 4) / 1e9;
            load.runFor(20);
            List<CallLog.Call> calls = Rig.since(load, from);
            record(
                    checks.equals("TTL") ? "F55" : "F55 no check",
                    "consul's servers come back empty behind an agent that lives on, " + checks + " checks",
                    "0 failed; four instances all the time; all back at the servers ≤ 5 s",
                    Rig.failed(calls) + " of " + calls.size() + " failed; back after " + seconds(back),
                    Rig.failed(calls) == 0 & within(back, 5));
            assertThat(Rig.failed(calls)).isZero();
            assertThat(load.ids()).hasSize(4);
            assertThat(load.status().instances()).noneMatch(view -> view.suspect());
        }
    }

    @Tag("long")
    @Test
    void oneOfTwoAgentsIsBehind(@TempDir Path folder) throws Exception {
        Path state = folder.resolve("state");
        try (ConsulServer ahead = ConsulServer.start();
                ConsulServer behind = ConsulServer.start();
                TurningAgents agents = new TurningAgents(ahead, behind);
                Registry writer = outside(ahead);
                Registry reader = ConsulRegistry.builder()
                        .address(agents.address())
                        .wait(Duration.ofSeconds(1))
                        .build()) {
            writer.register(instance("stays"), HealthCheck.none());
            Registration leaving = writer.register(instance("leaves"), HealthCheck.none());
            // What one of them knew then is all the other knows, and ever will.
            ahead.cli("snapshot", "save", state.toString());
            behind.cli("snapshot", "restore", state.toString());
            RecordingSnapshots seen = new RecordingSnapshots();
            reader.watch("orders", seen);
            Load.await(() -> seen.ids().equals(List.of("leaves", "stays")));
            leaving.close();
            double gone = Load.await(() -> seen.ids().equals(List.of("stays"))) / 1e9;
            int lists = seen.snapshots().size();
            int staleAnswers = agents.answersOf(1);
            LockSupport.parkNanos(75 * Rig.SECOND);
            writer.register(instance("new"), HealthCheck.none());
            double noticed = Load.await(() -> seen.ids().contains("new")) / 1e9;
            long back = seen.snapshots().stream()
                    .skip(lists)
                    .filter(list ->
                            list.instances().stream().anyMatch(each -> each.id().equals("leaves")))
                    .count();
            record(
                    "F57",
                    "two consuls behind one address at random turns, one of them (restored from a snapshot) behind for"
                            + " 75 s",
                    "an instance that was removed is never listed again; a new one is seen ≤ 15 s",
                    back + " times listed again, with " + (agents.answersOf(1) - staleAnswers)
                            + " answers of the one behind; gone after " + seconds(gone) + ", a new one seen after "
                            + seconds(noticed),
                    back == 0 & within(noticed, 15));
            assertThat(back).isZero();
            assertThat(agents.answersOf(1) - staleAnswers).isGreaterThan(10);
        }
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"", TOKEN})
    void theStateIsLostAndTheIndexEqualsOurs(String token) throws Exception {
        try (ConsulServer consul =
                        ConsulServer.start(new ConsulServer.Options(true, token.isEmpty() ? null : token, null, null));
                TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port());
                Rig rig = new Rig();
                Registry registry = ConsulRegistry.builder()
                        .address("127.0.0.1:" + proxy.port())
                        .token(() -> token.isEmpty() ? null : token)
                        .build();
                Load load = Load.on(registry)) {
            RawConsul raw = new RawConsul(consul.port(), token);
            rig.instances.subList(0, 3).forEach(raw::register);
            raw.moveTo(60);
            raw.register(rig.instances.get(3));
            long index = raw.index("orders");
            load.awaitInstances(4);
            load.runFor(2);
            long from = load.log().now();
            proxy.refuse();
            consul.kill();
            consul.restart();
            rig.instances.subList(0, 2).forEach(raw::register);
            raw.moveTo(index - 1);
            raw.register(rig.instances.get(2));
            long again = raw.index("orders");
            proxy.accept();
            double held = Load.await(() -> load.status().instances().stream()
                                    .filter(view -> view.suspect())
                                    .count()
                            == 1)
                    / 1e9;
            double gone = Load.await(() -> load.ids().size() == 3) / 1e9;
            load.runFor(2);
            List<CallLog.Call> calls = Rig.since(load, from);
            String kind = token.isEmpty() ? "" : " token";
            record(
                    "F58" + kind,
                    "consul" + (token.isEmpty() ? "" : " with a token")
                            + " loses its state and comes to the very index it had, with one instance fewer",
                    "0 failed; the missing one held ≤ 10 s, let go ≤ 65 s later; fresh",
                    Rig.failed(calls) + " of " + calls.size() + " failed; index " + index + " and " + again
                            + "; held after " + seconds(held) + ", let go " + seconds(gone) + " later; "
                            + (load.status().stale() ? "stale" : "fresh"),
                    Rig.failed(calls) == 0
                            & within(held, 10)
                            & within(gone, 65)
                            & !load.status().stale());
            assertThat(again).isEqualTo(index);
            assertThat(calls.stream()
                            .map(CallLog.Call::failure)
                            .filter(Objects::nonNull)
                            .distinct())
                    .isEmpty();
            assertThat(load.status().stale()).isFalse();
        }
    }

    private static Registry outside(ConsulServer server) {
        return ConsulRegistry.builder()
                .address("127.0.0.1:" + server.port())
                .externalNode("outside", "10.0.0.9")
                .timing(RegistrationTiming.defaults()
                        .withPropagation(Duration.ZERO)
                        .withInFlight(Duration.ZERO))
                .build();
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders").id(id).address("10.0.0.1", 80).build();
    }

    private static long usable(Registry registry) {
        return registry.list("orders").instances().stream()
                .filter(each -> each.status().isUsable())
                .count();
    }
}
