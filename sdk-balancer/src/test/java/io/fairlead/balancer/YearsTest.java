// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
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

    static Stream<Arguments> agesAndClocks() {
        List<Duration> ages = new ArrayList<>();
        for (int days :
                new int[] {1, 26, 30, 40, 52, 124, 125, 248, 249, 300, 365, 400, 497, 498, 2_500, 2_600, 25 * 365}) {
            ages.add(Duration.ofDays(days));
        }
        return ages.stream()
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
        assertThat(MovingAverage.isFresh(average, time.nanos())).isFalse();
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
