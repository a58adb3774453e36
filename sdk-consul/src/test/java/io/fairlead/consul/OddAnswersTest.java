// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static io.fairlead.consul.FakeAgent.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.consul.FakeAgent.Answer;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RecordingSnapshots;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A watch of an agent that answers oddly goes on, and believes what deserves it. */
@Tag("slow")
@ExtendWith(WarmClient.class)
class OddAnswersTest {
    private final FakeAgent agent = new FakeAgent(asked -> Answer.list(40, entry("n1", "a", "10.0.0.1", 10)));
    private final Registry registry =
            ConsulRegistry.builder().address(agent.address()).build();
    private final RecordingSnapshots seen = new RecordingSnapshots();

    @AfterEach
    void stop() {
        registry.close();
        agent.close();
    }

    @Test
    void onlyNamesThatCanBeWatchedAreListed() {
        agent.answer(
                asked -> Answer.of(
                        200,
                        "{\"consul\":[],\"orders\":[],\"Billing\":[\"v1\"],\"a b\":[],\"x\\u0007\":[],\"\":[],\"o\\u202er\":[]}"));
        assertThat(registry.services()).containsExactly("billing", "orders");
    }

    @Test
    void aMadeUpIdThatSomebodyHasEndsNothing() {
        agent.answer(asked -> Answer.list(
                7,
                entry("n1", "orders", "10.0.0.1", 1),
                entry("n2", "orders", "10.0.0.2", 2),
                entry("n3", "orders@n2", "10.0.0.3", 3)));
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).hasSize(3));
        int before = agent.requests().size();
        agent.answer(asked -> Answer.list(8, entry("n1", "orders", "10.0.0.1", 1)));
        eventually(() -> assertThat(seen.ids()).containsExactly("orders@n1"));
        assertThat(agent.requests()).hasSizeGreaterThan(before);
        assertThat(seen.interruptions()).isEmpty();
    }

    @Test
    void anEntryThatIsNoneHidesNobodyWhoHasItsIdentityNorDoesANumberOfAnyLength() {
        agent.answer(asked -> Answer.list(
                7,
                entry("n1", "a", "10.0.0.1", 1).replace("8080", "0"),
                entry("n1", "a", "10.0.0.1", 1),
                entry("n2", "b", "10.0.0.2", 1).replace("8080", "8080,\"Weights\":" + "1".repeat(2_000))));
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("a", "b"));
    }

    @Test
    void anAnswerOfAnAgentThatIsBehindBringsNobodyBack() {
        AtomicInteger turn = new AtomicInteger();
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("a"));
        agent.answer(asked -> Answer.list(41));
        eventually(() -> assertThat(seen.ids()).isEmpty());
        agent.answer(asked ->
                turn.incrementAndGet() % 4 == 0 ? Answer.list(41) : Answer.list(40, entry("n1", "a", "10.0.0.1", 10)));
        eventually(() -> assertThat(turn).hasValueGreaterThan(9));
        assertThat(seen.snapshots()).hasSize(2);
        agent.answer(asked -> Answer.list(42, entry("n1", "b", "10.0.0.2", 42)));
        eventually(() -> assertThat(seen.ids()).containsExactly("b"));
    }

    @Test
    void aRegistryWithoutItsFormerStateIsBelievedAfterAnErrorAtOnce() {
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("a"));
        agent.answer(asked -> Answer.of(500, "No cluster leader"));
        eventually(() -> assertThat(seen.interruptions()).isNotEmpty());
        agent.answer(asked -> Answer.list(12, entry("n1", "b", "10.0.0.2", 11)));
        eventually(() -> assertThat(seen.ids()).containsExactly("b"));
    }

    @Test
    void aRegistryWithoutItsFormerStateIsBelievedInTheEndWithoutAnyError() {
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("a"));
        agent.answer(asked -> Answer.list(12, entry("n1", "b", "10.0.0.2", 11)));
        eventually(() -> assertThat(seen.ids()).containsExactly("b"));
        assertThat(seen.interruptions()).extracting(RegistryException::reason).containsExactly(Reason.INVALID_ANSWER);
    }

    @Test
    void whoIsMissingAtTheSameIndexAfterALossIsLetGoAndNoTokenIsBlamed() {
        agent.answer(asked -> Answer.list(40, entry("n1", "a", "10.0.0.1", 10), entry("n1", "b", "10.0.0.2", 20)));
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.ids()).containsExactly("a", "b"));
        agent.answer(asked -> Answer.list(40, entry("n1", "a", "10.0.0.1", 10)));
        eventually(() -> assertThat(seen.ids()).containsExactly("a"));
        assertThat(seen.interruptions())
                .hasSize(1)
                .allSatisfy(told -> assertThat(told.getMessage()).doesNotContain("token"));
    }

    @Test
    void aQueryIsHeldForTwentySecondsUnlessAnotherWaitIsGiven() {
        registry.watch("orders", seen);
        eventually(() -> assertThat(agent.requests())
                .anyMatch(asked -> asked.contains("/v1/health/service/orders?index=40&wait=20000ms")));
    }

    @Test
    void whatAnInstanceIsUsedWithoutIsAnEventAsARejectionIs() {
        RecordingListener events = new RecordingListener();
        String odd = entry("n1", "odd", "10.0.0.1", 7).replace("\"Port\"", "\"Tags\":[\"a\\nb\",\"good\"],\"Port\"");
        agent.answer(asked -> Answer.list(7, odd));
        try (Registry told = ConsulRegistry.builder()
                .address(agent.address())
                .environment(Environment.system().withListener(events))
                .build()) {
            assertThat(told.list("orders").instances().get(0).tags()).containsExactly("good");
            assertThat(events.events("rejected orders n1/odd used without tag")).hasSize(1);
            told.watch("orders", seen);
            eventually(() -> assertThat(seen.ids()).containsExactly("odd"));
            eventually(() -> assertThat(events.events("rejected orders n1/odd used without tag"))
                    .hasSize(2));
        }
    }

    @Test
    void anAnswerThatIsNoneIsToldAndTheNextIsRead() {
        agent.answer(asked -> Answer.of(200, "<html>"));
        registry.watch("orders", seen);
        eventually(() -> assertThat(seen.interruptions()).isNotEmpty());
        agent.answer(asked -> Answer.list(41, entry("n1", "b", "10.0.0.2", 41)));
        eventually(() -> assertThat(seen.ids()).containsExactly("b"));
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }
}
