// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.millis;
import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Registry;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.RegistryServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many services and many instances: few threads, quick updates. */
class ManyServicesIT {
    private static final int SERVICES = 1_000;

    @Test
    void aThousandWatchedServices() {
        int most = 8;
        Set<Thread> others = Thread.getAllStackTraces().keySet();
        try (RegistryServer server = Rig.server("consul");
                Registry registry = Registry.connect(server.uri())) {
            List<RecordingSnapshots> seen = new ArrayList<>();
            for (int i = 0; i < SERVICES; i++) {
                RecordingSnapshots each = new RecordingSnapshots();
                seen.add(each);
                registry.watch("service-" + i, each);
            }
            Load.await(() -> seen.stream().allMatch(each -> each.last() != null));
            List<String> settled = new ArrayList<>();
            // those that ran the first lists end after a second without work
            Load.await(() -> {
                settled.clear();
                settled.addAll(ours(others));
                return settled.size() <= most;
            });
            record(
                    "F51",
                    "consul, 1,000 watched services",
                    "≤ " + most + " threads",
                    settled.size() + " threads at rest",
                    settled.size() <= most);
            assertThat(settled).hasSizeLessThanOrEqualTo(most);
        }
    }

    @Test
    void aThousandInstancesChange() throws Exception {
        try (FakeConsul consul = new FakeConsul();
                Registry registry = Registry.connect(consul.uri())) {
            RecordingSnapshots seen = new RecordingSnapshots();
            registry.watch("orders", seen);
            Load.await(() -> seen.last() != null);
            double[] took = new double[12];
            for (int i = 0; i < took.length; i++) {
                String index = "index=" + (i == 0 ? 1 : 100 + i - 1);
                Load.await(
                        () -> consul.queries().get(consul.queries().size() - 1).contains(index));
                String mark = "-" + i;
                FakeConsul.Answer answer = FakeConsul.list(
                        100 + i,
                        IntStream.range(0, 1_000).mapToObj(each -> each + mark).toList());
                long startNanos = System.nanoTime();
                consul.answer(100 + i, answer);
                while (seen.ids().stream().noneMatch(id -> id.endsWith(mark))) {
                    Thread.onSpinWait();
                }
                took[i] = (System.nanoTime() - startNanos) / 1e6;
            }
            double[] warm = Arrays.copyOfRange(took, 4, took.length);
            Arrays.sort(warm);
            double median = warm[warm.length / 2];
            record(
                    "F51 update",
                    "all of 1,000 instances change, eight times after four",
                    "≤ 100 ms from the answer to the listener",
                    millis(median) + " (median), " + millis(warm[warm.length - 1]) + " (slowest)",
                    median <= 100);
            assertThat(median).isLessThan(1_000);
        }
    }

    private static List<String> ours(Set<Thread> others) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !others.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.matches("(fairlead|HttpClient|OkHttp).*"))
                .toList();
    }
}
