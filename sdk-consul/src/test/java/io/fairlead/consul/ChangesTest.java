// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static io.fairlead.consul.FakeAgent.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.Registry;
import io.fairlead.api.Subscription;
import io.fairlead.consul.FakeAgent.Answer;
import io.fairlead.testkit.RecordingSnapshots;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** More services than queries are held for, of an agent that tells changes, or does not. */
@Tag("slow")
@ExtendWith(WarmClient.class)
class ChangesTest {
    private static final int SERVICES = QuerySlots.HELD + 6;
    private static final String LIST = "/v1/health/service/";
    private static final String TURNS_ARE_LONG = "wait=" + ConsulFormat.go(Duration.ofSeconds(20));

    private final FakeAgent agent = new FakeAgent(asked -> answer(asked, 7, "[]"));
    private final Registry registry =
            ConsulRegistry.builder().address(agent.address()).build();
    private final RecordingSnapshots seen = new RecordingSnapshots();
    private final List<Subscription> subscriptions = new ArrayList<>();

    @AfterEach
    void stop() {
        registry.close();
        agent.close();
    }

    static Stream<Arguments> answersOfNoUse() {
        return Stream.of(
                Arguments.of("refused", Answer.of(403, "Permission denied")),
                Arguments.of("unknown", Answer.of(404, "no such page")),
                Arguments.of("without an index", Answer.of(200, "[]")),
                Arguments.of(
                        "something else", new Answer(200, 8, "\"checks\"".getBytes(StandardCharsets.UTF_8), false)),
                Arguments.of("too long", new Answer(200, 8, new byte[5 << 20], false)));
    }

    /** Above 64 the wait is a share of twelve seconds: {@code 12 s x 64 / 70}. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("answersOfNoUse")
    void whereChangesAreNotToldEverybodysTurnComesSoon(String why, Answer useless) {
        watchAll();
        awaitLongTurns();
        agent.answer(asked -> asked.contains("/v1/health/state/critical") ? useless : answer(asked, 7, "[]"));
        eventually(() -> assertThat(lastList()).contains("wait=").doesNotContain(TURNS_ARE_LONG));
        agent.answer(asked -> asked.contains("/v1/health/state/critical") ? useless : answer(asked, 8, "[]"));
        eventually(() -> assertThat(seen.ids()).containsExactly("a8"));
        assertThat(seen.interruptions()).as(why).isEmpty();
    }

    @Test
    void aChangeThatNothingTellsIsSeenInTurn() {
        watchAll();
        eventually(() -> assertThat(seen.ids()).containsExactly("a7"));
        agent.answer(asked -> asked.contains(LIST) ? answer(asked, 8, "[]") : answer(asked, 7, "[]"));
        eventually(() -> assertThat(seen.ids()).containsExactly("a8"));
    }

    @Test
    void nobodyIsAskedForTablesWhileThereIsASlotForEverybody() {
        watchAll();
        eventually(() -> assertThat(agent.requests()).anyMatch(asked -> asked.contains("/v1/health/state/warning")));
        subscriptions.stream().skip(QuerySlots.HELD).forEach(Subscription::close);
        awaitStandstill(this::tables);
        registry.watch("one-more", seen);
        int ended = tables();
        eventually(() -> assertThat(tables()).isGreaterThan(ended));
    }

    @Test
    void checksOfANodeMayConcernAnybody() {
        watchAll();
        awaitLongTurns();
        awaitStandstill(this::reads);
        int before = reads();
        AtomicLong index = new AtomicLong(8);
        // Again and again: whoever's own query is under way is not read besides, for its answer comes by itself.
        agent.answer(asked -> {
            if (!asked.contains("/v1/health/state/critical")) {
                return answer(asked, 7, "[]");
            }
            long now = index.getAndIncrement();
            return answer(asked, now, "[{\"Node\":\"n1\",\"CheckID\":\"serf" + now + "\",\"ServiceName\":\"\"}]");
        });
        eventually(() -> assertThat(reads()).isGreaterThan(before + SERVICES / 2));
    }

    private static void awaitStandstill(IntSupplier count) {
        int[] before = {count.getAsInt()};
        await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(20)).until(() -> {
            boolean stands = count.getAsInt() == before[0];
            before[0] = count.getAsInt();
            return stands;
        });
    }

    /** All are followed, the tables have answered, and a turn that has begun since is long. */
    private void awaitLongTurns() {
        eventually(() -> assertThat(seen.ids()).containsExactly("a7"));
        for (String table : List.of("catalog/services?", "catalog/nodes?", "state/warning?", "state/critical?")) {
            eventually(() ->
                    assertThat(agent.requests()).anyMatch(asked -> asked.contains(table) && asked.contains("index=7")));
        }
        int before = lists().size();
        eventually(() -> assertThat(lists().stream().skip(before)).anyMatch(asked -> asked.contains(TURNS_ARE_LONG)));
    }

    private void watchAll() {
        for (int i = 1; i < SERVICES; i++) {
            subscriptions.add(registry.watch("service-" + i, new RecordingSnapshots()));
        }
        subscriptions.add(registry.watch("orders", seen));
    }

    private List<String> lists() {
        return agent.requests().stream().filter(asked -> asked.contains(LIST)).toList();
    }

    private String lastList() {
        List<String> all = lists();
        return all.get(all.size() - 1);
    }

    private int reads() {
        return (int) lists().stream().filter(asked -> !asked.contains("index=")).count();
    }

    private int tables() {
        return (int) agent.requests().stream()
                .filter(asked -> asked.contains("/v1/health/state/") || asked.contains("/v1/catalog/"))
                .count();
    }

    private static Answer answer(String asked, long index, String checks) {
        Function<String, Answer> json = text -> new Answer(200, index, text.getBytes(StandardCharsets.UTF_8), false);
        if (asked.contains(LIST)) {
            return Answer.list(index, entry("n1", "a" + index, "10.0.0.1", index));
        }
        if (asked.contains("/v1/health/state/")) {
            return json.apply(checks);
        }
        return json.apply(asked.contains("/v1/catalog/services") ? "{\"orders\":[]}" : "[]");
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }
}
