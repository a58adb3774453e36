// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** {@code Retry-After} concerns the instance that gave it. */
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
