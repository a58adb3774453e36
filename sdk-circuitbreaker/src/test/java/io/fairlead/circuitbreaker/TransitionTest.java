// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** How states follow each other, and what can not make them. */
class TransitionTest {
    private final Breaker b = new Breaker(Breaker.count(10, 2, 50).withHalfOpen(halfOpen(4, 4, false)));

    private static CircuitBreakerConfig.HalfOpen halfOpen(int calls, int concurrent, boolean early) {
        return CircuitBreakerConfig.HalfOpen.of(calls, concurrent, early, ofSeconds(30));
    }

    private Breaker opened() {
        b.play("FF");
        assertThat(b.state()).isEqualTo(CircuitState.OPEN);
        return b;
    }

    @Test
    void openRejectsUntilExactlyTheWaitIsOver() {
        opened();
        assertThat(b.acquire()).isNull();
        assertThat(b.plus(ofSeconds(5).minusNanos(1)).acquire()).isNull();
        assertThat(b.metrics()).isEqualTo(List.of(100.0, 0, 2, 2, 2L));
        assertThat(b.breaker.remaining(b.time.nanos())).isEqualTo(Duration.ofNanos(1));
        assertThat(b.plus(Duration.ofNanos(1)).acquire()).isNotNull();
        assertThat(b.state()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(b.metrics()).isEqualTo(List.of(-1.0, 0, 0, 0, 0L));
    }

    @Test
    void theWaitDoublesWithEachOpeningInARowAndIsForgottenAfterCalm() {
        opened().plus(ofSeconds(5)).play("FFFF");
        assertThat(b.plus(ofSeconds(9)).acquire()).isNull();
        assertThat(b.plus(ofSeconds(1)).play("SSSS").state()).isEqualTo(CircuitState.CLOSED);
        b.play("FF");
        assertThat(b.plus(ofSeconds(19)).acquire()).isNull();
        b.plus(ofSeconds(1)).play("SSSS").plus(ofSeconds(30)).play("FF");
        assertThat(b.plus(ofSeconds(5)).acquire()).isNotNull();
    }

    @Test
    void halfOpenAdmitsItsPermitsAndDecidesWhenAllAreIn() {
        opened().plus(ofSeconds(5));
        List<Object> permits = List.of(b.acquire(), b.acquire(), b.acquire(), b.acquire());
        assertThat(b.acquire()).isNull();
        b.release(permits.get(0), Outcome.FAILURE, Duration.ZERO);
        b.release(permits.get(1), Outcome.SUCCESS, Duration.ZERO);
        b.release(permits.get(2), Outcome.SUCCESS, Duration.ZERO);
        assertThat(b.acquire()).isNull();
        assertThat(b.state()).isEqualTo(CircuitState.HALF_OPEN);
        b.release(permits.get(3), Outcome.SUCCESS, Duration.ZERO);
        assertThat(b.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(b.metrics()).isEqualTo(List.of(-1.0, 0, 0, 0, 0L));
        assertThat(b.events).containsExactly("CLOSED>OPEN", "exceeded", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED");
    }

    @Test
    void ignoredProbesGiveTheirPermitsBackUncounted() {
        opened().plus(ofSeconds(5)).play("IIIIIIII");
        assertThat(b.metrics()).isEqualTo(List.of(-1.0, 0, 0, 0, 0L));
        assertThat(b.play("SSSIS").state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void withEarlyDecisionTheFirstHopelessResultDecides() {
        Breaker early = new Breaker(Breaker.count(10, 2, 50).withHalfOpen(halfOpen(2, 1, true)));
        early.play("FF").plus(ofSeconds(5));
        Object probe = early.acquire();
        assertThat(early.acquire()).isNull();
        early.release(probe, Outcome.FAILURE, Duration.ZERO);
        assertThat(early.state()).isEqualTo(CircuitState.OPEN);
        assertThat(early.plus(ofSeconds(10)).play("SS").state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void aLostProbeForfeitsItsPermit() {
        Breaker lone = new Breaker(Breaker.count(10, 2, 50).withHalfOpen(halfOpen(1, 1, false)));
        lone.play("FF").plus(ofSeconds(5));
        Object lost = lone.acquire();
        assertThat(lone.plus(ofSeconds(29)).acquire()).isNull();
        Object again = lone.plus(ofSeconds(1)).acquire();
        assertThat(again).isNotNull();
        assertThat(lone.release(lost, Outcome.FAILURE, Duration.ZERO)).isEqualTo(CircuitBreaker.Recorded.LATE);
        assertThat(lone.state()).isEqualTo(CircuitState.HALF_OPEN);
        lone.release(again, Outcome.SUCCESS, Duration.ZERO);
        assertThat(lone.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void aResultOfAnEarlierStateDecidesNothing() {
        Object early = b.acquire();
        opened().plus(ofSeconds(5));
        Object probe = b.acquire();
        assertThat(b.release(early, Outcome.SUCCESS, Duration.ZERO)).isEqualTo(CircuitBreaker.Recorded.LATE);
        assertThat(b.release(early, Outcome.FAILURE, Duration.ZERO)).isEqualTo(CircuitBreaker.Recorded.LATE);
        assertThat(b.state()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(b.release(probe, Outcome.SUCCESS, Duration.ZERO)).isEqualTo(CircuitBreaker.Recorded.RECORDED);
        assertThat(b.release(probe, Outcome.SUCCESS, Duration.ZERO)).isEqualTo(CircuitBreaker.Recorded.LATE);
        assertThat(b.metrics()).isEqualTo(List.of(-1.0, 1, 1, 0, 0L));
        assertThat(b.breaker.metrics(b.time.nanos()).lifetime().late()).isEqualTo(3);
    }

    @Test
    void operatorsOutrankAutomation() {
        b.breaker.force(CircuitState.FORCED_OPEN);
        assertThat(b.acquire()).isNull();
        assertThat(b.plus(ofHours(5)).acquire()).isNull();
        b.breaker.openFor(ofMillis(1));
        assertThat(b.state()).isEqualTo(CircuitState.FORCED_OPEN);
        b.breaker.force(CircuitState.DISABLED);
        b.play("FFFFFFFF");
        assertThat(b.metrics()).isEqualTo(List.of(-1.0, 0, 0, 0, 0L));
        b.breaker.force(CircuitState.METRICS_ONLY);
        b.play("FFFSSFFF");
        assertThat(b.state()).isEqualTo(CircuitState.METRICS_ONLY);
        b.breaker.reset();
        assertThat(b.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(b.events)
                .containsExactly(
                        "CLOSED>FORCED_OPEN",
                        "FORCED_OPEN>DISABLED",
                        "DISABLED>METRICS_ONLY",
                        "exceeded",
                        "METRICS_ONLY>CLOSED");
    }

    @Test
    void forcingAutomaticStatesGoesOnFromThere() {
        b.breaker.force(CircuitState.CLOSED);
        assertThat(b.events).isEmpty();
        assertThatThrownBy(() -> b.breaker.force(CircuitState.HALF_OPEN))
                .hasMessage("state: HALF_OPEN from CLOSED (expected: from OPEN)");
        b.breaker.openFor(ofHours(2));
        assertThat(b.plus(ofHours(1)).acquire()).isNull();
        assertThat(b.plus(ofHours(1)).acquire()).isNotNull();
    }

    @Test
    void usedAloneItCountsExceptionsAndRejectsWithASentence() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> b.breaker.call(() -> {
                        throw new IllegalStateException("down");
                    }))
                    .hasMessage("down");
        }
        assertThatThrownBy(() -> b.breaker.call(() -> "never"))
                .isInstanceOf(CallNotPermittedException.class)
                .hasMessage("circuit breaker 'b' is OPEN and does not permit this call, next probe in 5.0 s")
                .satisfies(rejected -> assertThat(rejected.getStackTrace()).isEmpty());
    }

    @Test
    void aThrowingListenerChangesNothing() {
        VirtualTime time = new VirtualTime();
        CircuitBreaker breaker = CircuitBreaker.builder("b")
                .config(Breaker.count(10, 2, 50))
                .listener(new CircuitBreakerListener() {
                    @Override
                    public void onTransition(String name, CircuitState from, CircuitState to, String reason) {
                        throw new IllegalStateException("listener's own fault");
                    }
                })
                .ticker(time)
                .build();
        for (int i = 0; i < 2; i++) {
            breaker.release(breaker.acquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
        }
        assertThat(breaker.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void racingThreadsMakeEachTransitionOnce() throws Exception {
        for (int round = 0; round < 200; round++) {
            List<String> events = Collections.synchronizedList(new ArrayList<>());
            VirtualTime time = new VirtualTime();
            CircuitBreaker breaker = CircuitBreaker.builder("b")
                    .config(Breaker.count(10, 2, 50).withHalfOpen(halfOpen(3, 3, false)))
                    .listener(new CircuitBreakerListener() {
                        @Override
                        public void onTransition(String name, CircuitState from, CircuitState to, String reason) {
                            events.add(from + ">" + to);
                        }
                    })
                    .ticker(time)
                    .build();
            race(() -> call(breaker, time, Outcome.FAILURE));
            assertThat(events).containsExactly("CLOSED>OPEN");
            time.advance(ofSeconds(6));
            race(() -> call(breaker, time, Outcome.SUCCESS));
            // Each is told by the thread that made it, so two may be heard in either order.
            assertThat(events).contains("CLOSED>OPEN", "OPEN>HALF_OPEN").doesNotHaveDuplicates();
        }
    }

    @Test
    void aGuardTripsOnlyWhenItMay() {
        VirtualTime time = new VirtualTime();
        RecordingListener events = new RecordingListener();
        AtomicBoolean allowed = new AtomicBoolean();
        List<String> restored = new ArrayList<>();
        InstanceGuard guard = new CircuitBreakerGuards()
                .newGuard(
                        ServiceInstance.builder("orders")
                                .id("o1")
                                .address("10.0.0.1", 80)
                                .build(),
                        new InstanceGuard.EjectionCap() {
                            @Override
                            public boolean tryEject(String reason) {
                                return allowed.get();
                            }

                            @Override
                            public void restore(String reason) {
                                restored.add(reason);
                            }

                            @Override
                            public long unreported() {
                                return 0;
                            }
                        },
                        time.environment(1, events));
        release(guard, time, Outcome.UNREACHABLE, 4);
        assertThat(guard.describe(time.nanos()).state()).isEqualTo(GuardState.CLOSED);
        assertThat(guard.describe(time.nanos()).reason()).startsWith("too many others are out");
        allowed.set(true);
        release(guard, time, Outcome.UNREACHABLE, 1);
        assertThat(guard.isAvailable(time.nanos())).isFalse();
        assertThat(guard.tryAcquire(time.nanos())).isNull();
        time.advance(ofSeconds(7));
        release(guard, time, Outcome.SUCCESS, 2);
        assertThat(restored).containsExactly("probes succeeded");
        assertThat(events.events("guard"))
                .containsExactly("guard o1 CLOSED OPEN", "guard o1 OPEN HALF_OPEN", "guard o1 HALF_OPEN CLOSED");
    }

    private static void release(InstanceGuard guard, VirtualTime time, Outcome outcome, int times) {
        for (int i = 0; i < times; i++) {
            guard.release(guard.tryAcquire(time.nanos()), outcome, 0, time.nanos());
        }
    }

    private static void call(CircuitBreaker breaker, VirtualTime time, Outcome outcome) {
        Object permit = breaker.tryAcquire(time.nanos());
        if (permit != null) {
            breaker.release(permit, outcome, 0, time.nanos());
        }
    }

    private static void race(Runnable task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(threads.submit(task));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
    }
}
