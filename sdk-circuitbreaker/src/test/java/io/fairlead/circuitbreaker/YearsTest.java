// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A breaker of any age, on a clock of any origin, busy or at rest before, does what it did on its first day. */
class YearsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    static Stream<Arguments> agesAndClocks() {
        List<Duration> ages = new ArrayList<>();
        for (int days : new int[] {1, 2, 3, 4, 30, 31, 182, 194, 248, 249, 311, 365, 400, 497, 498, 730, 25 * 365}) {
            ages.add(Duration.ofDays(days));
        }
        // What wraps: 24 and 32 bits of buckets of 10 ms and of 1 s, and a moment before.
        for (long turns : new long[] {1L << 24, 1L << 31, 1L << 32}) {
            ages.add(Duration.ofMillis(10 * (turns - 5)));
            ages.add(Duration.ofMillis(10 * (turns - 5_000)));
            if (turns < 1L << 32) {
                ages.add(Duration.ofSeconds(Math.min(turns - 5, 290L * 365 * 86_400 / 10)));
            }
        }
        return clocks(ages);
    }

    static Stream<Arguments> fewAgesAndClocks() {
        return clocks(
                List.of(Duration.ofDays(1), Duration.ofDays(30), Duration.ofDays(365), Duration.ofDays(25 * 365)));
    }

    private static Stream<Arguments> clocks(List<Duration> ages) {
        return ages.stream()
                .flatMap(age -> Stream.of(
                                0L,
                                Long.MIN_VALUE,
                                Long.MIN_VALUE + 1,
                                Long.MAX_VALUE,
                                Long.MAX_VALUE - age.toNanos() / 2)
                        .flatMap(origin -> Stream.of(true, false).map(busy -> Arguments.of(age, origin, busy))));
    }

    @ParameterizedTest
    @MethodSource("agesAndClocks")
    void opensProbesAndClosesAtAnyAge(Duration age, long origin, boolean busy) {
        for (CircuitBreakerConfig config : List.of(
                Breaker.time(10, 10, 50),
                Breaker.time(10, 10, 50).withWindow(CircuitBreakerConfig.Window.time(10, Duration.ofMillis(10))),
                Breaker.count(20, 10, 50))) {
            Breaker b = new Breaker(config, new VirtualTime(origin));
            b.play("SSSSSSSSSF");
            live(b, age, busy);
            b.plus(SECOND.multipliedBy(20));
            b.play("SSSSSSSSSSSSSSSSSSSS");
            if (config.window().isTime()) {
                b.plus(SECOND.multipliedBy(20));
            }
            assertThat(b.play("SSSSS").state()).isEqualTo(CircuitState.CLOSED);
            int failures = 0;
            while (b.state() == CircuitState.CLOSED && failures < 30) {
                b.play("F");
                failures++;
            }
            assertThat(failures)
                    .as("failures that open it, %s", config.window())
                    .isBetween(5, 10);
            assertThat(b.acquire()).isNull();
            b.plus(Duration.ofSeconds(5).minusNanos(1));
            assertThat(b.acquire()).as("a moment before the wait is over").isNull();
            b.plus(Duration.ofNanos(1));
            assertThat(b.play("SSS").state()).isEqualTo(CircuitState.CLOSED);
        }
    }

    @ParameterizedTest
    @MethodSource("agesAndClocks")
    void seesCallsThatHangAtAnyAge(Duration age, long origin, boolean busy) {
        for (int millis : new int[] {1, 10, 100, 1_000}) {
            Duration slow = Duration.ofMillis(millis);
            CircuitBreakerConfig config =
                    Breaker.count(10, 4, 50).withTrip(new CircuitBreakerConfig.Trip(4, 50, 50, slow, 0, 0, true));
            Breaker b = new Breaker(config, new VirtualTime(origin));
            live(b, age, busy);
            for (int i = 0; i < 12; i++) {
                assertThat(b.acquire()).isNotNull();
            }
            b.plus(slow.minusNanos(1));
            Object early = b.acquire();
            assertThat(early).as("not slow yet").isNotNull();
            b.breaker.cancel(early);
            b.plus(slow);
            assertThat(b.acquire())
                    .as("twelve have been under way for too long, %s", slow)
                    .isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("fewAgesAndClocks")
    void lostProbesLongHalfOpenStaysAndRepeatedOpeningsEndInTimeAtAnyAge(Duration age, long origin, boolean busy) {
        CircuitBreakerConfig config = Breaker.time(10, 10, 50)
                .withHalfOpen(CircuitBreakerConfig.HalfOpen.of(2, 1, true, SECOND.multipliedBy(30))
                        .atMost(SECOND.multipliedBy(60), CircuitState.OPEN));
        Breaker b = new Breaker(config, new VirtualTime(origin));
        live(b, age, busy);
        b.plus(SECOND.multipliedBy(20)).play("FFFFFFFFFF");
        opensFor(b, 5);
        b.plus(SECOND.multipliedBy(30).minusNanos(1));
        assertThat(b.acquire()).as("its probe is under way").isNull();
        b.plus(Duration.ofNanos(1));
        assertThat(b.acquire()).as("it was lost").isNotNull();
        b.plus(SECOND.multipliedBy(30));
        assertThat(b.acquire()).as("half-open for a minute").isNull();
        opensFor(b, 10);
        live(b, age, false);
        assertThat(b.acquire()).as("half-open for years").isNull();
        opensFor(b, 20);
        b.plus(SECOND.multipliedBy(30)).play("SS").plus(SECOND).play("FFFFFFFFFF");
        opensFor(b, 40);
        b.plus(SECOND.multipliedBy(30)).play("SS");
        live(b, age, busy);
        b.plus(SECOND.multipliedBy(20)).play("FFFFFFFFFF");
        opensFor(b, 5);
    }

    @Test
    void aClockThatIsSetBackHidesNoFailuresAndKeepsNothingOpen() {
        for (Duration back : List.of(SECOND.multipliedBy(30), Duration.ofHours(1), Duration.ofDays(400))) {
            Breaker b = new Breaker(Breaker.time(10, 20, 50));
            steady(b, 60, "S");
            b.time.jump(-back.toNanos());
            steady(b, 60, "S");
            int seconds = 0;
            while (b.state() == CircuitState.CLOSED && seconds < 60) {
                steady(b, 1, "F");
                seconds++;
            }
            assertThat(seconds).as("seconds of failures after %s back", back).isLessThanOrEqualTo(10);
            b.time.jump(-back.toNanos());
            int waited = 0;
            while (b.acquire() == null && waited < 100) {
                b.plus(SECOND);
                waited++;
            }
            assertThat(waited).as("seconds to the first probe").isLessThanOrEqualTo(16);
            b.time.jump(-back.toNanos());
            Object lost = b.acquire();
            b.plus(SECOND.multipliedBy(31));
            assertThat(b.acquire())
                    .as("a probe that was lost is issued again, " + lost)
                    .isNotNull();
        }
    }

    @Test
    void aClockThatIsSetBackHidesNoCallsThatHang() {
        CircuitBreakerConfig config =
                Breaker.count(10, 4, 50).withTrip(new CircuitBreakerConfig.Trip(4, 50, 50, SECOND, 0, 0, true));
        Breaker b = new Breaker(config);
        live(b, Duration.ofDays(1), true);
        b.time.jump(-Duration.ofHours(1).toNanos());
        live(b, Duration.ofMinutes(1), true);
        for (int i = 0; i < 12; i++) {
            assertThat(b.acquire()).isNotNull();
        }
        b.plus(Duration.ofMillis(1_200));
        assertThat(b.acquire()).isNull();
    }

    /** Open now, for so long; then lets the first probe through, which is lost. */
    private static void opensFor(Breaker b, int seconds) {
        assertThat(b.state()).isEqualTo(CircuitState.OPEN);
        b.plus(SECOND.multipliedBy(seconds).minusNanos(1));
        assertThat(b.acquire()).as("a moment before %d s are over", seconds).isNull();
        b.plus(Duration.ofNanos(1));
        assertThat(b.acquire()).as("after %d s", seconds).isNotNull();
    }

    /** Passes so much time, with a healthy call at a few thousand moments, or in one step. */
    private static void live(Breaker b, Duration age, boolean busy) {
        int steps = busy ? 2_000 : 1;
        for (int i = 0; i < steps; i++) {
            b.plus(age.dividedBy(steps));
            if (busy) {
                b.release(b.acquire(), Outcome.SUCCESS, Duration.ZERO);
            }
        }
    }

    private static void steady(Breaker b, int seconds, String call) {
        for (int i = 0; i < seconds * 10 && b.state() == CircuitState.CLOSED; i++) {
            b.play(call).plus(Duration.ofMillis(100));
        }
    }
}
