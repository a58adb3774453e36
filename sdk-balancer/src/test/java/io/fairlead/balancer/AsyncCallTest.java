// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls without a thread, and hedges, in virtual time. */
class AsyncCallTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final List<Fairlead> open = new ArrayList<>();

    @AfterEach
    void nothingIsLeftBehind() {
        for (Fairlead fairlead : open) {
            assertThat(fairlead.status("orders").instances())
                    .allSatisfy(view -> assertThat(view.inFlight()).isZero());
            fairlead.close();
        }
        // the cache of services may have planned its own cleaning
        assertThat(time.pendingTasks()).as("timers left").isLessThanOrEqualTo(1);
    }

    @Test
    void answersWithoutWaiting() {
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead(), client);
        assertThat(call).isNotDone();
        client.answer(0, "hello");
        assertThat(call).isCompletedWithValue("hello");
    }

    @Test
    void backsOffOnTheSchedulerAndGoesElsewhere() {
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead(), client);
        client.fail(0, new IOException("reset"));
        time.advance(Duration.ofMillis(26));
        client.answer(1, "second");
        assertThat(call).isCompletedWithValue("second");
        assertThat(client.instances()).doesNotHaveDuplicates().hasSize(2);
    }

    @Test
    void aDeadlineCancelsWhatIsUnderWay() {
        Client client = new Client();
        CompletableFuture<String> call = fairlead()
                .callAsync(CallSpec.of("orders").within(Duration.ofSeconds(2)), client)
                .toCompletableFuture();
        time.advance(Duration.ofSeconds(2));
        assertThatThrownBy(call::join)
                .cause()
                .isInstanceOf(CallRejectedException.class)
                .hasMessage("call to 'orders' rejected by DEADLINE: its time of PT2S is over after 1 attempt");
        assertThat(client.sent.get(0)).isCancelled();
        assertThat(events.events("attempt"))
                .as("it had all the time")
                .singleElement()
                .asString()
                .endsWith("FAILURE");
    }

    @Test
    void anAttemptThatBeganShortlyBeforeTheDeadlineIsNotBlamed() {
        Client client = new Client();
        CompletableFuture<String> call = fairlead()
                .callAsync(CallSpec.of("orders").within(Duration.ofSeconds(2)), client)
                .toCompletableFuture();
        time.advance(Duration.ofMillis(1_900));
        client.fail(0, new ConnectException("refused"));
        time.advance(Duration.ofMillis(100));
        assertThat(call).isCompletedExceptionally();
        assertThat(events.events("attempt")).last().asString().endsWith("2 IGNORED");
    }

    @Test
    void cancellingTheCallCancelsTheAttempt() {
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead(), client);
        assertThat(call.cancel(true)).isTrue();
        assertThat(client.sent.get(0)).isCancelled();
    }

    @Test
    void cancellingTheCallDuringBackoffSendsNothingMore() {
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead(), client);
        client.fail(0, new IOException("reset"));
        call.cancel(true);
        time.advance(Duration.ofSeconds(5));
        assertThat(client.sent).hasSize(1);
    }

    @Test
    void theFirstListIsAwaitedWithoutAThread() {
        Fairlead fairlead = unready(Fairlead.builder(registry));
        Client client = new Client();
        CompletableFuture<String> early = call(fairlead, client);
        assertThat(client.sent).isEmpty();
        registry.lists("a", "b");
        client.answer(0, "at last");
        assertThat(early).isCompletedWithValue("at last");
    }

    @Test
    void theFirstListIsNotAwaitedForEver() {
        Fairlead fairlead = unready(Fairlead.builder(registry));
        CompletableFuture<String> call = call(fairlead, new Client());
        time.advance(Duration.ofSeconds(3));
        assertThatThrownBy(call::join).cause().isInstanceOf(NoInstanceException.class);
    }

    @Test
    void aServiceThatOnlyAnswers503GetsAtMostAQuarterMoreThanIsOfferedOverHalfAMinute() {
        Fairlead fairlead = fairlead();
        int offered = 30 * 200;
        int[] received = {0};
        AsyncTransport<Verdict> unavailable = new AsyncTransport<>() {
            @Override
            public CompletableFuture<Verdict> send(Attempt attempt) {
                received[0]++;
                return CompletableFuture.completedFuture(Verdict.ofStatus(503, null));
            }

            @Override
            public Verdict judge(Verdict response) {
                return response;
            }
        };
        for (int call = 0; call < offered; call++) {
            var unused = fairlead.callAsync(CallSpec.of("orders"), unavailable);
            time.advance(Duration.ofMillis(5));
        }
        time.advance(Duration.ofSeconds(5));
        assertThat(received[0]).isBetween(offered, offered * 5 / 4);
    }

    @Test
    void aFallbackAnswersWhenEveryAttemptFailed() {
        Client client = new Client();
        CompletableFuture<String> call = fairlead()
                .callAsync(CallSpec.of("orders").notIdempotent(), client, failed -> "instead")
                .toCompletableFuture();
        client.fail(0, new IOException("reset"));
        assertThat(call).isCompletedWithValue("instead");
    }

    @Test
    void aClientThatThrowsEndsTheCallWithThat() {
        CompletableFuture<String> call = fairlead()
                .<String>callAsync(CallSpec.of("orders"), attempt -> {
                    throw new IllegalStateException("a bug in the client");
                })
                .toCompletableFuture();
        assertThatThrownBy(call::join).cause().hasMessage("a bug in the client");
    }

    @Test
    void aSlowFirstAttemptIsHedgedAndTheLoserIsIgnored() {
        Fairlead fairlead = hedging();
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead, client);
        time.advance(Duration.ofMillis(49));
        assertThat(client.sent).hasSize(1);
        time.advance(Duration.ofMillis(1));
        assertThat(client.sent).hasSize(2);
        assertThat(client.instances()).doesNotHaveDuplicates();
        client.answer(1, "hedge");
        assertThat(call).isCompletedWithValue("hedge");
        assertThat(client.sent.get(0)).isCancelled();
        assertThat(events.events("attempt")).anyMatch(line -> line.endsWith("2 SUCCESS"));
        assertThat(events.events("attempt")).anyMatch(line -> line.endsWith("1 IGNORED"));
        assertThat(events.events("hedge")).containsExactly("hedge orders");
    }

    @Test
    void theFirstAttemptMayStillWin() {
        Client client = new Client();
        CompletableFuture<String> call = call(hedging(), client);
        time.advance(Duration.ofMillis(60));
        client.answer(0, "first");
        assertThat(call).isCompletedWithValue("first");
        assertThat(client.sent.get(1)).isCancelled();
    }

    @Test
    void onlyAUsableAnswerWinsAndABadOneWaitsForTheOther() {
        Client client = new Client();
        CompletableFuture<String> call = call(hedging(), client);
        time.advance(Duration.ofMillis(50));
        client.fail(1, new IOException("fast failure of the hedge"));
        assertThat(call).isNotDone();
        client.answer(0, "slow but good");
        assertThat(call).isCompletedWithValue("slow but good");
    }

    @Test
    void theLosersTimeIsALowerBoundOfItsInstancesLatency() {
        Fairlead fairlead = hedging();
        // every instance has answered in a millisecond
        for (int i = 0; i < 40; i++) {
            Client warm = new Client();
            CompletableFuture<String> quick = call(fairlead, warm);
            time.advance(Duration.ofMillis(1));
            warm.answer(0, "quick");
            assertThat(quick).isDone();
        }
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead, client);
        String slow = client.instances().get(0);
        time.advance(Duration.ofSeconds(2));
        client.answer(1, "hedge");
        assertThat(call).isDone();
        assertThat(fairlead.status("orders").instances())
                .filteredOn(view -> view.instance().id().equals(slow))
                .singleElement()
                .satisfies(view -> assertThat(view.latencyNanos()).isGreaterThan(100_000_000L));
    }

    @Test
    void aPostIsNotHedged() {
        Client client = new Client();
        CompletableFuture<String> call = hedging()
                .callAsync(CallSpec.of("orders").notIdempotent(), client)
                .toCompletableFuture();
        time.advance(Duration.ofSeconds(10));
        assertThat(client.sent).hasSize(1);
        client.answer(0, "once");
        assertThat(call).isDone();
    }

    @Test
    void hedgesStayWithinTheirShareOfExtraLoad() {
        Fairlead fairlead = ready(builder().hedging(Hedging.defaults().withDelay(Duration.ofMillis(1))));
        int hedges = 0;
        for (int i = 0; i < 2_000; i++) {
            Client client = new Client();
            CompletableFuture<String> call = call(fairlead, client);
            time.advance(Duration.ofMillis(2));
            hedges += client.sent.size() - 1;
            client.answer(0, "all are slow");
            assertThat(call).isDone();
        }
        assertThat(hedges).isBetween(20, 40);
    }

    static Stream<Retries> allowances() {
        return Stream.of(
                Retries.defaults(),
                Retries.defaults().withTokens(10, 0.1),
                Retries.defaults().withTokens(100, 0.1),
                Retries.defaults().withQuota(500, 5));
    }

    /** An allowance that is untouched is whole, of whichever kind and size. */
    @ParameterizedTest
    @MethodSource("allowances")
    void slowCallsAreHedgedUnderEveryAllowance(Retries retries) {
        Fairlead fairlead = ready(builder()
                .retries(retries)
                .hedging(Hedging.defaults().withDelay(Duration.ofMillis(50)).withMaxExtraLoad(1)));
        int hedges = 0;
        for (int i = 0; i < 20; i++) {
            Client client = new Client();
            CompletableFuture<String> call = call(fairlead, client);
            time.advance(Duration.ofMillis(60));
            hedges += client.sent.size() - 1;
            client.answer(0, "slow");
            assertThat(call).isDone();
        }
        assertThat(hedges).isGreaterThanOrEqualTo(19);
    }

    @ParameterizedTest
    @MethodSource("allowances")
    void thereIsNoHedgeWhileLessThanHalfOfTheRetryAllowanceIsLeft(Retries retries) {
        Fairlead fairlead = ready(builder()
                .retries(retries)
                .hedging(Hedging.defaults().withDelay(Duration.ofMillis(50)).withMaxExtraLoad(1)));
        for (int i = 0; i < 60; i++) {
            Client client = new Client();
            CompletableFuture<String> call = call(fairlead, client);
            for (int attempt = 0; attempt < client.sent.size(); attempt++) {
                client.fail(attempt, new ConnectException("an outage"));
            }
            assertThat(call).isDone();
        }
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead, client);
        time.advance(Duration.ofMillis(100));
        assertThat(client.sent).hasSize(1);
        client.answer(0, "alone");
        assertThat(call).isDone();
    }

    @Test
    void withoutAFixedDelayTheRecentPercentileDecides() {
        Fairlead fairlead = ready(builder().hedging(Hedging.defaults().withMaxExtraLoad(1)));
        for (int i = 0; i < 100; i++) {
            Client client = new Client();
            CompletableFuture<String> call = call(fairlead, client);
            time.advance(Duration.ofMillis(20));
            assertThat(client.sent)
                    .as("nothing is known yet, or it is not late")
                    .hasSize(1);
            client.answer(0, "in 20 ms");
            assertThat(call).isDone();
        }
        Client late = new Client();
        CompletableFuture<String> call = call(fairlead, late);
        time.advance(Duration.ofMillis(26));
        assertThat(late.sent).hasSize(2);
        late.answer(1, "hedge");
        assertThat(call).isCompletedWithValue("hedge");
    }

    @Test
    void aTimeoutOfTheCallersOwnIsATimeoutAndCancelsWhatIsUnderWay() {
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead(), client);
        time.advance(Duration.ofSeconds(1));
        call.completeExceptionally(new TimeoutException());
        assertThat(client.sent.get(0)).isCancelled();
        assertThat(events.events("attempt")).singleElement().asString().endsWith("FAILURE");
    }

    @Test
    void aCallerThatEndsTheFutureOtherwiseHasGivenUp() {
        Client client = new Client();
        CompletableFuture<String> call = call(fairlead(), client);
        call.complete("from elsewhere");
        assertThat(client.sent.get(0)).isCancelled();
        assertThat(events.events("attempt")).singleElement().asString().endsWith("IGNORED");
    }

    private Fairlead hedging() {
        return ready(builder()
                .hedging(Hedging.defaults().withDelay(Duration.ofMillis(50)).withMaxExtraLoad(1)));
    }

    private Fairlead fairlead() {
        return ready(builder());
    }

    private FairleadBuilder builder() {
        return Fairlead.builder(registry);
    }

    private Fairlead ready(FairleadBuilder builder) {
        registry.lists("a", "b", "c", "d");
        Fairlead fairlead = unready(builder);
        fairlead.awaitReady(Duration.ZERO, "orders");
        return fairlead;
    }

    private Fairlead unready(FairleadBuilder builder) {
        Fairlead fairlead = builder.environment(time.environment(3, events)).build();
        open.add(fairlead);
        return fairlead;
    }

    private static CompletableFuture<String> call(Fairlead fairlead, Client client) {
        return fairlead.callAsync(CallSpec.of("orders"), client).toCompletableFuture();
    }

    /** Attempts that end when the test says so. */
    private static final class Client implements AsyncTransport<String> {
        final List<CompletableFuture<String>> sent = new ArrayList<>();
        private final List<Attempt> attempts = new ArrayList<>();

        @Override
        public CompletableFuture<String> send(Attempt attempt) {
            attempts.add(attempt);
            sent.add(new CompletableFuture<>());
            return sent.get(sent.size() - 1);
        }

        void answer(int attempt, String answer) {
            assertThat(sent.get(attempt).complete(answer)).isTrue();
        }

        void fail(int attempt, Exception failure) {
            assertThat(sent.get(attempt).completeExceptionally(failure)).isTrue();
        }

        List<String> instances() {
            return attempts.stream().map(attempt -> attempt.instance().id()).toList();
        }
    }
}
