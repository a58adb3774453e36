// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static io.fairlead.faults.FaultLog.seconds;
import static io.fairlead.faults.FaultLog.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers a Consul gives rarely or never, from a fake one: no list is lost, and the next good answer counts. */
class ConsulAnswersIT {
    private final RecordingSnapshots seen = new RecordingSnapshots();
    private final RecordingListener events = new RecordingListener();
    private FakeConsul consul;
    private Registry registry;

    @BeforeEach
    void start() throws Exception {
        consul = new FakeConsul();
        registry = Registry.connect(consul.uri(), Environment.system().withListener(events));
        consul.instances(10, "a", "b");
        registry.watch("orders", seen);
        until(() -> seen.ids().equals(List.of("a", "b")));
    }

    @AfterEach
    void stop() {
        registry.close();
        consul.close();
    }

    @Test
    void theIndexGoesBack() {
        int before = consul.requests();
        consul.instances(3, "a", "b");
        double noticed = until(() -> !seen.interruptions().isEmpty());
        until(() -> consul.queries().get(consul.queries().size() - 1).contains("index=3"));
        int extra = consul.requests() - before - 1;
        consul.instances(4, "a", "b", "c");
        double visible = until(() -> seen.ids().contains("c"));
        record(
                "F07",
                "consul's index goes backwards",
                "believed after 12 answers in a row (an agent that is behind gives fewer), then the next change visible"
                        + " ≤ 1 s; ≤ 13 extra requests",
                "noticed after " + seconds(noticed) + "; change visible after " + seconds(visible) + "; " + extra
                        + " extra requests",
                within(visible, 1) & extra <= 13);
        assertThat(extra).isLessThanOrEqualTo(13);
    }

    @Test
    void noLeaderIsNotAnEmptyList() {
        List<FakeConsul.Answer> answers = List.of(
                FakeConsul.status(200, "[]", "X-Consul-KnownLeader", "false", "X-Consul-Index", "11"),
                FakeConsul.status(200, "[]", "X-Consul-LastContact", "63653", "X-Consul-Index", "11"),
                FakeConsul.status(500, "No cluster leader"),
                FakeConsul.status(200, ""));
        double worst = survives(answers);
        record(
                "F09",
                "no leader: header, contact lost a minute ago, status 500, empty body",
                "list kept; next good answer applied",
                "kept; applied after " + seconds(worst) + " at worst",
                true);
    }

    @Test
    void aTokenThatMayReadNothingLooksLikeAnEmptyListWithAHint() {
        double worst = survives(List.of(
                FakeConsul.status(200, "[]", "X-Consul-Results-Filtered-By-ACLs", "true", "X-Consul-Index", "11")));
        record(
                "F11 policy",
                "the token's policies are taken away: an empty list, with the header newer Consuls send",
                "list kept; interruption says so; next good answer applied",
                "kept; interrupted " + seen.interruptions().get(0).reason() + "; applied after " + seconds(worst),
                seen.interruptions().get(0).reason() == RegistryException.Reason.UNAUTHORIZED);
        assertThat(seen.interruptions())
                .extracting(RegistryException::reason)
                .contains(RegistryException.Reason.UNAUTHORIZED);
    }

    @Test
    void overloadIsObeyed() {
        consul.answer(11, FakeConsul.status(429, "slow down", "Retry-After", "3"));
        until(() -> !seen.interruptions().isEmpty());
        int before = consul.requests();
        double back = until(() -> consul.requests() > before);
        consul.instances(12, "a", "b", "c");
        until(() -> seen.ids().contains("c"));
        record(
                "F10",
                "429 with Retry-After: 3",
                "list kept; at most one request in the time announced",
                "kept; next request after " + seconds(back),
                back >= 2.5);
        assertThat(back).isGreaterThan(2.5);
    }

    @Test
    void truncatedBodiesAreNeverApplied() {
        List<RecordingSnapshots> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RecordingSnapshots one = new RecordingSnapshots();
            registry.watch("orders-" + i, one);
            all.add(one);
        }
        until(() -> all.stream().allMatch(one -> one.ids().equals(List.of("a", "b"))));
        String whole = FakeConsul.json(List.of("a", "x"));
        AtomicInteger cut = new AtomicInteger();
        consul.answer(100, exchange -> {
            int kept = 1 + whole.length() * (cut.getAndIncrement() % 20) / 20;
            exchange.getResponseHeaders().add("X-Consul-Index", "100");
            exchange.sendResponseHeaders(200, whole.length());
            exchange.getResponseBody()
                    .write(whole.substring(0, Math.min(kept, whole.length() - 1))
                            .getBytes(UTF_8));
            exchange.getResponseBody().flush();
        });
        until(() -> cut.get() >= 40);
        consul.instances(200, "a", "b", "c");
        until(() -> all.stream().allMatch(one -> one.ids().contains("c")));
        long partial = all.stream()
                .flatMap(one -> one.snapshots().stream())
                .filter(snapshot -> snapshot.isEmpty()
                        || snapshot.instances().stream()
                                .anyMatch(instance -> instance.id().equals("x")))
                .count();
        record(
                "F13",
                "bodies cut off at 20 places, each twice, under 20 watches",
                "0 partial lists; list kept",
                partial + " partial lists",
                partial == 0);
        assertThat(partial).isZero();
    }

    @Test
    void aBodyThatDripsIsCutOff() {
        RecordingSnapshots own = new RecordingSnapshots();
        try (Registry impatient = ConsulRegistry.builder()
                .address(consul.address())
                .wait(Duration.ofSeconds(1))
                .build()) {
            impatient.watch("orders", own);
            until(() -> own.ids().equals(List.of("a", "b")));
            consul.answer(11, exchange -> {
                exchange.getResponseHeaders().add("X-Consul-Index", "11");
                exchange.sendResponseHeaders(200, 1_000);
                for (int i = 0; i < 1_000; i++) {
                    exchange.getResponseBody().write('[');
                    exchange.getResponseBody().flush();
                    LockSupport.parkNanos(100_000_000L);
                }
            });
            double cut = until(() -> !own.interruptions().isEmpty());
            boolean kept = own.ids().equals(List.of("a", "b"));
            consul.instances(12, "a", "c");
            double visible = until(() -> own.ids().contains("c"));
            record(
                    "F14 drip",
                    "a body that comes a byte every 100 ms, wait 1 s",
                    "cut off ≤ 5 s, list kept; next good answer applied ≤ 5 s",
                    "cut off after " + seconds(cut) + "; " + (kept ? "kept" : "lost") + "; applied after "
                            + seconds(visible),
                    within(cut, 5) & within(visible, 5) & kept);
            assertThat(kept).isTrue();
        }
    }

    @Test
    void nonsenseIsRefused() {
        double worst = survives(List.of(
                FakeConsul.body(11, "<html>login</html>"),
                FakeConsul.body(12, "{\"a\":1}"),
                FakeConsul.body(13, "[1,2,\"x\",null]"),
                FakeConsul.body(14, "[{\"Service\":{\"Port\":\"8080\",\"ID\":7}}]"),
                FakeConsul.body(15, "[".repeat(5_000))));
        record(
                "F14",
                "HTML, an object, wrong types, deep nesting instead of a list",
                "update refused, list kept; next valid one applied ≤ 1 s after it is asked for",
                "kept; applied after " + seconds(worst) + " at worst",
                true);
    }

    @Test
    void aHugeBodyIsCutOff() {
        long before = usedBytes();
        consul.answer(11, exchange -> {
            exchange.getResponseHeaders().add("X-Consul-Index", "11");
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = new byte[1 << 20];
            Arrays.fill(chunk, (byte) ' ');
            for (int i = 0; i < 64; i++) {
                exchange.getResponseBody().write(chunk);
            }
        });
        until(() -> !seen.interruptions().isEmpty());
        long grown = Math.max(0, usedBytes() - before) >> 20;
        consul.instances(12, "a", "b", "c");
        double applied = until(() -> seen.ids().contains("c"));
        record(
                "F15",
                "a body of 64 MiB",
                "refused at 32 MiB; heap grows ≤ 64 MiB; next update applied",
                seen.interruptions().get(0).getMessage().replaceAll(".*: ", "") + "; heap grew by " + grown
                        + " MiB; applied after " + seconds(applied),
                grown <= 64);
    }

    @Test
    void aListenerThatThrowsOrBlocksHarmsNobody() {
        registry.watch("orders", snapshot -> {
            throw new IllegalStateException("on purpose");
        });
        CountDownLatch end = new CountDownLatch(1);
        registry.watch("orders", snapshot -> {
            try {
                boolean unused = end.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
        double worst = 0;
        for (int i = 0; i < 20; i++) {
            consul.instances(100 + i, "a", "n" + i);
            String expected = "n" + i;
            worst = Math.max(worst, until(() -> seen.ids().contains(expected)));
        }
        end.countDown();
        record(
                "F19",
                "a listener throws 20 times, another blocks",
                "every update reaches the others ≤ 1 s",
                "20 updates, slowest " + seconds(worst),
                within(worst, 1));
        assertThat(events.events("callback")).isNotEmpty();
    }

    /** Gives each bad answer, then a good one; seconds the slowest good one took. */
    private double survives(List<FakeConsul.Answer> answers) {
        double worst = 0;
        int number = 0;
        for (FakeConsul.Answer bad : answers) {
            number++;
            int interruptions = seen.interruptions().size();
            int rejected = events.events("rejected").size();
            consul.answer(1_000 + 2L * number, bad);
            until(() -> seen.interruptions().size() > interruptions
                    || events.events("rejected").size() > rejected);
            String expected = "good-" + number;
            consul.instances(1_001 + 2L * number, "a", expected);
            worst = Math.max(worst, until(() -> seen.ids().contains(expected)));
        }
        return worst;
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static double until(BooleanSupplier condition) {
        long startNanos = System.nanoTime();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(condition::getAsBoolean);
        return (System.nanoTime() - startNanos) / 1e9;
    }
}
