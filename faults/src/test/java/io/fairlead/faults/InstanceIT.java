// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.server.ConsulServer;
import io.fairlead.testkit.server.RegistryServer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Instances, each a process, that die or leave while calls go on. */
@Tag("long")
class InstanceIT {

    @ParameterizedTest
    @CsvSource({"F27, 3, 0, 0", "F27 without retries, 1, 5, 0", "F28, 3, 0, 6", "F28 without retries, 1, 5, 6"})
    void oneOfFourIsKilled(String number, int attempts, int most, int ttl) throws Exception {
        try (ConsulServer consul = ConsulServer.start();
                Registry registry = Registry.connect(consul.uri());
                Fleet fleet = new Fleet(consul, 4, "-Dinstance.ttl=" + ttl);
                Load load = Load.with(balancer(registry).attempts(attempts))) {
            load.awaitInstances(4);
            load.runFor(10);
            long from = load.log().now();
            fleet.processes.get(0).close();
            double flipped = Load.await(() -> !isUsable(load, "orders-1")) / 1e9;
            load.runFor(1);
            long later = load.log().now();
            load.runFor(10);
            List<CallLog.Call> calls = Rig.since(load, from);
            long stillTried = load.log().picks(later, load.log().now()).stream()
                    .filter(pick -> pick.instance().equals("orders-1"))
                    .count();
            record(
                    number,
                    "kill -9 of one of four, " + (ttl == 0 ? "HTTP check every second" : "TTL check of " + ttl + " s")
                            + ", attempts " + attempts,
                    "failed ≤ " + most + "; nothing sent to it 1 s after Consul says so",
                    Rig.failed(calls) + " of " + calls.size() + " failed; Consul said so after " + seconds(flipped)
                            + "; " + stillTried + " sent later",
                    Rig.failed(calls) <= most && stillTried == 0);
            assertThat(Rig.failed(calls)).isLessThanOrEqualTo(3L * most);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void rollingRestartByTermAlone(String kind) throws Exception {
        try (RegistryServer server = Rig.server(kind);
                Registry registry = Registry.connect(server.uri());
                Fleet fleet = new Fleet(server, 4);
                Load load = Load.on(registry)) {
            load.awaitInstances(4);
            load.runFor(8);
            long from = load.log().now();
            double slowest = 0;
            for (int i = 0; i < 4; i++) {
                fleet.start("orders-new-" + i);
                load.awaitInstances(5);
                slowest = Math.max(slowest, fleet.processes.get(i).terminate());
                load.runFor(1);
            }
            load.runFor(3);
            List<CallLog.Call> calls = Rig.since(load, from);
            String suffix = kind.equals("consul") ? "" : " etcd";
            record(
                    "F39" + suffix,
                    kind + ", rolling restart of four, new one first, 1 s wait",
                    "0 failed",
                    Rig.failed(calls) + " of " + calls.size() + " failed",
                    Rig.failed(calls) == 0);
            record(
                    "F40" + suffix,
                    kind + ", the old ones get SIGTERM and nothing else",
                    "0 failed; exit ≤ 1 s wait + 10 s drain + 2 s",
                    Rig.failed(calls) + " failed; slowest exit " + seconds(slowest),
                    Rig.failed(calls) == 0 & within(slowest, 13));
            assertThat(Rig.failed(calls)).isZero();
            assertThat(load.ids()).hasSize(4).allMatch(id -> id.startsWith("orders-new"));
        }
    }

    @ParameterizedTest
    @CsvSource({"consul, killed", "consul, hung", "etcd, killed", "etcd, hung"})
    void exitWhileTheRegistryDoesNotAnswer(String kind, String how) throws Exception {
        try (RegistryServer server = Rig.server(kind);
                Registry registry = Registry.connect(server.uri());
                Fleet fleet = new Fleet(server, 1);
                Load load = Load.on(registry)) {
            load.awaitInstances(1);
            if (how.equals("killed")) {
                server.kill();
            } else {
                server.pause();
            }
            double exit = fleet.processes.get(0).terminate();
            record(
                    "F41 " + kind + " " + how,
                    kind + " " + how + " while an instance gets SIGTERM",
                    "exit delayed ≤ 3 s (0.5 s allowed for the process itself)",
                    "exit after " + seconds(exit),
                    within(exit, 3.5));
        }
    }

    @Test
    void consulRestartsEmptyAndFourRegistrationsComeBack() throws Exception {
        try (ConsulServer consul = ConsulServer.start();
                Registry registry = Registry.connect(consul.uri());
                Rig rig = new Rig()) {
            rig.registerAll(registry, HealthCheck.ttl());
            consul.kill();
            consul.restart();
            double back = Load.await(() -> rig.registrations.stream()
                                    .allMatch(registration -> registration.state() == Registration.State.REGISTERED)
                            && registry.list("orders").instances().size() == 4)
                    / 1e9;
            record(
                    "F42",
                    "consul restarts empty: its registrars",
                    "all four back ≤ heartbeat (5 s) + 2 s",
                    "back after " + seconds(back),
                    within(back, 7));
        }
    }

    private static boolean isUsable(Load load, String id) {
        return load.status().instances().stream()
                .anyMatch(view -> view.instance().id().equals(id)
                        && view.instance().status().isUsable());
    }

    private static FairleadBuilder balancer(Registry registry) {
        return Fairlead.builder(registry);
    }
}
