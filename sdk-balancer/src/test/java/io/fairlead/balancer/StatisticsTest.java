// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.AttemptEvent.Kind;
import io.fairlead.api.CallEvent;
import io.fairlead.api.CallEvent.Result;
import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.api.EventListener;
import io.fairlead.api.NoInstanceException.Reason;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.ServiceStatistics.Ejection;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is counted of a service, and the events that end attempts and calls. */
class StatisticsTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final Ends ends = new Ends();

    /** Remembers how attempts and calls ended. */
    private static final class Ends implements EventListener {
        final List<AttemptEvent> attempts = new ArrayList<>();
        final List<AttemptEvent> failed = new ArrayList<>();
        final List<CallEvent> calls = new ArrayList<>();

        @Override
        public void onAttempt(AttemptEvent attempt) {
            attempts.add(attempt);
        }

        @Override
        public void onFailedAttempt(AttemptEvent attempt) {
            failed.add(attempt);
        }

        @Override
        public void onCall(CallEvent call) {
            calls.add(call);
        }
    }

    @Test
    void everyCallEndsInOneWayAndIsToldOnce() throws IOException {
        registry.lists("a", "b", "c");
        Fairlead fairlead = fairlead(options -> options);
        fairlead.call("orders", attempt -> "fine");
        assertThatThrownBy(() -> fairlead.call("orders", failing(new ConnectException("refused"))));
        assertThatThrownBy(() -> fairlead.call("orders", failing(new IllegalStateException("a bug"))));
        fairlead.call(CallSpec.of("orders"), failing(new IOException("reset")), failed -> "instead");
        assertThat(results()).containsExactly(Result.SUCCESS, Result.FAILURE, Result.FAILURE, Result.FALLBACK);
        assertThat(statistics(fairlead).calls())
                .isEqualTo(
                        counts(Result.values(), Map.of(Result.SUCCESS, 1L, Result.FAILURE, 2L, Result.FALLBACK, 1L)));
        assertThat(ends.calls.get(1).attempts()).isEqualTo(3);
        assertThat(ends.calls.get(1).error()).hasMessage("refused");
        assertThat(statistics(fairlead).callDurations().count()).isEqualTo(4);
    }

    @Test
    void whoFindsNobodyOrIsRejectedHasNoDurationAndNoAttempt() {
        registry.lists();
        Fairlead fairlead = fairlead(options -> options);
        assertThatThrownBy(() -> fairlead.call("orders", attempt -> "fine"));
        registry.lists("a");
        time.advance(Duration.ofSeconds(1));
        fairlead.reconfigure(fairlead.options().forEveryService(all -> all.withRateLimit(RateLimit.of(1, 1))));
        for (int i = 0; i < 3; i++) {
            callQuietly(fairlead);
        }
        ServiceStatistics counted = statistics(fairlead);
        assertThat(counted.calls(Result.NO_INSTANCE)).isEqualTo(1);
        assertThat(counted.noInstance().get(Reason.UNKNOWN_SERVICE)).isEqualTo(1);
        assertThat(counted.rejections().get(Stage.RATE_LIMIT))
                .isEqualTo(counted.calls(Result.REJECTED))
                .isPositive();
        assertThat(counted.callDurations().count()).isEqualTo(counted.calls(Result.SUCCESS));
        assertThat(results()).hasSize(4);
        assertThat(ends.calls.get(0).attempts()).isZero();
    }

    @Test
    void attemptsAreCountedByKindAndOutcomeAndKeepStatusAndError() throws IOException {
        registry.lists("a", "b", "c");
        Fairlead fairlead = fairlead(options -> options);
        AtomicInteger tries = new AtomicInteger();
        fairlead.call("orders", new Transport<Integer>() {
            @Override
            public Integer send(Attempt attempt) throws IOException {
                if (tries.incrementAndGet() == 1) {
                    throw new ConnectException("refused");
                }
                time.advance(Duration.ofMillis(3));
                return tries.get() == 2 ? 503 : 200;
            }

            @Override
            public int status(Integer response) {
                return response;
            }

            @Override
            public Verdict judge(Integer response) {
                return Verdict.ofStatus(response, null);
            }
        });
        ServiceStatistics counted = statistics(fairlead);
        assertThat(counted.attempts(Kind.FIRST, Outcome.UNREACHABLE)).isEqualTo(1);
        assertThat(counted.attempts(Kind.RETRY, Outcome.FAILURE)).isEqualTo(1);
        assertThat(counted.attempts(Kind.RETRY, Outcome.SUCCESS)).isEqualTo(1);
        assertThat(counted.attemptDurations().count()).isEqualTo(3);
        assertThat(counted.attemptDurations().sumNanos()).isEqualTo(6_000_000);
        assertThat(ends.attempts).extracting(AttemptEvent::status).containsExactly(0, 503, 200);
        assertThat(ends.failed).isEqualTo(ends.attempts.subList(0, 2));
        assertThat(ends.attempts.get(0).error()).hasMessage("refused");
        assertThat(ends.attempts).extracting(AttemptEvent::kind).containsExactly(Kind.FIRST, Kind.RETRY, Kind.RETRY);
        assertThat(ends.calls.get(0).status()).isEqualTo(200);
    }

    @Test
    void aCallWithoutAThreadIsCountedOnceHoweverItEnds() {
        registry.lists("a", "b", "c");
        Fairlead fairlead = fairlead(options -> options);
        CompletableFuture<String> answer = new CompletableFuture<>();
        CompletableFuture<String> call = async(fairlead, answer);
        answer.complete("fine");
        assertThat(call).isCompletedWithValue("fine");
        async(fairlead, new CompletableFuture<>()).cancel(true);
        async(fairlead, new CompletableFuture<>()).completeExceptionally(new TimeoutException("the caller's own"));
        CompletableFuture<String> late = fairlead.callAsync(
                        CallSpec.of("orders").within(Duration.ofSeconds(1)), never())
                .toCompletableFuture();
        time.advance(Duration.ofSeconds(1));
        assertThat(late).isCompletedExceptionally();
        assertThat(results()).containsExactly(Result.SUCCESS, Result.CANCELLED, Result.FAILURE, Result.FAILURE);
        assertThat(total(fairlead)).isEqualTo(4);
    }

    @Test
    void aHedgeIsAKindOfItsOwn() {
        registry.lists("a", "b", "c");
        Fairlead fairlead = fairlead(options -> options.hedging(
                Hedging.defaults().withDelay(Duration.ofMillis(50)).withMaxExtraLoad(1)));
        List<CompletableFuture<String>> sent = new ArrayList<>();
        CompletableFuture<String> call = fairlead.callAsync(CallSpec.of("orders"), (AsyncTransport<String>) attempt -> {
                    CompletableFuture<String> one = new CompletableFuture<>();
                    sent.add(one);
                    return one;
                })
                .toCompletableFuture();
        time.advance(Duration.ofMillis(60));
        assertThat(sent).hasSize(2);
        sent.get(1).complete("second");
        assertThat(call).isCompletedWithValue("second");
        assertThat(statistics(fairlead).attempts(Kind.HEDGE, Outcome.SUCCESS)).isEqualTo(1);
        assertThat(statistics(fairlead).attempts(Kind.FIRST, Outcome.IGNORED)).isEqualTo(1);
    }

    @Test
    void whoTookAnInstanceOutIsCounted() {
        registry.lists("a", "b", "c", "d");
        Fairlead fairlead = fairlead(options -> options.policy("random"));
        for (int i = 0; i < 200; i++) {
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            attempt.complete(attempt.instance().id().equals("a") ? Outcome.FAILURE : Outcome.SUCCESS);
            attempt.close();
            time.advance(Duration.ofMillis(20));
        }
        assertThat(statistics(fairlead).ejections().get(Ejection.GUARD)).isPositive();
        assertThat(statistics(fairlead).ejections().get(Ejection.PEERS)).isZero();
    }

    @Test
    void aListSaysWhereItComesFromAndSinceWhen() {
        Fairlead fairlead = fairlead(options -> options.firstListTimeout(Duration.ZERO));
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()));
        assertThat(list(fairlead).source()).isEqualTo(ListSource.WAITING);
        registry.lists("a", "b", "c", "d");
        time.advance(Duration.ofSeconds(5));
        assertThat(list(fairlead).source()).isEqualTo(ListSource.LIVE);
        assertThat(list(fairlead).sourceFor()).isEqualTo(Duration.ofSeconds(5));
        registry.interrupt();
        time.advance(Duration.ofSeconds(2));
        assertThat(list(fairlead).source()).isEqualTo(ListSource.STALE);
        assertThat(list(fairlead).sourceFor()).isEqualTo(Duration.ofSeconds(2));
        assertThat(list(fairlead).unchangedFor()).isEqualTo(Duration.ofSeconds(7));
        registry.interrupt();
        registry.lists("a");
        assertThat(list(fairlead).source()).isEqualTo(ListSource.HELD);
        assertThat(list(fairlead).held()).isEqualTo(3);
        registry.lists("a", "b", "c", "d");
        assertThat(list(fairlead).source()).isEqualTo(ListSource.LIVE);
        ServiceStatistics counted = statistics(fairlead);
        assertThat(counted.listChanges()).isEqualTo(3);
        assertThat(counted.interruptions()).isEqualTo(1);
    }

    @Test
    void everyListenerHearsAndNoneBreaksAnother() throws IOException {
        registry.lists("a");
        List<CallEvent> heard = new ArrayList<>();
        EventListener broken = new EventListener() {
            @Override
            public void onCall(CallEvent call) {
                throw new AssertionError("a user's mistake");
            }
        };
        EventListener second = new EventListener() {
            @Override
            public void onCall(CallEvent call) {
                heard.add(call);
            }
        };
        fairlead(options -> options.addListener(broken).addListener(second)).call("orders", attempt -> "fine");
        assertThat(heard).hasSize(1);
        assertThat(ends.calls).isEqualTo(heard);
    }

    @Test
    void noNumberFallsWhileInstancesComeAndGoUnderLoadAndCallsAreCountedAsOftenAsTheyWereMade() throws Exception {
        registry.lists("a", "b", "c", "d");
        Fairlead fairlead = fairlead(options -> options);
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong made = new AtomicLong();
        List<Thread> callers = new ArrayList<>();
        for (int caller = 0; caller < 3; caller++) {
            Thread thread = new Thread(() -> {
                while (!over.get()) {
                    callQuietly(fairlead);
                    made.incrementAndGet();
                }
            });
            callers.add(thread);
            thread.start();
        }
        List<Long> before = numbers(statistics(fairlead));
        for (int i = 0; i < 500; i++) {
            String[] names = {"n" + i, "n" + (i + 1), "n" + (i + 2)};
            registry.lists(names);
            List<Long> now = numbers(statistics(fairlead));
            for (int n = 0; n < now.size(); n++) {
                assertThat(now.get(n)).as("number %d", n).isGreaterThanOrEqualTo(before.get(n));
            }
            before = now;
        }
        over.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(total(fairlead)).isEqualTo(made.get());
    }

    private static List<Long> numbers(ServiceStatistics counted) {
        List<Long> numbers = new ArrayList<>();
        for (Result result : Result.values()) {
            numbers.add(counted.calls(result));
        }
        for (Kind kind : Kind.values()) {
            for (Outcome outcome : Outcome.values()) {
                numbers.add(counted.attempts(kind, outcome));
            }
        }
        numbers.addAll(counted.callDurations().counts());
        numbers.add(counted.callDurations().sumNanos());
        numbers.addAll(counted.attemptDurations().counts());
        numbers.add(counted.attemptDurations().sumNanos());
        numbers.add(counted.listChanges());
        return numbers;
    }

    private static <E> Map<E, Long> counts(E[] all, Map<E, Long> some) {
        Map<E, Long> counts = new HashMap<>();
        Arrays.asList(all).forEach(one -> counts.put(one, some.getOrDefault(one, 0L)));
        return counts;
    }

    private static void callQuietly(Fairlead fairlead) {
        try {
            fairlead.call("orders", attempt -> "fine");
        } catch (IOException | RuntimeException rejected) {
            // counted, which is what matters here
        }
    }

    private static Transport<String> failing(Exception failure) {
        return attempt -> {
            if (failure instanceof IOException broken) {
                throw broken;
            }
            throw (RuntimeException) failure;
        };
    }

    private static CompletableFuture<String> async(Fairlead fairlead, CompletionStage<String> answer) {
        return fairlead.callAsync(CallSpec.of("orders"), (AsyncTransport<String>) attempt -> answer)
                .toCompletableFuture();
    }

    private static AsyncTransport<String> never() {
        return attempt -> new CompletableFuture<>();
    }

    private List<Result> results() {
        return ends.calls.stream().map(CallEvent::result).toList();
    }

    private static long total(Fairlead fairlead) {
        return statistics(fairlead).calls().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static ServiceStatistics statistics(Fairlead fairlead) {
        return fairlead.statistics("orders");
    }

    private static ServiceStatus.ListView list(Fairlead fairlead) {
        return fairlead.status("orders").list();
    }

    private Fairlead fairlead(UnaryOperator<FairleadBuilder> options) {
        return options.apply(Fairlead.builder(registry).environment(time.environment(3, ends)))
                .build();
    }
}
