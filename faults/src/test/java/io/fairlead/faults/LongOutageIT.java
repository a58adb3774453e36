// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.samples.drill.Load;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten minutes without a registry, in virtual time: who asks how often. The exchanges themselves are real. */
class LongOutageIT {
    private static final int CLIENTS = 10;

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger answers = new AtomicInteger();

    @Test
    @Timeout(60)
    void tenMinutesWithoutConsul() throws Exception {
        List<Client> clients = new ArrayList<>();
        try (FakeConsul consul = new FakeConsul()) {
            consul.instances(10, "a", "b");
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(consul, i));
            }
            Load.await(() -> {
                time.advance(Duration.ofMillis(10));
                return clients.stream().allMatch(client -> client.asked.size() == 2);
            });
            long startNanos = time.nanos();
            // A message of its own for each answer, so that each failure is told.
            consul.answer(
                    11,
                    exchange -> FakeConsul.status(503, "down " + answers.incrementAndGet())
                            .write(exchange));
            clients.forEach(client -> client.asked.clear());
            Load.await(() -> clients.stream().allMatch(client -> client.failures() == 1));
            for (int step = 0; step < 60_000; step++) {
                time.advance(Duration.ofMillis(10));
                for (Client client : clients) {
                    Load.await(() -> client.failures() == 1 + client.asked.size());
                }
            }
            long first = 0;
            double most = 0;
            List<Long> later = new ArrayList<>();
            for (Client client : clients) {
                assertThat(client.seen.ids()).containsExactly("a", "b");
                long early = client.asked.stream()
                        .filter(at -> at - startNanos < 60 * Rig.SECOND)
                        .count();
                first = Math.max(first, early);
                most = Math.max(most, (client.asked.size() - early) / 9.0);
                client.asked.stream().skip(client.asked.size() / 2).forEach(later::add);
            }
            double spread = spread(later);
            record(
                    "F03",
                    "no registry for ten minutes (virtual), ten clients",
                    "lists kept; ≤ 20 attempts a client in the first minute, ≤ 12 a minute later; clients apart: the gaps"
                            + " between all attempts deviate by ≤ 1.5 of their mean (3 if all ask at once)",
                    String.format(
                            Locale.ROOT,
                            "kept; at most %d in the first minute, %.1f a minute later; deviation %.2f",
                            first,
                            most,
                            spread),
                    first <= 20 && most <= 12 && spread <= 1.5);
            assertThat(first).isLessThanOrEqualTo(20);
            assertThat(most).isLessThanOrEqualTo(12);
            assertThat(spread).isLessThanOrEqualTo(1.5);
        } finally {
            clients.forEach(client -> client.registry.close());
        }
    }

    /** How unevenly attempts lie in time, whoever made them: 0 when evenly, about 1 at random, more in groups. */
    private static double spread(List<Long> attempts) {
        long[] sorted = attempts.stream().mapToLong(at -> at).sorted().toArray();
        double mean = (sorted[sorted.length - 1] - sorted[0]) / (sorted.length - 1.0);
        double variance = IntStream.range(1, sorted.length)
                .mapToDouble(i -> sorted[i] - sorted[i - 1] - mean)
                .map(off -> off * off)
                .average()
                .orElseThrow();
        return Math.sqrt(variance) / mean;
    }

    /** One process: its token is asked for at each request, which tells us when. */
    private final class Client implements EventListener {
        final RecordingSnapshots seen = new RecordingSnapshots();
        final AtomicInteger failures = new AtomicInteger();
        final List<Long> asked = new CopyOnWriteArrayList<>();
        final Registry registry;

        Client(FakeConsul consul, int seed) {
            registry = ConsulRegistry.builder()
                    .address(consul.address())
                    .environment(time.environment(seed, this))
                    .token(() -> {
                        asked.add(time.nanos());
                        return null;
                    })
                    .build();
            registry.watch("orders", seen);
        }

        @Override
        public void onWatchInterrupted(String service, RegistryException cause) {
            failures.incrementAndGet();
        }

        int failures() {
            return failures.get();
        }
    }
}
