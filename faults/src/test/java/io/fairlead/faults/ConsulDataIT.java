// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a real Consul forgets, floods or refuses. */
class ConsulDataIT {
    private static final String TOKEN = "c0ffee00-1b52-4a71-b0a8-cafecafecafe";

    private final RecordingSnapshots seen = new RecordingSnapshots();

    @Test
    void aRestartLeavesTheIndexBelowOurs() {
        try (ConsulServer consul = ConsulServer.start();
                Registry registry = Registry.connect(consul.uri())) {
            for (int i = 0; i < 15; i++) {
                command(consul, "filler-" + i, 80);
            }
            command(consul, "old", 80);
            registry.watch("orders", seen);
            Load.await(() -> seen.ids().contains("old"));
            consul.kill();
            consul.restart();
            long upNanos = System.nanoTime();
            command(consul, "new", 80);
            Load.await(() -> seen.ids().equals(List.of("new")));
            double visible = (System.nanoTime() - upNanos) / 1e9;
            record(
                    "F08",
                    "consul restarts empty, our index higher than its own",
                    "change visible ≤ 2 s after it is up",
                    "visible after " + seconds(visible),
                    within(visible, 2));
        }
    }

    @Test
    void theTokenIsTakenAway() throws Exception {
        try (ConsulServer consul = ConsulServer.start(new ConsulServer.Options(true, TOKEN, null, null))) {
            RecordingListener events = new RecordingListener();
            String[] token = {TOKEN};
            try (Registry registry = ConsulRegistry.builder()
                            .address("127.0.0.1:" + consul.port())
                            .token(() -> token[0])
                            .wait(Duration.ofSeconds(2))
                            .environment(Environment.system().withListener(events))
                            .build();
                    Load load = Load.on(registry)) {
                Registration one = registry.register(instance("one"), HealthCheck.none());
                one.idle();
                load.awaitInstances(1);
                token[0] = "00000000-dead-dead-dead-000000000000";
                double alarm =
                        Load.await(() -> !events.events("interrupted orders").isEmpty()) / 1e9;
                boolean kept = load.ids().equals(List.of("one"));
                token[0] = TOKEN;
                double fresh = Load.await(() -> !load.status().stale()) / 1e9;
                record(
                        "F11",
                        "the ACL token is not accepted any more (403)",
                        "list kept; interruption says so; the token is nowhere to be seen",
                        (kept ? "kept" : "lost") + "; "
                                + events.events("interrupted").get(0) + " after " + seconds(alarm) + "; fresh "
                                + seconds(fresh) + " after the token is back",
                        kept);
                assertThat(kept).isTrue();
                assertThat(events.events() + registry.description()).doesNotContain(TOKEN, "dead-dead");
            }
        }
    }

    @Test
    @Tag("long")
    void aMissingTokenLooksLikeAnEmptyService() throws Exception {
        try (ConsulServer consul = ConsulServer.start(new ConsulServer.Options(true, TOKEN, null, null));
                Rig rig = new Rig();
                Registry operator = withToken(consul, () -> TOKEN)) {
            String[] token = {TOKEN};
            try (Registry registry = withToken(consul, () -> token[0]);
                    Load load = Load.on(registry)) {
                rig.registerAll(operator, HealthCheck.none());
                load.awaitInstances(4);
                load.runFor(3);
                long from = load.log().now();
                token[0] = null;
                load.runFor(6);
                boolean whole = load.ids().size() == 4;
                operator.register(instance("newcomer"), HealthCheck.none()).idle();
                double held =
                        Load.await(() -> load.status().instances().stream().allMatch(InstanceView::suspect)) / 1e9;
                load.runFor(57);
                List<CallLog.Call> calls = Rig.since(load, from);
                boolean kept = load.ids().size() == 4;
                token[0] = TOKEN;
                double fresh = Load.await(() -> load.ids().contains("newcomer")
                                && load.status().instances().stream().noneMatch(InstanceView::suspect))
                        / 1e9;
                record(
                        "F11 missing",
                        "the ACL token is missing: 200 and an empty list, the service changes meanwhile",
                        "0 failed for 60 s; held ≤ 5 s after the change; whole ≤ 5 s after the token is back",
                        Rig.failed(calls) + " of " + calls.size() + " failed; "
                                + (whole ? "list whole while nothing changed" : "list not whole") + ", held after "
                                + seconds(held) + "; whole " + seconds(fresh) + " after the token is back",
                        Rig.failed(calls) == 0 && kept & within(held, 5) & within(fresh, 5));
                assertThat(Rig.failed(calls)).isZero();
                assertThat(kept).isTrue();
            }
        }
    }

    private static Registry withToken(ConsulServer consul, Supplier<String> token) {
        return ConsulRegistry.builder()
                .address("127.0.0.1:" + consul.port())
                .token(token)
                .wait(Duration.ofSeconds(2))
                .build();
    }

    @Test
    void aWriteStormOnOtherServices() {
        try (ConsulServer consul = ConsulServer.start();
                TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port());
                Registry registry = Registry.connect("consul://127.0.0.1:" + proxy.port());
                Registry storm = Registry.connect(consul.uri())) {
            registry.watch("orders", seen);
            Load.await(() -> seen.last() != null);
            long startNanos = System.nanoTime();
            int burst = 0;
            int writes = 0;
            for (; System.nanoTime() - startNanos < 8_000_000_000L; writes++) {
                if (System.nanoTime() - startNanos < 3_000_000_000L) {
                    burst = proxy.requests();
                }
                Registration other = storm.register(
                        ServiceInstance.builder("other-" + writes % 50)
                                .id("o" + writes)
                                .address("10.0.0.1", 80)
                                .build(),
                        HealthCheck.none());
                other.idle();
            }
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            double rate = (proxy.requests() - burst) / (seconds - 3);
            record(
                    "F16",
                    "write storm on other services, ours is empty",
                    "≤ 2 requests a second for the watch, after a first burst of 4",
                    String.format(
                            Locale.ROOT, "%.2f requests a second under %.0f writes a second", rate, writes / seconds),
                    rate <= 2);
            assertThat(rate).isLessThan(6);
        }
    }

    @Test
    void aFlappingCheck() {
        try (ConsulServer consul = ConsulServer.start();
                Registry registry = Registry.connect(consul.uri());
                Registry own = Registry.connect(consul.uri())) {
            Registration one = own.register(instance("one"), HealthCheck.ttl());
            one.idle();
            registry.watch("orders", seen);
            Load.await(() -> seen.ids().size() == 1);
            int before = seen.snapshots().size();
            long startNanos = System.nanoTime();
            int flaps = 0;
            for (; System.nanoTime() - startNanos < 15_000_000_000L; flaps++) {
                InstanceStatus next = flaps % 2 == 0 ? InstanceStatus.CRITICAL : InstanceStatus.PASSING;
                one.report(next, "flap");
                Load.await(() -> one.instance().status() == next);
                LockSupport.parkNanos(100_000_000L);
            }
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            double calls = (seen.snapshots().size() - before) / seconds;
            record(
                    "F17",
                    "a check flaps " + Math.round(flaps / seconds) + " times a second",
                    "≤ 2 listener calls a second after a first burst of 4",
                    String.format(Locale.ROOT, "%.2f calls a second", calls),
                    calls <= 2.5);
            assertThat(calls).isLessThan(6);
        }
    }

    @Test
    void poisonedEntriesBesideGoodOnes() {
        try (ConsulServer consul = ConsulServer.start()) {
            RecordingListener events = new RecordingListener();
            try (Registry registry =
                    Registry.connect(consul.uri(), Environment.system().withListener(events))) {
                command(consul, "good-1", 80);
                command(consul, "good-2", 80);
                registry.watch("orders", seen);
                Load.await(() -> seen.ids().equals(List.of("good-1", "good-2")));
                String[] addresses = {
                    "10.0.0.9\r\nX: 1",
                    "u:p@evil.test",
                    "unix:///var/run/docker.sock",
                    "10.0.0.1/admin?x=",
                    "a".repeat(300)
                };
                for (int i = 0; i < addresses.length; i++) {
                    consul.cli(
                            "services",
                            "register",
                            "-name=orders",
                            "-id=bad-" + i,
                            "-port=80",
                            "-address=" + addresses[i]);
                }
                command(consul, "bad-port", 70_000);
                command(consul, "bad-port-2", -1);
                consul.cli(
                        "services",
                        "register",
                        "-name=orders",
                        "-id=twins",
                        "-port=81",
                        "-address=10.0.0.1",
                        "-tag=a",
                        "-tag=a");
                int poisons = addresses.length + 2;
                Load.await(() -> events.events("rejected").size() >= poisons);
                consul.cli("services", "deregister", "-id=good-2");
                double seen2 = Load.await(() -> seen.ids().equals(List.of("good-1", "twins"))) / 1e9;
                record(
                        "S1",
                        poisons + " poisoned entries beside two good ones, then one good one leaves",
                        "good ones right ≤ 1 s after every change; each poison rejected once",
                        "right after " + seconds(seen2) + "; "
                                + events.events("rejected").size() + " rejected",
                        within(seen2, 1) & events.events("rejected").size() == poisons);
                assertThat(events.events("rejected")).hasSize(poisons);
            }
        }
    }

    private static void command(ConsulServer consul, String id, int port) {
        consul.cli("services", "register", "-name=orders", "-id=" + id, "-address=10.0.0.1", "-port=" + port);
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders").id(id).address("10.0.0.1", 80).build();
    }
}
