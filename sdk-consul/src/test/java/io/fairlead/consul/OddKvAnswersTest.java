// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.Subscription;
import io.fairlead.consul.FakeAgent.Answer;
import io.fairlead.spi.DocumentSource;
import io.fairlead.testkit.RecordingDocuments;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A watch of a key of an agent that answers oddly goes on, and takes nothing for a document that is none. */
@Tag("slow")
class OddKvAnswersTest {
    private static final String KEY = "fairlead/routes";

    private final FakeAgent agent = new FakeAgent(asked -> entry(40, 10, "a"));
    private final RecordingDocuments seen = new RecordingDocuments();
    private Subscription watch = () -> {};

    @AfterEach
    void stop() {
        watch.close();
        agent.close();
    }

    @Test
    void theKeyIsAskedForItselfAndHeldFromTheIndexOfTheLastAnswer() {
        watch = source("a b/c?d/é").watch(seen);
        agent.answer(asked -> entry("a b/c?d/é", 40, 10, "a"));
        eventually(() -> assertThat(agent.requests())
                .contains("GET /v1/kv/a%20b/c%3Fd/%C3%A9", "GET /v1/kv/a%20b/c%3Fd/%C3%A9?index=40&wait=20000ms"));
        assertThat(agent.requests()).noneMatch(asked -> asked.contains("recurse"));
    }

    @Test
    void whereAndHowItIsAskedForFollowsTheOptions() {
        DocumentSource source = ConsulRegistry.builder()
                .address(agent.address())
                .datacenter("eu")
                .namespace("team")
                .consistency(ConsulRegistry.Consistency.STALE)
                .tag("ignored")
                .document(KEY);
        assertThat(source.description())
                .isEqualTo("consul kv fairlead/routes at http://" + agent.address() + " datacenter=eu namespace=team");
        watch = source.watch(seen);
        eventually(() -> assertThat(agent.requests()).contains("GET /v1/kv/fairlead/routes?dc=eu&ns=team&stale"));
    }

    @Test
    void aDocumentIsNamedByItsUri() {
        DocumentSource source = Registry.document("consul://" + agent.address() + "/fairlead/routes?dc=eu&wait=5");
        watch = source.watch(seen);
        eventually(
                () -> assertThat(agent.requests()).contains("GET /v1/kv/fairlead/routes?index=40&wait=5000ms&dc=eu"));
        assertThatThrownBy(() -> Registry.document("consul://localhost:8500"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a key, as in 'consul://localhost:8500/fairlead/routes'");
        assertThatThrownBy(() -> Registry.document("consul://localhost:8500/a?dc=eu,us"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one datacentre");
        assertThatThrownBy(() -> Registry.document("consul://localhost:8500/a?waitt=5"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("did you mean 'wait'");
    }

    @Test
    void aKeyThatAPathCanNotCarryIsRefused() {
        for (String odd : List.of("", "/a", "a/", "a//b", "a/../b", "a\nb", "a".repeat(513))) {
            assertThatThrownBy(() -> source(odd))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected");
        }
    }

    @Test
    void aValueWithoutBytesIsPresent() {
        agent.answer(
                asked -> json(41, "[{\"Key\":\"" + KEY + "\",\"Value\":null,\"CreateIndex\":41,\"ModifyIndex\":41}]"));
        watch = source(KEY).watch(seen);
        eventually(() -> assertThat(seen.told()).containsExactly("present "));
        assertThat(seen.revisions()).containsExactly("index 41");
    }

    @Test
    void whatIsNoEntryOfTheKeyIsAFailureAndTheNextEntryIsRead() {
        List<Answer> odd = List.of(
                Answer.of(200, "<html>a proxy's page</html>"),
                json(41, ""),
                json(41, "[]"),
                json(41, "{\"Key\":\"" + KEY + "\"}"),
                json(41, "[{\"Key\":\"" + KEY + "\"}]"),
                json(41, "[{\"Key\":\"other\",\"Value\":\"YQ==\"}]"),
                json(41, "[{\"Key\":\"" + KEY + "\",\"Value\":7}]"),
                json(41, "[{\"Key\":\"" + KEY + "\",\"Value\":\"not base64!\"}]"));
        for (Answer each : odd) {
            RecordingDocuments one = new RecordingDocuments();
            agent.answer(asked -> each);
            try (Subscription unused = source(KEY).watch(one)) {
                eventually(() -> assertThat(one.told()).containsExactly("failed"));
                assertThat(one.failures().get(0))
                        .isInstanceOfSatisfying(
                                RegistryException.class,
                                told -> assertThat(told.reason()).isEqualTo(Reason.INVALID_ANSWER))
                        .hasMessageStartingWith("kv fairlead/routes: consul http://127.0.0.1:");
                agent.answer(asked -> entry(42, 10, "b"));
                eventually(() -> assertThat(one.told()).containsExactly("failed", "present b"));
            }
        }
    }

    @Test
    void aRedirectAnErrorPageAndAStrangers404AreFailuresAndNoAbsence() {
        for (Answer odd : List.of(
                Answer.of(301, ""), Answer.of(500, "<html>oops</html>"), Answer.of(204, ""), Answer.of(404, "nginx"))) {
            RecordingDocuments one = new RecordingDocuments();
            agent.answer(asked -> odd);
            try (Subscription unused = source(KEY).watch(one)) {
                eventually(() -> assertThat(one.told()).containsExactly("failed"));
                assertThat(one.failures().get(0)).hasMessageContaining("answered " + odd.status());
            }
        }
    }

    @Test
    void aBodyWithoutEndIsRefusedAndTheNextDocumentIsRead() {
        byte[] fat = new byte[3 << 20];
        agent.answer(asked -> new Answer(200, 41, fat, false));
        watch = source(KEY).watch(seen);
        eventually(() -> assertThat(seen.told()).containsExactly("failed"));
        assertThat(seen.failures().get(0)).hasMessageContaining("sent more than 1048576 bytes");
        agent.answer(asked -> entry(42, 10, "b"));
        eventually(() -> assertThat(seen.last()).isEqualTo("present b"));
    }

    @Test
    void aDocumentOfTheMostBytesIsReadAndOneMoreIsAFailure() {
        String most = "x".repeat(DocumentSource.MOST_BYTES);
        agent.answer(asked -> entry(41, 10, most));
        watch = source(KEY).watch(seen);
        eventually(() -> assertThat(seen.last()).isEqualTo("present " + most));
        agent.answer(asked -> entry(42, 10, most + "x"));
        eventually(() -> assertThat(seen.last()).isEqualTo("failed"));
        assertThat(seen.failures().get(0)).hasMessageContaining("1048577 bytes (expected: at most 1048576)");
    }

    @Test
    void anIndexOfZeroMakesNoBusyLoop() {
        agent.answer(asked -> entry(0, 10, "a"));
        watch = source(KEY).watch(seen);
        eventually(() -> assertThat(agent.requests()).contains("GET /v1/kv/fairlead/routes?index=1&wait=20000ms"));
    }

    @Test
    void anOldDocumentOfAServerThatIsBehindIsNotToldAgain() {
        agent.answer(asked -> entry(41, 10, "new"));
        AtomicInteger turn = new AtomicInteger();
        watch = source(KEY).watch(seen);
        eventually(() -> assertThat(seen.told()).contains("present new"));
        int before = seen.told().size();
        agent.answer(asked -> turn.incrementAndGet() % 3 == 0
                ? entry(41, 10, "new")
                : turn.get() % 3 == 1 ? entry(40, 10, "old") : new Answer(404, 39, new byte[0], false));
        eventually(() -> assertThat(turn).hasValueGreaterThan(7));
        agent.answer(asked -> entry(42, 10, "newest"));
        eventually(() -> assertThat(seen.last()).isEqualTo("present newest"));
        assertThat(seen.told()).hasSize(before + 1);
    }

    @Test
    void aStoreThatLostItsStateIsBelievedAfterAnErrorAtOnce() {
        watch = source(KEY).watch(seen);
        eventually(() -> assertThat(seen.last()).isEqualTo("present a"));
        agent.answer(asked -> Answer.of(500, "No cluster leader"));
        eventually(() -> assertThat(seen.last()).isEqualTo("failed"));
        agent.answer(asked -> entry(12, 11, "b"));
        eventually(() -> assertThat(seen.last()).isEqualTo("present b"));
        assertThat(seen.told()).containsExactly("present a", "failed", "present b");
    }

    @Test
    void aStoreThatLostItsStateIsBelievedInTheEndWithoutAnyError() {
        watch = source(KEY).watch(seen);
        eventually(() -> assertThat(seen.last()).isEqualTo("present a"));
        agent.answer(asked -> new Answer(404, 12, new byte[0], false));
        eventually(() -> assertThat(seen.last()).isEqualTo("absent"));
    }

    @Test
    void aServerWithoutALeaderSaysNothing() {
        Function<String, Answer> behind = asked -> entry(50, 10, "old");
        agent.answer(behind);
        agent.header("X-Consul-KnownLeader", "false");
        watch = source(KEY).watch(seen);
        eventually(() -> assertThat(seen.told()).containsExactly("failed"));
        assertThat(seen.failures().get(0)).hasMessageContaining("has no leader");
        agent.header("X-Consul-KnownLeader", "true");
        eventually(() -> assertThat(seen.last()).isEqualTo("present old"));
    }

    private DocumentSource source(String key) {
        return ConsulRegistry.builder().address(agent.address()).document(key);
    }

    private static Answer entry(long index, long created, String value) {
        return entry(KEY, index, created, value);
    }

    private static Answer entry(String key, long index, long created, String value) {
        String encoded = Base64.getEncoder().encodeToString(value.getBytes(UTF_8));
        return json(
                index,
                "[{\"LockIndex\":0,\"Key\":\"" + key + "\",\"Flags\":0,\"Value\":\"" + encoded + "\",\"CreateIndex\":"
                        + created + ",\"ModifyIndex\":" + index + "}]");
    }

    private static Answer json(long index, String body) {
        return new Answer(200, index, body.getBytes(UTF_8), false);
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }
}
