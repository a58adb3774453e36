// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts and what remembers does at any age, on a clock of any origin, what it did on its first day. */
class YearsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final InstanceGuard.EjectionCap ANY = new InstanceGuard.EjectionCap() {
        @Override
        public boolean tryEject(String reason) {
            return true;
        }

        @Override
        public void restore(String reason) {}

        @Override
        public long unwatched() {
            return 0;
        }
    };

    private static PeerLatency peersTaking(long nanos, VirtualTime time) {
        InstanceState peer =
                PeerRuleTest.state(FakeRegistry.instance("peer"), new EjectionQuota(new Deaf()), time.environment());
        peer.learn(Outcome.SUCCESS, nanos, time.nanos());
        PeerLatency peers = new PeerLatency();
        peers.refresh(List.of(peer));
        return peers;
    }

    static Stream<Arguments> agesAndClocks() {
        return clocks(1, 26, 30, 40, 52, 124, 125, 248, 249, 300, 365, 400, 497, 498, 2_500, 2_600, 25 * 365);
    }

    static Stream<Arguments> fewAgesAndClocks() {
        return clocks(1, 30, 125, 365, 25 * 365);
    }

    private static Stream<Arguments> clocks(int... days) {
        return Arrays.stream(days)
                .mapToObj(Duration::ofDays)
                .flatMap(age -> Stream.of(0L, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - age.toNanos() / 2)
                        .flatMap(origin -> Stream.of(true, false).map(busy -> Arguments.of(age, origin, busy))));
    }

    @ParameterizedTest
    @MethodSource("agesAndClocks")
    void everyCounterWorksAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        RateLimiter limiter = new RateLimiter(RateLimit.of(10, 5), time.nanos());
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        AdaptiveThrottle throttle =
                new AdaptiveThrottle(Throttle.defaults().withWindow(Duration.ofSeconds(1)), time.nanos());
        RecentLatency latency = new RecentLatency(time.nanos());
        long average = MovingAverage.of(1e6f, time.nanos());
        long estimate = LatencyEstimate.of(1e6f, 0.1f, time.nanos());
        PeerLatency peers = peersTaking(9 * SECOND, time);
        int steps = busy ? 1_000 : 1;
        for (int i = 0; i < steps; i++) {
            time.jump(age.toNanos() / steps);
            if (busy) {
                assertThat(limiter.allow(time.nanos())).isTrue();
                budget.deposit(time.nanos());
                assertThat(throttle.admits(() -> 0, time.nanos())).isTrue();
                throttle.answered(true, time.nanos());
                latency.record(SECOND, time.nanos());
            }
        }
        time.jump(20 * SECOND);
        assertThat(LatencyEstimate.variance(estimate, time.nanos()))
                .as("an old estimate")
                .isEqualTo(LatencyEstimate.PRIOR);
        assertThat((double) LatencyEstimate.micros(estimate, peers, time.nanos()))
                .as("gives way to the peers'")
                .isCloseTo(9e6, withinPercentage(1));
        average = MovingAverage.with(average, 9e6f, 10e9, 0, time.nanos());
        assertThat(MovingAverage.value(average)).as("an old average gives way").isGreaterThan(7e6f);
        int granted = 0;
        while (limiter.allow(time.nanos())) {
            granted++;
        }
        assertThat(granted).as("tokens").isEqualTo(5);
        int retries = 0;
        while (budget.tryWithdraw(time.nanos())) {
            retries++;
        }
        assertThat(retries).as("retries").isBetween(29, 31);
        for (int i = 0; i < 20; i++) {
            boolean unused = throttle.admits(() -> Long.MAX_VALUE, time.nanos());
            throttle.answered(false, time.nanos());
        }
        assertThat(throttle.rejection(time.nanos())).isGreaterThan(0.9);
        for (int i = 0; i < 30; i++) {
            latency.record(SECOND / 100, time.nanos());
        }
        assertThat(latency.quantile(0.95, 20, time.nanos())).isBetween(SECOND / 100, SECOND / 70);
    }

    @ParameterizedTest
    @MethodSource("fewAgesAndClocks")
    void hedgesFollowTheRecentCallsAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        RetryBudget retries = new RetryBudget(0.2, 3, time);
        Hedges hedges = new Hedges(Hedging.defaults(), new RetryBudget(0.2, 3, time), time);
        live(time, age, busy, () -> {
            retries.deposit(time.nanos());
            hedges.deposit(time.nanos());
            hedges.answered(SECOND, time.nanos());
        });
        time.jump(20 * SECOND);
        assertThat(hedges.delayNanos(time.nanos())).as("nothing recent").isEqualTo(Hedges.NEVER);
        for (int i = 0; i < 100; i++) {
            retries.deposit(time.nanos());
            hedges.deposit(time.nanos());
            hedges.answered(SECOND / 100, time.nanos());
        }
        assertThat(hedges.delayNanos(time.nanos())).isBetween(SECOND / 100, SECOND / 70);
        int granted = 0;
        while (hedges.tryWithdraw(retries, time.nanos())) {
            granted++;
        }
        assertThat(granted).as("two of a hundred, and one that was saved").isBetween(2, 3);
        while (retries.tryWithdraw(time.nanos())) {
            hedges.deposit(time.nanos());
        }
        assertThat(hedges.tryWithdraw(retries, time.nanos()))
                .as("the retry budget is empty")
                .isFalse();
        time.jump(10 * SECOND);
        for (int i = 0; i < 50; i++) {
            hedges.deposit(time.nanos());
        }
        assertThat(hedges.tryWithdraw(retries, time.nanos()))
                .as("it is full again")
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("fewAgesAndClocks")
    void tokensAndQuotaAreWorthTheSameAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        for (RetryAllowance allowance : List.of(new RetryTokens(10, 0.1), new RetryQuota(500, 5))) {
            live(time, age, busy, () -> {
                allowance.deposit(time.nanos());
                allowance.succeeded(true);
            });
            int granted = 0;
            while (allowance.tryWithdraw(time.nanos())) {
                allowance.failed();
                granted++;
            }
            assertThat(granted).isEqualTo(allowance instanceof RetryTokens ? 5 : 100);
            live(time, age, false, () -> {});
            assertThat(allowance.tryWithdraw(time.nanos()))
                    .as("time alone earns nothing")
                    .isFalse();
            for (int i = 0; i < 10; i++) {
                allowance.succeeded(false);
            }
            assertThat(allowance.tryWithdraw(time.nanos())).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("fewAgesAndClocks")
    void theGuardOfLastResortOpensProbesAndForgivesAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        InstanceGuard guard = new ConsecutiveFailureGuard(FakeRegistry.instance("a"), ANY, time.environment());
        live(time, age, busy, () -> come(guard, Outcome.SUCCESS, time));
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 5; i++) {
                assertThat(come(guard, Outcome.FAILURE, time)).isTrue();
            }
            time.jump(4 * SECOND - 1);
            assertThat(come(guard, Outcome.SUCCESS, time)).as("5 s less 20 %").isFalse();
            time.jump(2 * SECOND + 1);
            assertThat(guard.tryAcquire(time.nanos())).as("5 s and 20 %").isNotNull();
            time.jump(30 * SECOND - 1);
            assertThat(come(guard, Outcome.SUCCESS, time))
                    .as("one probe is under way")
                    .isFalse();
            time.jump(1);
            assertThat(come(guard, Outcome.SUCCESS, time)).as("it was lost").isTrue();
            assertThat(come(guard, Outcome.SUCCESS, time)).isTrue();
            assertThat(guard.describe(time.nanos()).state()).isEqualTo(GuardState.CLOSED);
            assertThat(come(guard, Outcome.FAILURE, time)).isTrue();
            time.jump(8 * SECOND - 1);
            assertThat(guard.isAvailable(time.nanos())).as("10 s less 20 %").isFalse();
            live(time, age, false, () -> {});
            assertThat(guard.describe(time.nanos()).nanosToProbe()).isZero();
            assertThat(come(guard, Outcome.SUCCESS, time)).isTrue();
            assertThat(come(guard, Outcome.SUCCESS, time)).isTrue();
            come(guard, Outcome.SUCCESS, time);
            live(time, age, false, () -> {});
        }
    }

    @ParameterizedTest
    @MethodSource("fewAgesAndClocks")
    void whatLastsAWhileLastsAsLongAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        RateLimiter limiter =
                new RateLimiter(RateLimit.of(RateLimit.MIN_PER_SECOND, RateLimit.MAX_BURST), time.nanos());
        Panic panic = new Panic();
        live(
                time,
                age,
                busy,
                () -> assertThat(panic.judge(1, false, time.nanos())).isFalse());
        for (long length : new long[] {1_000, 30 * SECOND, age.toNanos()}) {
            Warmup warmup = new Warmup(time.nanos(), length, SlowStart.defaults());
            assertThat(warmup.factor(time.nanos())).isEqualTo(0.1);
            assertThat(warmup.factor(time.nanos() + length / 2)).isCloseTo(0.5, within(1e-9));
            assertThat(warmup.factor(time.nanos() + length)).isEqualTo(1);
            assertThat(warmup.factor(time.nanos() + length + age.toNanos())).isEqualTo(1);
        }
        assertThat(panic.judge(0.4, false, time.nanos())).isTrue();
        live(time, age, false, () -> {});
        assertThat(panic.judge(0.7, false, time.nanos())).as("calm since now").isTrue();
        time.jump(SECOND - 1);
        assertThat(panic.judge(0.7, false, time.nanos())).isTrue();
        time.jump(1);
        assertThat(panic.judge(0.7, false, time.nanos())).isFalse();
        assertThat(limiter.reserve(RateLimit.MAX_BURST, 0, time.nanos())).isNotNull();
        RateLimiter.Reservation waiting = limiter.reserve(3, Nanos.MOST, time.nanos());
        assertThat(waiting.waitNanos()).isEqualTo(3_000 * SECOND);
        waiting.cancel(time.nanos());
        time.jump(1_000 * SECOND);
        assertThat(limiter.allow(time.nanos())).isTrue();
        assertThat(limiter.nanosToToken(time.nanos())).isEqualTo(1_000 * SECOND);
        for (int attempts : new int[] {1, 2, 11, 64, Integer.MAX_VALUE}) {
            long most = SECOND / 40 << Math.min(attempts - 1, 10);
            assertThat(Backoff.nanos(
                            Verdict.BROKEN, attempts, time.environment().random()))
                    .isBetween(0L, Math.min(SECOND, most));
        }
    }

    @Test
    void aClockThatIsSetBackStopsNothing() {
        VirtualTime time = new VirtualTime();
        RateLimiter limiter = new RateLimiter(RateLimit.of(10, 5), time.nanos());
        RetryBudget budget = new RetryBudget(0, 3, time);
        AdaptiveThrottle throttle = new AdaptiveThrottle(Throttle.defaults(), time.nanos());
        time.jump(7_200 * SECOND);
        drain(limiter, budget, time);
        budget.deposit(time.nanos());
        boolean unused = throttle.admits(() -> 0, time.nanos());
        time.jump(-3_600 * SECOND);
        drain(limiter, budget, time);
        for (int i = 0; i < 20; i++) {
            boolean sent = throttle.admits(() -> Long.MAX_VALUE, time.nanos());
            throttle.answered(!sent, time.nanos());
        }
        assertThat(throttle.rejection(time.nanos())).as("it counts").isPositive();
        time.jump(10 * SECOND);
        assertThat(limiter.allow(time.nanos())).isTrue();
        assertThat(budget.tryWithdraw(time.nanos())).isTrue();
    }

    private static boolean come(InstanceGuard guard, Outcome outcome, VirtualTime time) {
        Object permit = guard.tryAcquire(time.nanos());
        if (permit != null) {
            guard.release(permit, outcome, SECOND, time.nanos());
        }
        return permit != null;
    }

    /** Passes so much time, with something at a few hundred moments of it, or in one step. */
    private static void live(VirtualTime time, Duration age, boolean busy, Runnable step) {
        int steps = busy ? 300 : 1;
        for (int i = 0; i < steps; i++) {
            time.jump(age.toNanos() / steps);
            if (busy) {
                step.run();
            }
        }
    }

    private static void drain(RateLimiter limiter, RetryBudget budget, VirtualTime time) {
        while (limiter.allow(time.nanos()) || budget.tryWithdraw(time.nanos())) {
            // until both are empty
        }
    }
}
