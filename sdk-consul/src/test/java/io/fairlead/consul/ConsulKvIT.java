// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.Subscription;
import io.fairlead.spi.DocumentSource;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingDocuments;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.TcpProxy;
import io.fairlead.testkit.server.ConsulServer;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A key of a real Consul with ACLs, which takes values of up to 2 MiB. */
@ExtendWith(WarmClient.class)
class ConsulKvIT {
    private static final String TOKEN = "7d0c1f9e-1b52-4a71-b0a8-cafecafecafe";
    private static ConsulServer consul;

    private final String key = "fairlead/" + UUID.randomUUID();
    private final RecordingListener events = new RecordingListener();
    private final RecordingDocuments seen = new RecordingDocuments();
    private final Catalog keys = new Catalog(consul.port(), TOKEN);
    private Subscription watch = () -> {};

    @BeforeAll
    static void start() {
        String large = "\"limits\": {\"kv_max_value_size\": 2097152}";
        consul = ConsulServer.start(new ConsulServer.Options(true, TOKEN, null, large));
    }

    @AfterAll
    static void end() {
        consul.close();
    }

    @AfterEach
    void stop() {
        watch.close();
    }

    @Test
    void aKeyIsFoundChangedDeletedAndWrittenAgain() {
        watch = source(consul.port(), TOKEN).watch(seen);
        told("absent");
        write("a: 1");
        told("absent", "present a: 1");
        write("a: 2");
        told("absent", "present a: 1", "present a: 2");
        keys.delete("kv/" + key);
        told("absent", "present a: 1", "present a: 2", "absent");
        write("a: 2");
        told("absent", "present a: 1", "present a: 2", "absent", "present a: 2");
        write("");
        told("absent", "present a: 1", "present a: 2", "absent", "present a: 2", "present ");
        assertThat(seen.revisions())
                .allMatch(revision -> revision.matches("index \\d+"))
                .doesNotHaveDuplicates();
        assertThat(source(consul.port(), TOKEN).description())
                .isEqualTo("consul kv " + key + " at http://127.0.0.1:" + consul.port());
    }

    @Test
    void aWriteOfAnotherKeyOrOfTheSameValueTellsNothingAndAnswersNoQuery() {
        write("a");
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port())) {
            watch = source(proxy.port(), TOKEN).watch(seen);
            told("present a");
            await().until(() -> proxy.requests() == 2);
            for (int i = 0; i < 50; i++) {
                keys.put("kv/" + key + "/below", "x" + i);
                keys.put("kv/" + key + "-beside", "x" + i);
                write("a");
            }
            keys.put("kv/" + key + "?flags=7", "a");
            write("b");
            told("present a", "present b");
            // The other flags woke it, the other value did.
            assertThat(proxy.requests()).isBetween(3, 4);
            watch.close();
        }
    }

    @Test
    void aQueryForAKeyThatDoesNotExistIsHeld() {
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port())) {
            watch = source(proxy.port(), TOKEN).watch(seen);
            told("absent");
            await().until(() -> proxy.requests() == 2);
            keys.put("kv/" + key + "-beside", "x");
            write("a");
            told("absent", "present a");
            assertThat(proxy.requests()).isLessThanOrEqualTo(4);
            watch.close();
        }
    }

    @Test
    void aTokenThatIsRevokedIsAFailureAndADocumentIsThereAgainWithTheNextToken() {
        write("a");
        String[] secret = {readerOf(key)};
        watch = ConsulRegistry.builder()
                .address("127.0.0.1:" + consul.port())
                .token(() -> secret[0])
                .wait(Duration.ofSeconds(1))
                .environment(Environment.system().withListener(events))
                .document(key)
                .watch(seen);
        told("present a");
        String accessor =
                keys.get("acl/token/self", secret[0]).replaceAll("(?s).*\"AccessorID\": ?\"([^\"]+)\".*", "$1");
        keys.delete("acl/token/" + accessor);
        told("present a", "failed");
        assertThat(seen.failures().get(0))
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        told -> assertThat(told.reason()).isEqualTo(Reason.UNAUTHORIZED))
                .hasMessageContaining("kv " + key)
                .hasMessageContaining("403");
        secret[0] = readerOf(key);
        told("present a", "failed", "present a");
        assertThat(seen.failures() + "" + events.events()).doesNotContain(secret[0]);
    }

    @Test
    void aTokenForOtherKeysIsAFailureAndNoAbsence() {
        write("a");
        watch = source(consul.port(), readerOf("elsewhere")).watch(seen);
        told("failed");
        assertThat(seen.failures().get(0)).hasMessageContaining("403");
    }

    @Test
    void aDocumentAboveOneMebibyteIsAFailureAndAShorterOneIsReadAfterwards() {
        write("x".repeat(DocumentSource.MOST_BYTES + 1));
        watch = source(consul.port(), TOKEN).watch(seen);
        told("failed");
        assertThat(seen.failures().get(0)).hasMessageContaining("1048577 bytes (expected: at most 1048576)");
        String most = "x".repeat(DocumentSource.MOST_BYTES);
        write(most);
        told("failed", "present " + most);
        write(most + most.substring(1));
        told("failed", "present " + most, "failed");
        write("a");
        told("failed", "present " + most, "failed", "present a");
    }

    @Test
    void aListenerThatBlocksOrThrowsHoldsUpNobodyElse() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        DocumentSource source = source(consul.port(), TOKEN);
        Subscription blocked = source.watch(new Deaf() {
            @Override
            void hear() {
                entered.countDown();
                awaitUninterruptibly(done);
            }
        });
        Subscription throwing = source.watch(new Deaf() {
            @Override
            void hear() {
                throw new AssertionError("thrown by the test");
            }
        });
        watch = source.watch(seen);
        entered.await();
        told("absent");
        // Who looks first after the writing hears of no absence.
        eventually(() -> assertThat(events.events("callback")).hasSize(1));
        write("a");
        told("absent", "present a");
        eventually(() -> assertThat(events.events("callback document listener of consul kv " + key))
                .hasSize(2));
        blocked.close();
        throwing.close();
        write("b");
        told("absent", "present a", "present b");
        assertThat(events.events("callback")).hasSize(2);
        done.countDown();
    }

    @Test
    void aClosedWatchEndsItsQueryAndHearsNothingMoreAndAnotherGoesOn() {
        RecordingDocuments other = new RecordingDocuments();
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", consul.port())) {
            DocumentSource source = source(proxy.port(), TOKEN);
            Subscription second = source.watch(other);
            watch = source.watch(seen);
            told("absent");
            eventually(() -> assertThat(other.told()).containsExactly("absent"));
            await().until(() -> proxy.requests() == 4 && proxy.openConnections() == 2);
            watch.close();
            watch.close();
            await().until(() -> proxy.openConnections() == 1);
            write("a");
            eventually(() -> assertThat(other.told()).containsExactly("absent", "present a"));
            second.close();
            await().until(() -> proxy.openConnections() == 0);
            assertThat(seen.told()).containsExactly("absent");
        }
    }

    /** Does the same whatever it hears. */
    private abstract static class Deaf implements DocumentSource.Listener {
        abstract void hear();

        @Override
        public void onPresent(byte[] content, String revision) {
            hear();
        }

        @Override
        public void onAbsent() {
            hear();
        }

        @Override
        public void onFailed(Throwable cause) {
            hear();
        }

        static void awaitUninterruptibly(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private DocumentSource source(int port, String token) {
        return ConsulRegistry.builder()
                .address("127.0.0.1:" + port)
                .token(token)
                .environment(Environment.system().withListener(events))
                .document(key);
    }

    private void write(String value) {
        keys.put("kv/" + key, value);
    }

    /** A new token that may read what begins so. */
    private String readerOf(String prefix) {
        String name = "reader-" + UUID.randomUUID();
        keys.put(
                "acl/policy",
                "{\"Name\":\"" + name + "\",\"Rules\":\"key_prefix \\\"" + prefix
                        + "\\\" { policy = \\\"read\\\" }\"}");
        return keys.put("acl/token", "{\"Policies\":[{\"Name\":\"" + name + "\"}]}")
                .replaceAll("(?s).*\"SecretID\": ?\"([^\"]+)\".*", "$1");
    }

    private void told(String... words) {
        eventually(() -> assertThat(seen.told()).containsExactly(words));
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }
}
