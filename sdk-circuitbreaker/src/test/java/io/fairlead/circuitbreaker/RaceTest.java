// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many threads on one breaker. */
@Tag("slow")
class RaceTest {
    private static final int THREADS = 6;

    private final VirtualTime time = new VirtualTime();

    @Test
    void neverMoreProbesAreUnderWayThanMayBe() throws Exception {
        CircuitBreaker breaker = breaker(
                CircuitBreakerConfig.HalfOpen.of(1_000, 3, false, Duration.ofDays(1)), CircuitBreakerListener.NONE);
        breaker.force(CircuitState.OPEN);
        time.jump(ofSeconds(10).toNanos());
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger counted = new AtomicInteger();
        race(thread -> {
            SplittableRandom random = new SplittableRandom(thread);
            for (int i = 0; i < 20_000; i++) {
                Object probe = breaker.tryAcquire(time.nanos());
                if (probe instanceof Probing.Probe) {
                    most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                    boolean ignored = random.nextInt(50) != 0 || counted.incrementAndGet() > 900;
                    underWay.decrementAndGet();
                    Outcome outcome = ignored ? Outcome.IGNORED : Outcome.SUCCESS;
                    assertThat(breaker.release(probe, outcome, 0, time.nanos()))
                            .isEqualTo(CircuitBreaker.Recorded.RECORDED);
                    assertThat(breaker.release(probe, outcome, 0, time.nanos()))
                            .isEqualTo(CircuitBreaker.Recorded.LATE);
                }
            }
        });
        assertThat(most.get()).isBetween(1, 3);
        assertThat(underWay).hasValue(0);
        assertThat(breaker.metrics(time.nanos()).calls()).isEqualTo(Math.min(900, counted.get()));
    }

    @Test
    void everyTransitionIsToldOnceAndTheyFormOneChain() throws Exception {
        AtomicInteger[][] edges = new AtomicInteger[6][6];
        for (AtomicInteger[] row : edges) {
            for (int i = 0; i < row.length; i++) {
                row[i] = new AtomicInteger();
            }
        }
        CircuitBreaker breaker =
                breaker(CircuitBreakerConfig.HalfOpen.of(2, 2, true, ofSeconds(1)), new CircuitBreakerListener() {
                    @Override
                    public void onTransition(String name, CircuitState from, CircuitState to, String reason) {
                        edges[from.ordinal()][to.ordinal()].incrementAndGet();
                    }
                });
        race(thread -> {
            SplittableRandom random = new SplittableRandom(thread);
            for (int i = 0; i < 20_000; i++) {
                Object permit = breaker.tryAcquire(time.nanos());
                if (permit != null) {
                    Outcome outcome = random.nextInt(3) == 0 ? Outcome.FAILURE : Outcome.SUCCESS;
                    breaker.release(permit, outcome, 0, time.nanos());
                }
                if (thread == 0 && i % 7 == 0) {
                    time.jump(ofSeconds(20).toNanos());
                }
                if (random.nextInt(2_000) == 0) {
                    breaker.reset();
                }
            }
        });
        // A walk from CLOSED to where it is now leaves every state as often as it enters it, but for the two ends.
        for (CircuitState state : CircuitState.values()) {
            int in = 0;
            int out = 0;
            for (CircuitState other : CircuitState.values()) {
                in += edges[other.ordinal()][state.ordinal()].get();
                out += edges[state.ordinal()][other.ordinal()].get();
            }
            int start = state == CircuitState.CLOSED ? 1 : 0;
            int end = state == breaker.state() ? 1 : 0;
            assertThat(in + start).as(state.name()).isEqualTo(out + end);
        }
        assertThat(edges[CircuitState.CLOSED.ordinal()][CircuitState.OPEN.ordinal()].get())
                .isPositive();
        assertThat(edges[CircuitState.HALF_OPEN.ordinal()][CircuitState.CLOSED.ordinal()].get())
                .isPositive();
    }

    @Test
    void anOperatorsLatchIsNeverOverwritten() throws Exception {
        CircuitBreaker breaker =
                breaker(CircuitBreakerConfig.HalfOpen.of(1, 1, true, ofSeconds(1)), CircuitBreakerListener.NONE);
        AtomicBoolean overwritten = new AtomicBoolean();
        AtomicBoolean done = new AtomicBoolean();
        race(thread -> {
            if (thread == 0) {
                for (int i = 0; i < 5_000; i++) {
                    breaker.force(CircuitState.FORCED_OPEN);
                    for (int look = 0; look < 20; look++) {
                        overwritten.compareAndSet(false, breaker.state() != CircuitState.FORCED_OPEN);
                    }
                    breaker.force(CircuitState.CLOSED);
                    time.jump(ofSeconds(20).toNanos());
                }
                done.set(true);
                return;
            }
            while (!done.get()) {
                Object permit = breaker.tryAcquire(time.nanos());
                if (permit != null) {
                    breaker.release(permit, Outcome.FAILURE, 0, time.nanos());
                }
                breaker.openFor(ofSeconds(1));
                breaker.retryAfter(ofSeconds(2));
            }
        });
        assertThat(overwritten).isFalse();
    }

    /** R5 of the table of cases: in a breaker with a timer the end of one wait, racing a reset, ended the next one early. */
    @Test
    void aWaitIsNeverShortenedByTheEndOfTheWaitBeforeIt() throws Exception {
        CircuitBreaker breaker =
                breaker(CircuitBreakerConfig.HalfOpen.of(1, 1, true, ofSeconds(1)), CircuitBreakerListener.NONE);
        CyclicBarrier round = new CyclicBarrier(THREADS);
        AtomicBoolean isSecond = new AtomicBoolean();
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger probesOfTheFirst = new AtomicInteger();
        AtomicInteger probesOfTheSecond = new AtomicInteger();
        race(thread -> {
            for (int i = 0; i < 1_000; i++) {
                round.await();
                if (thread == 0) {
                    breaker.force(CircuitState.OPEN);
                    time.jump(ofSeconds(5).toNanos());
                    breaker.reset();
                    breaker.force(CircuitState.OPEN);
                    isSecond.set(true);
                    time.jump(ofSeconds(5).toNanos() - 1);
                    for (int look = 0; look < 20; look++) {
                        assertThat(breaker.remaining(time.nanos())).isEqualTo(Duration.ofNanos(1));
                    }
                    isOver.set(true);
                }
                while (!isOver.get()) {
                    AtomicInteger probes = isSecond.get() ? probesOfTheSecond : probesOfTheFirst;
                    Object permit = breaker.tryAcquire(time.nanos());
                    if (permit != null) {
                        probes.addAndGet(permit instanceof Probing.Probe ? 1 : 0);
                        breaker.cancel(permit);
                    }
                }
                round.await();
                if (thread == 0) {
                    breaker.reset();
                    isSecond.set(false);
                    isOver.set(false);
                }
            }
        });
        assertThat(probesOfTheSecond).as("before its wait was over").hasValue(0);
        assertThat(probesOfTheFirst).as("the race took place").hasPositiveValue();
    }

    @Test
    void bucketsThatTurnUnderThreadsLoseNoCall() throws Exception {
        TimeWindow window = new TimeWindow(4, 1_000, 0, TripGate.OPEN);
        AtomicInteger failures = new AtomicInteger();
        for (int round = 1; round < 3_000; round++) {
            long now = round * 1_000L;
            failures.addAndGet(turn(window, now));
            // All of this turn, whoever reset the bucket: two threads, one call each, one of them failed.
            SlidingWindow.Totals totals = window.totals(now);
            int turns = Math.min(round, 4);
            assertThat(totals).as("round " + round).isEqualTo(new SlidingWindow.Totals(2 * turns, turns, 0));
        }
        assertThat(failures).hasValue(2_999);
    }

    private final CyclicBarrier together = new CyclicBarrier(2);

    private int turn(TimeWindow window, long now) throws Exception {
        Thread other = new Thread(() -> {
            await();
            window.record(true, false, now);
        });
        other.start();
        await();
        window.record(false, false, now);
        other.join();
        return 1;
    }

    private void await() {
        try {
            together.await();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    private CircuitBreaker breaker(CircuitBreakerConfig.HalfOpen halfOpen, CircuitBreakerListener listener) {
        return CircuitBreaker.builder("raced")
                .config(Breaker.count(10, 5, 30).withHalfOpen(halfOpen))
                .listener(listener)
                .ticker(time)
                .build();
    }

    private interface Task {
        void run(int thread) throws Exception;
    }

    private static void race(Task task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            all.add(threads.submit(() -> {
                task.run(thread);
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
    }
}
