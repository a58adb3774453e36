// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.balancer.Ages;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Throttle;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The stages' counters at any age of the process, and with a clock that begins anywhere or is set back. */
class StageYearsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double LEAST_PER_SECOND = 0.001;
    private static final int MOST_BURST = 1_000_000;

    @ParameterizedTest
    @MethodSource("io.fairlead.balancer.Ages#all")
    void everyCounterWorksAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        RateLimiter limiter = new RateLimiter(RateLimit.of(10, 5), time.nanos());
        RetryBudget budget = new RetryBudget(0.2, 3, time);
        AdaptiveThrottle throttle =
                new AdaptiveThrottle(Throttle.defaults().withWindow(Duration.ofSeconds(1)), time.nanos());
        Hedges.RecentLatency latency = new Hedges.RecentLatency(time.nanos());
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
    @MethodSource("io.fairlead.balancer.Ages#few")
    void hedgesFollowTheRecentCallsAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        RetryBudget retries = new RetryBudget(0.2, 3, time);
        Hedges hedges = new Hedges(Hedging.defaults(), new RetryBudget(0.2, 3, time), time);
        Ages.live(time, age, busy, () -> {
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
    @MethodSource("io.fairlead.balancer.Ages#few")
    void tokensAndQuotaAreWorthTheSameAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        for (RetryAllowance allowance : List.of(new RetryAllowance.Tokens(10, 0.1), new RetryAllowance.Quota(500, 5))) {
            Ages.live(time, age, busy, () -> {
                allowance.deposit(time.nanos());
                allowance.succeeded(true);
            });
            int granted = 0;
            while (allowance.tryWithdraw(time.nanos())) {
                allowance.failed();
                granted++;
            }
            assertThat(granted).isEqualTo(allowance instanceof RetryAllowance.Tokens ? 5 : 100);
            Ages.live(time, age, false, () -> {});
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
    @MethodSource("io.fairlead.balancer.Ages#few")
    void aWaitIsAsLongAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        RateLimiter limiter = new RateLimiter(RateLimit.of(LEAST_PER_SECOND, MOST_BURST), time.nanos());
        Ages.live(time, age, false, () -> {});
        Ages.live(time, age, busy, () -> {});
        assertThat(limiter.reserve(MOST_BURST, 0, time.nanos())).isNotNull();
        RateLimiter.Reservation waiting = limiter.reserve(3, Nanos.MOST, time.nanos());
        assertThat(waiting.waitNanos()).isEqualTo(3_000 * SECOND);
        waiting.cancel(time.nanos());
        time.jump(1_000 * SECOND);
        assertThat(limiter.allow(time.nanos())).isTrue();
        assertThat(limiter.nanosToToken(time.nanos())).isEqualTo(1_000 * SECOND);
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

    private static void drain(RateLimiter limiter, RetryBudget budget, VirtualTime time) {
        while (limiter.allow(time.nanos()) || budget.tryWithdraw(time.nanos())) {
            // until both are empty
        }
    }
}
