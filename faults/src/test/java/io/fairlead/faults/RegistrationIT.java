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
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.etcd.EtcdRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.RegistryServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that stop for a while, and goodbyes that race signs of life. */
@Tag("long")
class RegistrationIT {
    private static final int TTL_SECONDS = 3;
    private static final int ROUNDS = 500;

    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void aProcessStandsStillForTwiceItsTtl(String kind) throws Exception {
        RecordingSnapshots seen = new RecordingSnapshots();
        try (RegistryServer server = Rig.server(kind);
                Registry registry = Registry.connect(server.uri());
                Fleet fleet = new Fleet(server, 1, "-Dinstance.ttl=" + TTL_SECONDS)) {
            registry.watch("orders", seen);
            Load.await(() -> isUsable(seen));
            fleet.processes.get(0).pause();
            LockSupport.parkNanos(2 * TTL_SECONDS * Rig.SECOND);
            Load.await(() -> !isUsable(seen));
            fleet.processes.get(0).resume();
            double back = Load.await(() -> isUsable(seen)) / 1e9;
            int copies = registry.list("orders").instances().size();
            record(
                    kind.equals("consul") ? "F43" : "F43 etcd",
                    kind + ", a process stands still (SIGSTOP) for twice its TTL of " + TTL_SECONDS + " s",
                    "passing ≤ one beat (1 s) after it goes on; one registration",
                    "passing after " + seconds(back) + "; " + copies + " registration",
                    within(back, 1) & copies == 1);
            assertThat(copies).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void aGoodbyeRacesSignsOfLife(String kind) throws Exception {
        RegistrationTiming hasty = RegistrationTiming.defaults()
                .withPropagation(Duration.ZERO)
                .withInFlight(Duration.ZERO)
                .withBeat(Duration.ofMillis(1))
                .withReadBack(Duration.ofMillis(1));
        try (RegistryServer server = Rig.server(kind);
                Registry registry = open(kind, server, hasty)) {
            for (int i = 0; i < ROUNDS; i++) {
                race(registry.register(instance("one-" + i), HealthCheck.ttl()));
            }
            long zombies = registry.list("orders").instances().size();
            RecordingSnapshots seen = new RecordingSnapshots();
            registry.watch("orders", seen);
            Load.await(() -> seen.last() != null);
            LockSupport.parkNanos(Rig.SECOND);
            zombies = Math.max(zombies, seen.ids().size());
            record(
                    kind.equals("consul") ? "F44" : "F44 etcd",
                    kind + ", a close races beats, read-backs and reports, " + ROUNDS + " times",
                    "0 come back",
                    zombies + " came back",
                    zombies == 0);
            assertThat(zombies).isZero();
        }
    }

    /** Closes it while another thread reports, and every millisecond a beat is due. */
    private static void race(Registration registration) throws InterruptedException {
        CountDownLatch both = new CountDownLatch(1);
        Thread reporter = new Thread(() -> {
            try {
                both.await();
                for (InstanceStatus status : List.of(InstanceStatus.WARNING, InstanceStatus.PASSING)) {
                    registration.report(status, "racing");
                }
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
        reporter.start();
        both.countDown();
        registration.close();
        reporter.join();
    }

    private static Registry open(String kind, RegistryServer server, RegistrationTiming timing) {
        String address = "127.0.0.1:" + server.port();
        return kind.equals("consul")
                ? ConsulRegistry.builder().address(address).timing(timing).build()
                : EtcdRegistry.builder()
                        .endpoints(List.of(address))
                        .timing(timing)
                        .build();
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders").id(id).address("10.0.0.1", 80).build();
    }

    private static boolean isUsable(RecordingSnapshots seen) {
        return seen.last() != null
                && seen.last().instances().stream()
                        .anyMatch(each -> each.status().isUsable());
    }
}
