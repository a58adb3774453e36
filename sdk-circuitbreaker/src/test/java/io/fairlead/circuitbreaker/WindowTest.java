// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is counted, for how long, and when it trips. */
class WindowTest {
    @Test
    void aCountWindowHoldsTheLastCalls() {
        Breaker b = new Breaker(Breaker.count(10, 10, 50));
        b.breaker.force(CircuitState.METRICS_ONLY);
        assertThat(b.play("SSFF").metrics()).isEqualTo(List.of(-1.0, 2, 4, 2, 0L));
        assertThat(b.play("FFFFSSSS").metrics()).isEqualTo(List.of(60.0, 4, 10, 6, 0L));
        assertThat(b.play("SSS").metrics()).isEqualTo(List.of(30.0, 7, 10, 3, 0L));
    }

    @Test
    void aTimeWindowTripsAtItsThresholdAlsoOnASuccess() {
        Breaker b = new Breaker(Breaker.time(20, 5, 50));
        assertThat(b.play("FFFS").state()).isEqualTo(CircuitState.CLOSED);
        assertThat(b.play("S").state()).isEqualTo(CircuitState.OPEN);
        assertThat(b.acquire()).isNull();
        assertThat(b.events).containsExactly("CLOSED>OPEN", "exceeded");
    }

    @Test
    void fiftyPercentExactlyTrips() {
        Breaker b = new Breaker(Breaker.time(20, 5, 50));
        b.play("S")
                .plus(ofSeconds(1))
                .play("S")
                .plus(ofSeconds(1))
                .play("S")
                .plus(ofSeconds(1))
                .play("F");
        assertThat(b.plus(ofSeconds(1)).play("F").state()).isEqualTo(CircuitState.CLOSED);
        assertThat(b.plus(ofSeconds(1)).play("F").state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void fortyNineAndAHalfPercentDoNotTripFifty() {
        Breaker b = new Breaker(Breaker.count(200, 200, 50));
        for (int i = 0; i < 101; i++) {
            b.play("S");
        }
        for (int i = 0; i < 99; i++) {
            b.play("F");
        }
        assertThat(b.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void slowMeansLongerThanTheLimitAndCountsBesideFailure() {
        Breaker b = new Breaker(
                Breaker.count(5, 5, 50).withTrip(new CircuitBreakerConfig.Trip(5, 100, 50, ofSeconds(4), 0, 0, false)));
        for (int i = 0; i < 5; i++) {
            b.slow(Outcome.SUCCESS, ofSeconds(4));
        }
        assertThat(b.breaker.metrics(b.time.nanos()).slow()).isZero();
        for (int i = 0; i < 3; i++) {
            b.slow(Outcome.SUCCESS, ofSeconds(4).plusNanos(1));
        }
        assertThat(b.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void oldBucketsLeaveTheWindow() {
        Breaker b = new Breaker(Breaker.time(5, 100, 50));
        b.play("F").plus(ofMillis(100)).play("S").plus(ofMillis(100)).play("S");
        b.plus(ofSeconds(1))
                .play("S")
                .plus(ofSeconds(1))
                .play("S")
                .plus(ofSeconds(1))
                .play("F");
        b.plus(ofSeconds(1)).play("S");
        assertThat(b.metrics()).isEqualTo(List.of(-1.0, 5, 7, 2, 0L));
        assertThat(b.plus(ofSeconds(1)).play("S").metrics()).isEqualTo(List.of(-1.0, 4, 5, 1, 0L));
        for (int i = 0; i < 1_000; i++) {
            b.metrics();
        }
        assertThat(b.plus(ofSeconds(5)).play("S").metrics()).isEqualTo(List.of(-1.0, 1, 1, 0, 0L));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE / 2, Long.MAX_VALUE - 1_000_000_000L, -1, 0})
    void anyOriginOfTimeWillDo(long origin) {
        Breaker b = new Breaker(Breaker.time(10, 5, 50), new VirtualTime(origin));
        b.play("SFF").plus(ofSeconds(2)).play("FF");
        assertThat(b.state()).isEqualTo(CircuitState.OPEN);
        assertThat(b.plus(ofSeconds(5).minusNanos(1)).acquire()).isNull();
        assertThat(b.plus(Duration.ofNanos(1)).acquire()).isNotNull();
    }

    @Test
    void aClockThatStepsBackDisablesNothing() {
        Breaker b = new Breaker(Breaker.time(10, 20, 50));
        b.play("S");
        b.time.jump(-1_000_000_000L);
        for (int i = 0; i < 40 && b.state() == CircuitState.CLOSED; i++) {
            b.play("F").plus(ofMillis(100));
        }
        assertThat(b.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void failuresAndRefusedConnectionsInARowTripAtOnce() {
        Breaker failures = new Breaker(CircuitBreakerConfig.perInstance());
        assertThat(failures.play("FFFFSFFFF").state()).isEqualTo(CircuitState.CLOSED);
        assertThat(failures.play("F").state()).isEqualTo(CircuitState.OPEN);
        Breaker refused = new Breaker(CircuitBreakerConfig.perInstance());
        assertThat(refused.play("RSR").state()).isEqualTo(CircuitState.CLOSED);
        assertThat(refused.play("R").state()).isEqualTo(CircuitState.OPEN);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void totalsAreExactUnderSixThreads(boolean timeWindow) throws Exception {
        SlidingWindow window =
                timeWindow ? new TimeWindow(10, Long.MAX_VALUE / 100, 0, TripGate.OPEN) : new CountWindow(97);
        ExecutorService threads = Executors.newFixedThreadPool(6);
        List<Future<int[]>> tallies = new ArrayList<>();
        for (int t = 0; t < 6; t++) {
            int seed = t;
            tallies.add(threads.submit(() -> {
                SplittableRandom random = new SplittableRandom(seed);
                int[] tally = new int[2];
                for (int i = 0; i < 100_000; i++) {
                    boolean failed = random.nextInt(10) < 4;
                    window.record(failed, false, 1);
                    tally[0]++;
                    tally[1] += failed ? 1 : 0;
                }
                return tally;
            }));
        }
        int calls = 0;
        int failed = 0;
        for (Future<int[]> tally : tallies) {
            calls += tally.get()[0];
            failed += tally.get()[1];
        }
        threads.shutdown();
        SlidingWindow.Totals totals = window.totals(1);
        if (timeWindow) {
            assertThat(totals).isEqualTo(new SlidingWindow.Totals(calls, failed, 0));
        } else {
            assertThat(totals.calls()).isEqualTo(97);
            assertThat(totals.failed()).isBetween(15, 65);
        }
    }

    @Test
    void windowsAgreeWithAPlainModelOverRandomCalls() {
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            CountWindow window = new CountWindow(17);
            Deque<boolean[]> model = new ArrayDeque<>();
            for (int i = 0; i < 500; i++) {
                boolean failed = random.nextBoolean();
                boolean slow = random.nextInt(4) == 0;
                window.record(failed, slow, 0);
                model.addLast(new boolean[] {failed, slow});
                if (model.size() > 17) {
                    model.removeFirst();
                }
                assertThat(window.totals(0))
                        .as("seed " + seed)
                        .isEqualTo(new SlidingWindow.Totals(
                                model.size(),
                                (int) model.stream().filter(call -> call[0]).count(),
                                (int) model.stream().filter(call -> call[1]).count()));
            }
        }
    }
}
