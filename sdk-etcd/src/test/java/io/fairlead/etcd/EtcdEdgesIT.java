// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.EtcdServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What others write into a real etcd, and what a codec may do. */
@ExtendWith(WarmClient.class)
class EtcdEdgesIT {
    /** A read-back that never comes: whatever is noticed is noticed by watching. */
    private static final RegistrationTiming UNREAD =
            EtcdRegistryIT.QUICK.withBeat(Duration.ofSeconds(5)).withReadBack(Duration.ofHours(1));

    private final RecordingListener events = new RecordingListener();
    private final RecordingSnapshots seen = new RecordingSnapshots();
    private final EtcdServer etcd = EtcdServer.start();

    @AfterEach
    void stop() {
        etcd.close();
    }

    @Test
    void whateverACodecThrowsConcernsOneEntry() {
        ThrowingCodec codec = new ThrowingCodec();
        try (Registry registry = builder().codec(codec).build()) {
            registry.watch("orders", seen);
            eventually(() -> assertThat(seen.last()).isNotNull());
            List<Throwable> thrown = List.of(
                    new NullPointerException("n"),
                    new StackOverflowError(),
                    new IOException("sneaky"),
                    new InterruptedException("sneaky"),
                    new NoClassDefFoundError("gone"),
                    new AssertionError("no"));
            for (Throwable next : thrown) {
                codec.thrown.set(next);
                etcd.ctl("put", "services/orders/bad", value("10.0.0.9:80"));
                eventually(() -> assertThat(events.events("rejected orders services/orders/bad"))
                        .anyMatch(told -> told.contains(next.getClass().getName())));
            }
            codec.thrown.set(null);
            codec.returnsNull = true;
            etcd.ctl("put", "services/orders/bad", value("10.0.0.9:80"));
            etcd.ctl("put", "services/orders/good", value("10.0.0.1:80"));
            eventually(() -> assertThat(seen.ids()).containsExactly("good"));
            assertThat(seen.interruptions()).isEmpty();
            assertThat(registry.list("orders").instances()).hasSize(1);
        }
    }

    @Test
    void memoryThatRanOutInAStepInterruptsTheWatchAndTheNextStepRuns() {
        ThrowingCodec codec = new ThrowingCodec();
        try (Registry registry = builder().codec(codec).build()) {
            registry.watch("orders", seen);
            eventually(() -> assertThat(seen.last()).isNotNull());
            codec.thrown.set(new OutOfMemoryError("for a while"));
            etcd.ctl("put", "services/orders/bad", value("10.0.0.9:80"));
            eventually(() -> assertThat(seen.interruptions()).isNotEmpty());
            codec.thrown.set(null);
            eventually(() -> assertThat(seen.ids()).containsExactly("bad"));
        }
    }

    @Test
    void aKeyOfOursThatSomebodyDeletesOrOverwritesIsOursAgainWithinThreeSeconds() {
        try (Registry registry = builder().timing(UNREAD).build()) {
            Registration one = registry.register(instance("one"), HealthCheck.none());
            String ours = etcd.ctl("get", "services/orders/one");
            etcd.ctl("del", "services/orders/one");
            within3Seconds(
                    () -> assertThat(etcd.ctl("get", "services/orders/one")).isEqualTo(ours));
            etcd.ctl("put", "services/orders/one", value("6.6.6.6:80"));
            within3Seconds(
                    () -> assertThat(etcd.ctl("get", "services/orders/one")).isEqualTo(ours));
            etcd.ctl("put", "--ignore-lease", "services/orders/one", value("6.6.6.6:80"));
            within3Seconds(
                    () -> assertThat(etcd.ctl("get", "services/orders/one")).isEqualTo(ours));
            eventually(() -> assertThat(one.state()).isEqualTo(Registration.State.REGISTERED));
            one.close();
            assertThat(etcd.ctl("get", "services/orders/one")).isEmpty();
        }
    }

    @Test
    void twoProcessesWithOneIdDoNotOverwriteEachOtherWithoutEnd() {
        try (Registry a = builder().timing(UNREAD).build();
                Registry b = builder().timing(UNREAD).build()) {
            a.register(instance("one"), HealthCheck.none());
            b.register(instance("one").toBuilder().weight(2).build(), HealthCheck.none());
            await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
            String json = etcd.ctl("get", "services/orders/one", "-w", "json");
            assertThat(Integer.parseInt(json.replaceAll("(?s).*\"version\":(\\d+).*", "$1")))
                    .isLessThanOrEqualTo(14);
        }
    }

    @Test
    void fiveHundredWatchesTakeTwelveThreadsAtMostAtRestAndAtChanges() throws IOException {
        var threads = ManagementFactory.getThreadMXBean();
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true); // those of earlier tests end
        int before = threads.getThreadCount();
        List<RecordingSnapshots> all = new ArrayList<>();
        try (Registry registry = builder().build()) {
            for (int i = 0; i < 500; i++) {
                RecordingSnapshots each = new RecordingSnapshots();
                all.add(each);
                registry.watch("s" + i, each);
            }
            eventually(() -> assertThat(all).allMatch(each -> each.last() != null));
            await().pollDelay(Duration.ofSeconds(2)).until(() -> true); // idle threads end
            assertThat(threads.getThreadCount() - before).isLessThanOrEqualTo(12);
            threads.resetPeakThreadCount();
            for (int from = 0; from < 500; from += 125) {
                putAtOnce(from, from + 125);
            }
            eventually(() -> assertThat(all).allMatch(each -> each.ids().size() == 1));
            etcd.ctl("del", "--prefix", "services/");
            eventually(() -> assertThat(all).allMatch(each -> each.ids().isEmpty()));
            assertThat(threads.getPeakThreadCount() - before).isLessThanOrEqualTo(12);
        }
    }

    /** {@code fairlead.fuzz.seconds} says for how long. */
    @Test
    void whateverForeignToolsWriteTheReachableAreListedAndTheWatchGoesOn() throws Exception {
        long seed = Long.getLong("fairlead.fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        ForeignValues values = new ForeignValues(random);
        Set<ByteSequence> good = new HashSet<>();
        try (Registry registry = builder().build();
                Client writer = Client.builder()
                        .endpoints("http://127.0.0.1:" + etcd.port())
                        .build()) {
            registry.watch("orders", seen);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("fairlead.fuzz.seconds", 9)) / 3;
            while (System.nanoTime() < end) {
                for (int i = 0; i < 20; i++) {
                    ByteSequence key = ByteSequence.from("services/orders/" + values.id(), UTF_8);
                    boolean isGood = random.nextBoolean();
                    String value = isGood ? values.good() : values.rubbish();
                    writer.getKVClient()
                            .put(key, ByteSequence.from(value, UTF_8))
                            .get(10, TimeUnit.SECONDS);
                    if (isGood) {
                        good.add(key);
                    }
                }
                for (ByteSequence key :
                        good.stream().limit(good.size() > 100 ? 60 : 5).toList()) {
                    writer.getKVClient().delete(key).get(10, TimeUnit.SECONDS);
                    good.remove(key);
                }
                eventually(() ->
                        assertThat(seen.last().instances()).as("seed " + seed).hasSize(good.size()));
            }
            assertThat(registry.list("orders").instances()).as("seed " + seed).hasSize(good.size());
            assertThat(seen.interruptions()).as("seed " + seed).isEmpty();
        }
    }

    /** One transaction, sent without a client that has threads. */
    private void putAtOnce(int from, int to) throws IOException {
        String puts = IntStream.range(from, to)
                .mapToObj(i -> "{\"requestPut\":{\"key\":\"" + base64("services/s" + i + "/a") + "\",\"value\":\""
                        + base64(value("10.0.0.1:80")) + "\"}}")
                .collect(Collectors.joining(","));
        var request = (HttpURLConnection) URI.create("http://127.0.0.1:" + etcd.port() + "/v3/kv/txn")
                .toURL()
                .openConnection();
        request.setDoOutput(true);
        request.getOutputStream().write(("{\"success\":[" + puts + "]}").getBytes(UTF_8));
        assertThat(request.getResponseCode()).isEqualTo(200);
        request.getInputStream().readAllBytes();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    @Test
    void aNamespaceThatBeginsWithASlashIsTheOneOfTheKeys() {
        etcd.ctl("put", "/microservices/orders/o1", value("10.0.0.1:80"));
        etcd.ctl("put", "/orders/o2", value("10.0.0.2:80"));
        etcd.ctl("put", "microservices/orders/o3", value("10.0.0.3:80"));
        try (Registry registry = builder().namespace("/microservices").build()) {
            assertThat(ids(registry)).containsExactly("o1");
            assertThat(registry.services()).containsExactly("orders");
            registry.watch("orders", seen);
            eventually(() -> assertThat(seen.ids()).containsExactly("o1"));
        }
        assertThat(idsAt("//microservices")).containsExactly("o1");
        assertThat(idsAt("//microservices/")).containsExactly("o1");
        assertThat(idsAt("//")).containsExactly("o2");
        assertThat(idsAt("/microservices")).containsExactly("o3");
        assertThatThrownBy(() -> builder().namespace("")).hasMessageContaining("expected");
    }

    @Test
    void valuesThatFillAnAnswerHideNobody() {
        etcd.ctl("put", "services/orders/good", value("10.0.0.1:80"));
        String large = "x".repeat(120_000);
        for (int i = 0; i < 45; i++) {
            etcd.ctl("put", "services/orders/large" + i, large);
        }
        try (Registry registry = builder().build()) {
            assertThat(ids(registry)).containsExactly("good");
            registry.watch("orders", seen);
            eventually(() -> assertThat(seen.ids()).containsExactly("good"));
        }
    }

    @Test
    void aRegistrationThatIsRefusedHalfwayLeavesNoLease() {
        etcd.ctl("user", "add", "root:r");
        etcd.ctl("user", "grant-role", "root", "root");
        etcd.ctl("user", "add", "reader:r");
        etcd.ctl("auth", "enable");
        try (Registry registry = builder().user("reader", "r").build()) {
            assertThatThrownBy(() -> registry.register(instance("one"), HealthCheck.none()))
                    .isInstanceOf(RegistryException.class);
            eventually(
                    () -> assertThat(etcd.ctl("--user=root:r", "lease", "list")).contains("found 0 leases"));
        }
    }

    @Test
    void aValueThatIsTooLargeOrACodecThatThrowsIsRefusedBeforeAnythingIsWritten() {
        ValueCodec codec = new ValueCodec() {
            @Override
            public byte[] encode(ServiceInstance instance) {
                if (instance.id().equals("throws")) {
                    throw new StackOverflowError();
                }
                return new byte[MAX_BYTES + 1];
            }

            @Override
            public ServiceInstance decode(String service, String idOfKey, byte[] value) {
                throw new IllegalArgumentException("none");
            }
        };
        try (Registry registry = builder().codec(codec).build()) {
            assertThatThrownBy(() -> registry.register(instance("large"), HealthCheck.none()))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("at most 1048576");
            assertThatThrownBy(() -> registry.register(instance("throws"), HealthCheck.none()))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("StackOverflowError");
            assertThat(etcd.ctl("lease", "list")).contains("found 0 leases");
        }
    }

    private EtcdRegistry.Builder builder() {
        return EtcdRegistry.builder()
                .endpoints(List.of("127.0.0.1:" + etcd.port()))
                .timing(EtcdRegistryIT.QUICK)
                .environment(Environment.system().withListener(events));
    }

    private List<String> idsAt(String path) {
        try (Registry registry = Registry.connect(etcd.uri() + path)) {
            return ids(registry);
        }
    }

    private static List<String> ids(Registry registry) {
        return registry.list("orders").instances().stream()
                .map(ServiceInstance::id)
                .toList();
    }

    private static String value(String address) {
        return "{\"Op\":0,\"Addr\":\"" + address + "\"}";
    }

    private static ServiceInstance instance(String id) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("10.0.0.1", 8080)
                .build();
    }

    private static void within3Seconds(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(3))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(assertion);
    }

    /** Throws what it was given for entries at 10.0.0.9, checked exceptions too. */
    private static final class ThrowingCodec implements ValueCodec {
        final AtomicReference<Throwable> thrown = new AtomicReference<>();
        volatile boolean returnsNull;

        @Override
        public byte[] encode(ServiceInstance instance) {
            return ValueCodec.naming().encode(instance);
        }

        @Override
        @SuppressWarnings("NullAway") // on purpose
        public ServiceInstance decode(String service, String id, byte[] value) {
            ServiceInstance instance = ValueCodec.naming().decode(service, id, value);
            if (instance.host().equals("10.0.0.9")) {
                Throwable next = thrown.get();
                if (next != null) {
                    ThrowingCodec.<RuntimeException>sneak(next);
                }
                return returnsNull ? null : instance;
            }
            return instance;
        }

        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        private static <X extends Throwable> void sneak(Throwable any) throws X {
            throw (X) any;
        }
    }
}
