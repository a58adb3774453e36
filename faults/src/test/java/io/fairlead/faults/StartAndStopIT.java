// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starting while the registry is down, and leaving nothing behind. */
class StartAndStopIT {
    @TempDir
    private Path folder;

    @Test
    void theRegistryIsDownAtTheStart() {
        try (ConsulServer consul = ConsulServer.start();
                TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port());
                Registry registry = Registry.connect("consul://127.0.0.1:" + proxy.port())) {
            consul.cli("services", "register", "-name=orders", "-id=a", "-address=10.0.0.1", "-port=80");
            proxy.refuse();
            double error;
            double success;
            try (Fairlead fairlead =
                    Fairlead.builder(registry).snapshots(folder).build()) {
                long startNanos = System.nanoTime();
                assertThatThrownBy(() -> pick(fairlead))
                        .isInstanceOf(NoInstanceException.class)
                        .hasMessageContaining("refused");
                error = (System.nanoTime() - startNanos) / 1e9;
                proxy.accept();
                success = Load.await(() -> picks(fairlead)) / 1e9;
            }
            proxy.refuse();
            double stored;
            try (Registry again = Registry.connect("consul://127.0.0.1:" + proxy.port());
                    Fairlead fairlead =
                            Fairlead.builder(again).snapshots(folder).build()) {
                long startNanos = System.nanoTime();
                pick(fairlead);
                stored = (System.nanoTime() - startNanos) / 1e9;
            }
            record(
                    "F04",
                    "consul refuses connections at the start",
                    "typed error ≤ 3 s; first success ≤ 6 s after its return; with a stored list first success ≤ 1 s",
                    "error after " + seconds(error) + "; success after " + seconds(success) + "; with a stored list "
                            + seconds(stored),
                    within(error, 3.1) & within(success, 6) & within(stored, 1));
        }
    }

    @Test
    void theRegistrysNameDoesNotResolve() {
        try (Registry registry = Registry.connect("consul://registry.invalid:8500");
                Fairlead fairlead = Fairlead.create(registry)) {
            long startNanos = System.nanoTime();
            assertThatThrownBy(() -> pick(fairlead)).isInstanceOf(NoInstanceException.class);
            assertThatThrownBy(() -> registry.list("orders")).isInstanceOf(RegistryException.class);
            double error = (System.nanoTime() - startNanos) / 1e9;
            record(
                    "F53",
                    "the registry's host does not resolve",
                    "typed errors ≤ 3 s each",
                    "two errors after " + seconds(error),
                    within(error, 6.1));
        }
    }

    @Test
    void aThousandCyclesLeaveNothingBehind() throws Exception {
        Set<Thread> others = Thread.getAllStackTraces().keySet(); // of tests before this one
        try (ConsulServer consul = ConsulServer.start()) {
            cycle(consul);
            Load.await(() -> ownThreads(others) == 0);
            long files = openFiles();
            for (int i = 0; i < 1_000; i++) {
                cycle(consul);
            }
            double gone = Load.await(() -> ownThreads(others) == 0) / 1e9;
            long more = openFiles() - files;
            record(
                    "F52",
                    "1,000 times: connect, register, watch, pick, close",
                    "no thread and no file descriptor left",
                    "0 threads after " + seconds(gone) + "; " + more + " descriptors more",
                    more <= 5);
            assertThat(more).isLessThan(20);
            assertThat(consul.cli("catalog", "services")).doesNotContain("orders");
        }
    }

    private static void cycle(ConsulServer consul) {
        RegistrationTiming hasty =
                RegistrationTiming.defaults().withPropagation(Duration.ZERO).withInFlight(Duration.ZERO);
        try (Registry registry = ConsulRegistry.builder()
                        .address("127.0.0.1:" + consul.port())
                        .timing(hasty)
                        .build();
                Fairlead fairlead = Fairlead.create(registry)) {
            Registration one = registry.register(
                    ServiceInstance.builder("orders").address("10.0.0.1", 80).build(), HealthCheck.none());
            one.idle();
            pick(fairlead);
        }
    }

    private static boolean picks(Fairlead fairlead) {
        try {
            pick(fairlead);
            return true;
        } catch (NoInstanceException notYet) {
            return false;
        }
    }

    private static void pick(Fairlead fairlead) {
        fairlead.acquire("orders", PickContext.none()).close();
    }

    /** Threads of ours, and of the clients we use. Before JDK 21 the JDK's client ends when it is collected as garbage. */
    private static long ownThreads(Set<Thread> others) {
        System.gc();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !others.contains(thread))
                .filter(thread -> thread.getName().matches("(fairlead|HttpClient|OkHttp).*"))
                .filter(thread -> !thread.getName().equals("OkHttp TaskRunner"))
                .count();
    }

    private static long openFiles() throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
