// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.balancer.RateLimit;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The token bucket, by the book of Go's x/time/rate. */
class RateLimiterTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long TENTH = TimeUnit.MILLISECONDS.toNanos(100);
    private final VirtualTime time = new VirtualTime();

    @ParameterizedTest
    @ValueSource(longs = {1_000_000_000L, Long.MIN_VALUE / 2, Long.MAX_VALUE - 1_000_000_000L})
    void tenASecondAndFiveAtOnceThenOneEveryTenthOfASecond(long origin) {
        VirtualTime clock = new VirtualTime(origin);
        RateLimiter limiter = new RateLimiter(RateLimit.of(10, 5), clock.nanos());
        assertThat(allowed(limiter, clock, 20)).isEqualTo(5);
        for (int i = 0; i < 30; i++) {
            clock.jump(TENTH - 1);
            assertThat(limiter.allow(clock.nanos())).isFalse();
            clock.jump(1);
            assertThat(limiter.allow(clock.nanos())).isTrue();
            assertThat(limiter.allow(clock.nanos())).isFalse();
        }
    }

    @Test
    void aRestFillsTheBucketAndNoMore() {
        RateLimiter limiter = limiter(10, 5);
        assertThat(allowed(limiter, time, 20)).isEqualTo(5);
        time.advance(Duration.ofHours(1));
        assertThat(allowed(limiter, time, 20)).isEqualTo(5);
    }

    @Test
    void moreThanTheBurstNeverPassesAndChangesNothing() {
        RateLimiter limiter = limiter(10, 5);
        assertThat(limiter.reserve(6, Long.MAX_VALUE / 2, time.nanos())).isNull();
        assertThat(allowed(limiter, time, 20)).isEqualTo(5);
    }

    @Test
    void anInfiniteRateAllowsEverythingEvenWithoutABurst() {
        RateLimiter limiter = limiter(Double.POSITIVE_INFINITY, 0);
        assertThat(allowed(limiter, time, 1_000)).isEqualTo(1_000);
    }

    @Test
    void aRateOfNothingAllowsTheFirstBurstOnly() {
        RateLimiter limiter = limiter(0, 3);
        assertThat(allowed(limiter, time, 20)).isEqualTo(3);
        time.advance(Duration.ofDays(365));
        assertThat(limiter.reserve(1, Long.MAX_VALUE / 2, time.nanos())).isNull();
        assertThat(limiter.nanosToToken(time.nanos())).isZero();
    }

    @Test
    void aReservationGoesIntoDebtAndSaysHowLongToWait() {
        RateLimiter limiter = limiter(10, 2);
        assertThat(allowed(limiter, time, 5)).isEqualTo(2);
        assertThat(limiter.reserve(1, SECOND, time.nanos()).waitNanos()).isEqualTo(TENTH);
        assertThat(limiter.reserve(2, SECOND, time.nanos()).waitNanos()).isEqualTo(3 * TENTH);
        assertThat(limiter.reserve(1, 4 * TENTH - 1, time.nanos())).isNull();
        assertThat(limiter.nanosToToken(time.nanos())).isEqualTo(4 * TENTH);
        time.jump(4 * TENTH);
        assertThat(limiter.allow(time.nanos())).isTrue();
    }

    @Test
    void cancellingRefundsWhatLaterReservationsWereNotPromised() {
        RateLimiter limiter = limiter(10, 1);
        assertThat(limiter.allow(time.nanos())).isTrue();
        RateLimiter.Reservation first = limiter.reserve(1, SECOND, time.nanos());
        RateLimiter.Reservation second = limiter.reserve(1, SECOND, time.nanos());
        assertThat(second.waitNanos()).isEqualTo(2 * TENTH);
        first.cancel(time.nanos());
        assertThat(limiter.nanosToToken(time.nanos()))
                .as("the second has the first one's place in the debt")
                .isEqualTo(3 * TENTH);
        second.cancel(time.nanos());
        assertThat(limiter.nanosToToken(time.nanos())).isEqualTo(2 * TENTH);
    }

    @Test
    void cancellingOneThatDidNotWaitRefundsWhatTheLaterOneWasNotPromised() {
        RateLimiter limiter = limiter(10, 4);
        RateLimiter.Reservation first = limiter.reserve(2, SECOND, time.nanos());
        assertThat(limiter.reserve(3, SECOND, time.nanos()).waitNanos()).isEqualTo(TENTH);
        first.cancel(time.nanos());
        time.jump(TENTH / 2);
        assertThat(limiter.reserve(3, SECOND, time.nanos()).waitNanos())
                .as("acts at 300 ms, as Go's")
                .isEqualTo(5 * TENTH / 2);
    }

    @Test
    void aTokenOfACallRejectedFurtherInsideComesBack() {
        RateLimiter limiter = limiter(10, 5);
        RateLimiter.Reservation rejected = limiter.reserve(1, 0, time.nanos());
        assertThat(allowed(limiter, time, 20)).isEqualTo(4);
        rejected.cancel(time.nanos());
        assertThat(allowed(limiter, time, 20)).isEqualTo(1);
    }

    @Test
    void anotherRateKeepsTheTokensThereAre() {
        RateLimiter limiter = limiter(10, 5);
        assertThat(allowed(limiter, time, 3)).isEqualTo(3);
        limiter.change(RateLimit.of(1, 5), time.nanos());
        assertThat(allowed(limiter, time, 20)).isEqualTo(2);
        time.advance(Duration.ofSeconds(2));
        assertThat(allowed(limiter, time, 20)).isEqualTo(2);
        limiter.change(RateLimit.of(1, 10), time.nanos());
        assertThat(limiter.allow(time.nanos()))
                .as("a larger bucket is not fuller")
                .isFalse();
        time.advance(Duration.ofSeconds(60));
        assertThat(allowed(limiter, time, 20)).isEqualTo(10);
    }

    @Test
    void aClockThatStepsBackNeitherAddsNorDestroysTokens() {
        RateLimiter limiter = limiter(10, 5);
        time.advance(Duration.ofSeconds(30));
        assertThat(allowed(limiter, time, 2)).isEqualTo(2);
        time.jump(-20 * SECOND);
        assertThat(allowed(limiter, time, 20)).isEqualTo(3);
        time.jump(20 * SECOND);
        assertThat(limiter.allow(time.nanos())).isFalse();
        time.jump(TENTH);
        assertThat(allowed(limiter, time, 20)).isEqualTo(1);
    }

    @Test
    void agreesWithAPlainModelWhateverComes() {
        for (long seed = 1; seed <= 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int burst = 1 + random.nextInt(10);
            RateLimiter limiter = limiter(10, burst);
            double tokens = burst;
            for (int step = 0; step < 500; step++) {
                long passed = random.nextInt(4) * TENTH / 2;
                time.jump(passed);
                tokens = Math.min(burst, tokens + (double) passed / TENTH);
                int wanted = 1 + random.nextInt(3);
                boolean expected = wanted <= tokens + 1e-9;
                assertThat(limiter.reserve(wanted, 0, time.nanos()) != null)
                        .as("seed %d step %d: %s of %s", seed, step, wanted, tokens)
                        .isEqualTo(expected);
                tokens -= expected ? wanted : 0;
            }
        }
    }

    /** Go's would give five back: the latest reservation acts before the cancelled one. */
    @Test
    void cancellingNeverRefundsMoreThanWasTaken() {
        RateLimiter limiter = limiter(10, 7);
        assertThat(limiter.reserve(7, 0, time.nanos())).isNotNull();
        RateLimiter.Reservation large = limiter.reserve(7, SECOND, time.nanos());
        RateLimiter.Reservation small = limiter.reserve(1, SECOND, time.nanos());
        large.cancel(time.nanos());
        assertThat(limiter.reserve(2, SECOND, time.nanos()).waitNanos()).isEqualTo(4 * TENTH);
        small.cancel(time.nanos());
        assertThat(limiter.nanosToToken(time.nanos())).isEqualTo(4 * TENTH);
    }

    @Test
    void reservesAndRefundsWhatGosDoes() {
        int refunds = 0;
        for (long seed = 1; seed <= 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int burst = 1 + random.nextInt(8);
            RateLimiter limiter = limiter(10, burst);
            GoLimiter go = new GoLimiter(burst, time.nanos());
            List<GoLimiter.Reservation> goOpen = new ArrayList<>();
            List<RateLimiter.Reservation> open = new ArrayList<>();
            for (int step = 0; step < 100; step++) {
                time.jump(random.nextBoolean() ? 0 : random.nextLong(3 * TENTH));
                String where = "seed " + seed + " step " + step;
                long now = time.nanos();
                if (!open.isEmpty() && random.nextInt(3) == 0) {
                    int which = random.nextInt(open.size());
                    RateLimiter.Reservation ours = open.remove(which);
                    GoLimiter.Reservation theirs = goOpen.remove(which);
                    // Go gives nothing back of what may have been acted on; we do.
                    if (theirs.act >= now) {
                        go.cancel(theirs, now);
                        ours.cancel(now);
                        refunds++;
                    }
                } else {
                    int wanted = 1 + random.nextInt(burst + 1);
                    long most = random.nextInt(3) == 0 ? 0 : random.nextLong(10 * TENTH);
                    GoLimiter.Reservation theirs = go.reserve(wanted, most, now);
                    RateLimiter.Reservation ours = limiter.reserve(wanted, most, now);
                    assertThat(ours != null).as(where).isEqualTo(theirs != null);
                    if (ours != null && theirs != null) {
                        assertThat(ours.waitNanos()).as(where).isCloseTo(theirs.act - now, within(2L));
                        open.add(ours);
                        goOpen.add(theirs);
                    }
                }
                assertThat(limiter.nanosToToken(now)).as(where).isCloseTo(go.nanosToToken(now), within(2L));
            }
        }
        assertThat(refunds).isGreaterThan(2_000);
    }

    @Test
    void threadsTogetherGetNoMoreThanTheBurst() throws InterruptedException {
        RateLimiter limiter = limiter(10, 1_000);
        AtomicInteger granted = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(new Thread(() -> {
                for (int call = 0; call < 1_000; call++) {
                    granted.addAndGet(limiter.allow(time.nanos()) ? 1 : 0);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(granted).hasValue(1_000);
    }

    @Test
    void badOptionsSayWhatWasExpected() {
        assertThatThrownBy(() -> RateLimit.of(-1, 5)).hasMessageContaining("rateLimit.perSecond: -1.0 (expected: 0,");
        assertThatThrownBy(() -> RateLimit.of(1, -5)).hasMessage("rateLimit.burst: -5 (expected: 0..1000000)");
        assertThatThrownBy(() -> RateLimit.of(Double.NaN, 1)).hasMessageContaining("NaN");
    }

    private RateLimiter limiter(double perSecond, int burst) {
        return new RateLimiter(RateLimit.of(perSecond, burst), time.nanos());
    }

    private static int allowed(RateLimiter limiter, VirtualTime clock, int tries) {
        int allowed = 0;
        for (int i = 0; i < tries; i++) {
            allowed += limiter.allow(clock.nanos()) ? 1 : 0;
        }
        return allowed;
    }

    /** Go's limiter of ten tokens a second, line by line: {@code reserveN}, {@code CancelAt} and {@code advance}. */
    private static final class GoLimiter {
        final int burst;
        double tokens;
        long last;
        long lastEvent = Long.MIN_VALUE / 2;

        record Reservation(int tokens, long act) {}

        GoLimiter(int burst, long nowNanos) {
            this.burst = burst;
            this.tokens = burst;
            this.last = nowNanos;
        }

        @Nullable
        Reservation reserve(int wanted, long maxWait, long now) {
            double left = advanced(now) - wanted;
            long wait = left < 0 ? nanos(-left) : 0;
            if (wanted > burst || wait > maxWait) {
                return null;
            }
            last = now;
            tokens = left;
            lastEvent = now + wait;
            return new Reservation(wanted, now + wait);
        }

        void cancel(Reservation reservation, long now) {
            // Go's lacks the bound.
            double restored =
                    Math.min(reservation.tokens, reservation.tokens - (double) (lastEvent - reservation.act) / TENTH);
            if (reservation.act < now || restored <= 0) {
                return;
            }
            tokens = Math.min(burst, advanced(now) + restored);
            last = now;
            long previous = reservation.act - nanos(reservation.tokens);
            if (reservation.act == lastEvent && previous >= now) {
                lastEvent = previous;
            }
        }

        long nanosToToken(long now) {
            return Math.max(0, nanos(1 - advanced(now)));
        }

        private double advanced(long now) {
            return Math.min(burst, tokens + (double) (now - last) / TENTH);
        }

        private static long nanos(double tokens) {
            return Math.round(tokens * TENTH);
        }
    }
}
