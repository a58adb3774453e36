// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.server.RegistryServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process without any heap for eight seconds goes on afterwards. */
@Tag("long")
class HeapIT {
    private static final int TIMES = 3;

    @ParameterizedTest
    @ValueSource(strings = {"consul", "etcd"})
    void theHeapIsExhaustedAndFreeAgain(String kind) throws Exception {
        List<Child> children = new ArrayList<>();
        double seen = 0;
        double back = 0;
        try (RegistryServer server = Rig.server(kind);
                Registry registry = Registry.connect(server.uri())) {
            for (int i = 1; i <= TIMES; i++) {
                Child child = new Child(server.uri());
                children.add(child);
                assertThat(child.hear()).isEqualTo("ready");
                child.tell();
                assertThat(child.hear()).isEqualTo("free");
                String id = "new-" + i;
                registry.register(
                        ServiceInstance.builder("orders")
                                .id(id)
                                .address("10.0.0.2", 80)
                                .build(),
                        HealthCheck.none());
                seen = Math.max(seen, Load.await(() -> child.ids().contains(id)) / 1e9);
                back = Math.max(back, Load.await(() -> isPassing(registry)) / 1e9);
                // It does not only last until its time is over: it beats.
                LockSupport.parkNanos(8 * Rig.SECOND);
                assertThat(isPassing(registry)).isTrue();
                assertThat(child.ids()).contains(id, "child");
                child.end();
                Load.await(() -> !isPassing(registry));
            }
        } finally {
            children.forEach(Child::end);
        }
        // Consul's question is answered by nobody any more, and is held for 20 s before it counts as lost.
        int patience = kind.equals("consul") ? 20 : 12;
        record(
                kind.equals("consul") ? "F56" : "F56 etcd",
                kind + ", a process of 64 MB has no heap left for 8 s, " + TIMES + " times",
                "lists and its own registration go on each time; a change is seen ≤ " + patience
                        + " s, passing again ≤ 12 s after it is free",
                "each time; change seen ≤ " + seconds(seen) + ", passing ≤ " + seconds(back),
                within(seen, patience) & within(back, 12));
    }

    private static boolean isPassing(Registry registry) {
        return registry.list("orders").instances().stream()
                .anyMatch(each -> each.id().equals("child") && each.status().isUsable());
    }

    /** One {@link HeapChild}. */
    private static final class Child {
        private final Process process;
        private final BufferedReader answers;
        private final PrintStream questions;

        Child(String uri) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx64m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            HeapChild.class.getName(),
                            uri)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
            questions = new PrintStream(process.getOutputStream(), true, UTF_8);
        }

        void tell() {
            questions.println();
        }

        String hear() {
            try {
                return String.valueOf(answers.readLine());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        List<String> ids() {
            tell();
            return List.of(hear().split(","));
        }

        void end() {
            process.destroyForcibly();
        }
    }
}
