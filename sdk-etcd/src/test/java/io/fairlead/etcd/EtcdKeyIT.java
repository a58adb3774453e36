// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Client;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingDocuments;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A key of a real etcd that wants users and passwords. */
@ExtendWith(WarmClient.class)
class EtcdKeyIT {
    private static EtcdServer etcd;
    private static Client root;

    private final String key = "fairlead/" + UUID.randomUUID();
    private final RecordingListener events = new RecordingListener();
    private final RecordingDocuments seen = new RecordingDocuments();
    private Subscription watch = () -> {};

    @BeforeAll
    static void start() {
        etcd = EtcdServer.start();
        etcd.ctl("user", "add", "root:hunter2");
        etcd.ctl("user", "grant-role", "root", "root");
        etcd.ctl("auth", "enable");
        root = builder(etcd.port(), "root").options().newClient(false);
    }

    @AfterAll
    static void end() {
        root.close();
        etcd.close();
    }

    @AfterEach
    void stop() {
        watch.close();
    }

    @Test
    void aKeyIsFoundChangedDeletedAndWrittenAgain() {
        DocumentSource source = source(etcd.port());
        watch = source.watch(seen);
        told("absent");
        write("a: 1");
        told("absent", "present a: 1");
        write("a: 2");
        told("absent", "present a: 1", "present a: 2");
        root.getKVClient().delete(KeyLayout.bytes(key)).join();
        told("absent", "present a: 1", "present a: 2", "absent");
        write("a: 2");
        told("absent", "present a: 1", "present a: 2", "absent", "present a: 2");
        write("");
        told("absent", "present a: 1", "present a: 2", "absent", "present a: 2", "present ");
        assertThat(seen.revisions())
                .allMatch(revision -> revision.matches("revision \\d+"))
                .doesNotHaveDuplicates();
        assertThat(source.description()).isEqualTo("etcd key " + key + " at http://127.0.0.1:" + etcd.port());
    }

    @Test
    void aWriteOfAnotherKeyOrOfTheSameValueTellsNothing() {
        write("a");
        watch = source(etcd.port()).watch(seen);
        told("present a");
        for (int i = 0; i < 50; i++) {
            write(key + "/below", "x" + i);
            write(key + "-beside", "x" + i);
            write("a");
        }
        write("b");
        told("present a", "present b");
    }

    @Test
    void rightsThatAreTakenAwayAreAFailureAndADocumentIsThereAgainWithThem() {
        write("a");
        ctl("role", "add", "reads");
        ctl("role", "grant-permission", "reads", "read", key);
        ctl("user", "add", "reader:hunter2");
        ctl("user", "grant-role", "reader", "reads");
        watch = builder(etcd.port(), "reader")
                .fullListEvery(Duration.ofSeconds(1))
                .environment(Environment.system().withListener(events))
                .document(key)
                .watch(seen);
        told("present a");
        ctl("user", "revoke-role", "reader", "reads");
        eventually(() -> assertThat(seen.last()).isEqualTo("failed"));
        assertThat(seen.failures())
                .last()
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        told -> assertThat(told.reason()).isEqualTo(Reason.UNAUTHORIZED))
                .satisfies(told -> assertThat(told).hasMessageContaining("key " + key));
        ctl("user", "grant-role", "reader", "reads");
        eventually(() -> assertThat(seen.last()).isEqualTo("present a"));
        write("b");
        eventually(() -> assertThat(seen.last()).isEqualTo("present b"));
        assertThat(seen.told()).doesNotContain("absent");
        assertThat(seen.failures() + "" + events.events()).doesNotContain("hunter2");
    }

    @Test
    void aDocumentAboveOneMebibyteIsAFailureAndAShorterOneIsReadAfterwards() {
        String most = "x".repeat(DocumentSource.MOST_BYTES);
        write(most + "x");
        watch = source(etcd.port()).watch(seen);
        told("failed");
        assertThat(seen.failures().get(0)).hasMessageContaining("1048577 bytes (expected: at most 1048576)");
        write(most);
        told("failed", "present " + most);
        write(most + "x");
        told("failed", "present " + most, "failed");
        write("a");
        told("failed", "present " + most, "failed", "present a");
    }

    @Test
    void changesAndCompactionWhileCutOffAreSeenAfterwards() {
        write("a");
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", etcd.port())) {
            watch = source(proxy.port()).watch(seen);
            told("present a");
            proxy.refuse();
            eventually(() -> assertThat(seen.last()).isEqualTo("failed"));
            write("b");
            root.getKVClient().delete(KeyLayout.bytes(key)).join();
            write("c");
            long now = root.getKVClient()
                    .get(KeyLayout.bytes(key))
                    .join()
                    .getHeader()
                    .getRevision();
            root.getKVClient().compact(now).join();
            proxy.accept();
            eventually(() -> assertThat(seen.last()).isEqualTo("present c"));
            assertThat(seen.told()).containsOnly("present a", "failed", "present c");
            watch.close();
        }
    }

    @Test
    void aListenerThatBlocksOrThrowsHoldsUpNobodyElse() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        DocumentSource source = source(etcd.port());
        Subscription blocked = source.watch(new Deaf(() -> {
            entered.countDown();
            done.await();
        }));
        Subscription throwing = source.watch(new Deaf(() -> {
            throw new AssertionError("thrown by the test");
        }));
        watch = source.watch(seen);
        entered.await();
        told("absent");
        // Who looks first after the writing hears of no absence.
        eventually(() -> assertThat(events.events("callback")).hasSize(1));
        write("a");
        told("absent", "present a");
        eventually(() -> assertThat(events.events("callback document listener of etcd key " + key))
                .hasSize(2));
        blocked.close();
        throwing.close();
        write("b");
        told("absent", "present a", "present b");
        assertThat(events.events("callback")).hasSize(2);
        done.countDown();
    }

    @Test
    void aClosedWatchEndsItsConnectionAndHearsNothingMoreAndAnotherGoesOn() {
        RecordingDocuments other = new RecordingDocuments();
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", etcd.port())) {
            DocumentSource source = source(proxy.port());
            Subscription second = source.watch(other);
            watch = source.watch(seen);
            told("absent");
            eventually(() -> assertThat(other.told()).containsExactly("absent"));
            int both = proxy.openConnections();
            watch.close();
            watch.close();
            await().until(() -> proxy.openConnections() == both / 2);
            write("a");
            eventually(() -> assertThat(other.told()).containsExactly("absent", "present a"));
            second.close();
            await().until(() -> proxy.openConnections() == 0);
            assertThat(seen.told()).containsExactly("absent");
        }
    }

    @Test
    void aDocumentIsNamedByItsUriAndASecondSlashIsTheKeysOwn() {
        assertThat(Registry.document("etcd://a:1,b/fairlead/routes").description())
                .isEqualTo("etcd key fairlead/routes at http://a:1,http://b:2379");
        assertThat(Registry.document("etcd://a//fairlead/routes").description())
                .isEqualTo("etcd key /fairlead/routes at http://a:2379");
        assertThatThrownBy(() -> Registry.document("etcd://a:1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a key, as in 'etcd://localhost:2379/fairlead/routes'");
        for (String odd : List.of("", "a\nb", "a".repeat(513))) {
            assertThatThrownBy(() -> EtcdRegistry.builder().document(odd))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected: 1 to 512");
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    /** Does the same whatever it hears. */
    private record Deaf(Step step) implements DocumentSource.Listener {
        @Override
        public void onPresent(byte[] content, String revision) {
            onAbsent();
        }

        @Override
        public void onAbsent() {
            try {
                step.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void onFailed(Throwable cause) {
            onAbsent();
        }
    }

    private DocumentSource source(int port) {
        return builder(port, "root")
                .environment(Environment.system().withListener(events))
                .document(key);
    }

    private static EtcdRegistry.Builder builder(int port, String user) {
        return EtcdRegistry.builder().endpoints(List.of("127.0.0.1:" + port)).user(user, "hunter2");
    }

    private void write(String value) {
        write(key, value);
    }

    private static void write(String name, String value) {
        root.getKVClient().put(KeyLayout.bytes(name), KeyLayout.bytes(value)).join();
    }

    private static void ctl(String first, String second, String... more) {
        String[] all = new String[more.length + 3];
        all[0] = "--user=root:hunter2";
        all[1] = first;
        all[2] = second;
        System.arraycopy(more, 0, all, 3, more.length);
        etcd.ctl(all);
    }

    private void told(String... words) {
        eventually(() -> assertThat(seen.told()).containsExactly(words));
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }
}
