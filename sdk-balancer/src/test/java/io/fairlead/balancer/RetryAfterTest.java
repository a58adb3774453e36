// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.InstanceHealth;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Explanation.InstanceExplanation;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Retry-After} concerns the instance that gave it. */
@Timeout(60)
class RetryAfterTest {
    private static final Duration EIGHT = Duration.ofSeconds(8);
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    @Test
    void anIdempotentCallGoesElsewhereAtOnceWhileOthersAreLeft() {
        registry.lists("a", "b", "c", "d");
        for (int status : new int[] {429, 503}) {
            try (Fairlead fairlead = fairlead("round_robin")) {
                for (int i = 0; i < 8; i++) {
                    Client client = new Client(Map.of("a", List.of(busy(status, EIGHT), busy(status, EIGHT))));
                    assertThat(client.call(fairlead, CallSpec.of("orders"))).isCompleted();
                    assertThat(client.tried).hasSizeLessThanOrEqualTo(2).doesNotHaveDuplicates();
                }
            }
        }
    }

    @Test
    void theLastOfSeveralHintsStillFindsTheOneThatGaveNone() {
        registry.lists("a", "b", "c");
        try (Fairlead fairlead = fairlead("pick_first")) {
            Client client = new Client(Map.of("a", List.of(busy(503, EIGHT)), "b", List.of(busy(503, EIGHT))));
            assertThat(client.call(fairlead, CallSpec.of("orders"))).isCompleted();
            assertThat(client.tried).containsExactly("a", "b", "c");
        }
    }

    @Test
    void whereNobodyElseIsLeftTheCallWaitsForTheFirstThatMayBeAskedAgain() {
        registry.lists("a", "b");
        try (Fairlead fairlead = fairlead("pick_first")) {
            Client client = new Client(Map.of(
                    "a", List.of(busy(503, EIGHT), Verdict.SUCCESS),
                    "b", List.of(busy(503, Duration.ofSeconds(3)), Verdict.SUCCESS)));
            CompletableFuture<String> call = client.call(fairlead, CallSpec.of("orders"));
            time.advance(Duration.ofMillis(2_999));
            assertThat(call).isNotDone();
            time.advance(Duration.ofMillis(1));
            assertThat(call).isCompleted();
            assertThat(client.tried).containsExactly("a", "b", "b");
        }
    }

    @Test
    void itDoesNotWaitBeyondItsDeadline() {
        registry.lists("a");
        try (Fairlead fairlead = fairlead("pick_first")) {
            Client client = new Client(Map.of("a", List.of(busy(503, EIGHT), Verdict.SUCCESS)));
            CompletableFuture<String> call =
                    client.call(fairlead, CallSpec.of("orders").within(Duration.ofSeconds(5)));
            assertThat(call).as("the answer there is, at once").isCompletedWithValue("a 1");
        }
    }

    @Test
    void aCallThatMustNotRepeatStands() {
        registry.lists("a", "b");
        try (Fairlead fairlead = fairlead("pick_first")) {
            Client client = new Client(Map.of("a", List.of(busy(503, EIGHT))));
            assertThat(client.call(fairlead, CallSpec.of("orders").notIdempotent()))
                    .isCompletedWithValue("a 1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"round_robin", "weighted_round_robin", "random", "least_request", "adaptive", "peak_ewma"})
    void otherCallsLeaveWhoAskedForItAloneUntilItsTimeIsOver(String policy) {
        registry.lists("a", "b", "c", "d");
        for (int status : new int[] {429, 503}) {
            try (Fairlead fairlead = fairlead(policy)) {
                ask(fairlead, "a", busy(status, EIGHT));
                Map<String, Integer> during = picks(fairlead, 3_000, EIGHT.dividedBy(3_001));
                assertThat(during).doesNotContainKey("a");
                assertThat(during.values()).as("spread over the others").allMatch(calls -> calls > 600);
                time.advance(Duration.ofSeconds(2));
                assertThat(picks(fairlead, 4_000, Duration.ofMillis(1)).get("a"))
                        .as("its share again")
                        .isBetween(300, 1_400);
            }
        }
    }

    @Test
    void itIsNoFailureOfAnybody() {
        registry.lists("a", "b", "c", "d");
        try (Fairlead fairlead = fairlead("round_robin")) {
            for (int i = 0; i < 20; i++) {
                ask(fairlead, "a", busy(429, Duration.ofHours(1)));
            }
            time.advance(Duration.ofSeconds(3));
            for (InstanceView view : fairlead.status("orders").instances()) {
                assertThat(view.health().state()).isEqualTo(InstanceHealth.State.ACTIVE);
                assertThat(view.successRatio()).isEqualTo(1);
            }
        }
    }

    @Test
    void anHourIsCutToHalfAMinute() {
        registry.lists("a", "b", "c", "d");
        try (Fairlead fairlead = fairlead("round_robin")) {
            ask(fairlead, "a", busy(503, Duration.ofHours(1)));
            time.advance(Duration.ofMillis(29_900));
            assertThat(picks(fairlead, 8, Duration.ZERO)).doesNotContainKey("a");
            time.advance(Duration.ofMillis(100));
            assertThat(picks(fairlead, 8, Duration.ZERO)).containsKey("a");
            Duration ages = Duration.ofSeconds(Long.MAX_VALUE);
            assertThat(new Verdict(Outcome.IGNORED, Verdict.Resend.NEVER, ages).retryAfter())
                    .isEqualTo(Duration.ofSeconds(30));
        }
    }

    @Test
    void zeroSecondsAskForNothingAndTakeAnEarlierWordBack() {
        registry.lists("a", "b", "c", "d");
        try (Fairlead fairlead = fairlead("round_robin")) {
            ask(fairlead, "a", busy(503, Duration.ZERO));
            assertThat(picks(fairlead, 8, Duration.ZERO)).containsKey("a");
            ask(fairlead, "a", busy(503, EIGHT));
            assertThat(picks(fairlead, 8, Duration.ZERO)).doesNotContainKey("a");
            ask(fairlead, "a", busy(503, Duration.ZERO));
            assertThat(picks(fairlead, 8, Duration.ZERO)).containsKey("a");
        }
    }

    @Test
    void whenAllAskTheyAreCalledAsIfNobodyHad() {
        registry.lists("a", "b", "c", "d");
        try (Fairlead fairlead = fairlead("round_robin")) {
            for (String id : List.of("a", "b", "c", "d")) {
                ask(fairlead, id, busy(429, EIGHT));
            }
            assertThat(picks(fairlead, 400, Duration.ZERO).values()).containsOnly(100);
        }
        registry.lists("a");
        try (Fairlead fairlead = fairlead("round_robin")) {
            ask(fairlead, "a", busy(429, EIGHT));
            assertThat(picks(fairlead, 4, Duration.ZERO)).containsEntry("a", 4);
        }
    }

    @Test
    void theFewThatAreLeftAreNotCrowdedAndCallsThatMayRepeatFindThem() {
        registry.lists("a", "b", "c", "d");
        try (Fairlead fairlead = fairlead("round_robin")) {
            for (String id : List.of("a", "b", "c")) {
                ask(fairlead, id, busy(429, EIGHT));
            }
            assertThat(picks(fairlead, 400, Duration.ZERO).values()).containsOnly(100);
            List<Verdict> always = Collections.nCopies(10, busy(429, EIGHT));
            for (int i = 0; i < 30; i++) {
                Client client = new Client(Map.of("a", always, "b", always, "c", always));
                assertThat(client.call(fairlead, CallSpec.of("orders"))).isCompletedWithValue("d 1");
                assertThat(client.tried).hasSizeLessThanOrEqualTo(2);
            }
        }
    }

    @Test
    void oneThatLeavesAndComesBackIsNotHeldToItAndNothingIsKeptOfIt() {
        registry.lists("a", "b", "c", "d");
        try (Fairlead fairlead = fairlead("round_robin")) {
            Attempt late = attemptOn(fairlead, "a");
            ask(fairlead, "a", busy(503, EIGHT));
            registry.lists("b", "c", "d");
            registry.lists("a", "b", "c", "d");
            assertThat(picks(fairlead, 800, Duration.ofMillis(1))).containsKey("a");
            registry.lists("b", "c", "d");
            late.complete(busy(503, EIGHT));
            late.close();
            time.advance(Duration.ofSeconds(10));
            registry.lists("a", "b", "c", "d");
            ask(fairlead, "b", busy(429, EIGHT));
            ask(fairlead, "c", busy(429, EIGHT));
            assertThat(picks(fairlead, 8, Duration.ZERO)).doesNotContainKeys("b", "c");
        }
    }

    @Test
    void whoIsOutIsNotProbedBeforeItsTime() {
        registry.lists("a", "b", "c", "d");
        try (Fairlead fairlead = fairlead("round_robin")) {
            for (int i = 0; i < 5; i++) {
                Attempt attempt = attemptOn(fairlead, "a");
                attempt.complete(busy(503, Duration.ofSeconds(20)));
                attempt.close();
                if (i < 4) {
                    time.advance(Duration.ofSeconds(20));
                }
            }
            assertThat(fairlead.status("orders").instances().get(0).health().state())
                    .isEqualTo(InstanceHealth.State.EJECTED);
            assertThat(picks(fairlead, 1_900, Duration.ofMillis(10))).doesNotContainKey("a");
            time.advance(Duration.ofSeconds(1));
            assertThat(picks(fairlead, 40, Duration.ofMillis(10))).containsKey("a");
        }
    }

    @Test
    void anExplanationSaysWhoAskedForIt() {
        registry.lists("a", "b");
        try (Fairlead fairlead = fairlead("round_robin")) {
            ask(fairlead, "a", busy(429, EIGHT));
            InstanceExplanation line = fairlead.explain("orders").instances().get(0);
            assertThat(line.eligible()).isFalse();
            assertThat(line.reason()).isEqualTo("asked by Retry-After to be left alone for 8.0 s more");
        }
    }

    /** Nobody else is left to that call. */
    private static Attempt attemptOn(Fairlead fairlead, String id) {
        PickContext context = PickContext.none();
        for (InstanceView view : fairlead.status("orders").instances()) {
            context = view.instance().id().equals(id) ? context : context.excluding(view.instance());
        }
        return fairlead.acquire("orders", context);
    }

    private static void ask(Fairlead fairlead, String id, Verdict verdict) {
        try (Attempt attempt = attemptOn(fairlead, id)) {
            attempt.complete(verdict);
        }
    }

    /** Calls that succeed, by where they went. */
    private Map<String, Integer> picks(Fairlead fairlead, int calls, Duration gap) {
        Map<String, Integer> picks = new TreeMap<>();
        for (int i = 0; i < calls; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(Verdict.SUCCESS);
                picks.merge(attempt.instance().id(), 1, Integer::sum);
            }
            time.advance(gap);
        }
        return picks;
    }

    private Fairlead fairlead(String policy) {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .policy(policy)
                .build();
        fairlead.awaitReady(Duration.ZERO, "orders");
        return fairlead;
    }

    private static Verdict busy(int status, Duration retryAfter) {
        return Verdict.ofStatus(status, retryAfter);
    }

    /** Instances that answer as told, in order; then well. */
    private static final class Client implements AsyncTransport<String> {
        final List<String> tried = new ArrayList<>();
        private final Map<String, List<Verdict>> verdicts;

        Client(Map<String, List<Verdict>> verdicts) {
            this.verdicts = verdicts;
        }

        CompletableFuture<String> call(Fairlead fairlead, CallSpec spec) {
            return fairlead.callAsync(spec, this).toCompletableFuture();
        }

        @Override
        public CompletableFuture<String> send(Attempt attempt) {
            String id = attempt.instance().id();
            tried.add(id);
            return CompletableFuture.completedFuture(
                    id + " " + tried.stream().filter(id::equals).count());
        }

        @Override
        public Verdict judge(String response) {
            List<Verdict> its = verdicts.getOrDefault(response.substring(0, 1), List.of());
            int turn = response.charAt(2) - '1';
            return turn < its.size() ? its.get(turn) : Verdict.SUCCESS;
        }
    }
}
