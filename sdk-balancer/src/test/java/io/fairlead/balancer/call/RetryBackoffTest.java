// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.balancer.Verdict;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How long a call waits before its next attempt, at any age of the process. */
class RetryBackoffTest {
    private static final Duration EIGHT = Duration.ofSeconds(8);

    @ParameterizedTest
    @MethodSource("io.fairlead.balancer.Ages#few")
    void aCallWaitsForItsHintAsLongAtAnyAge(Duration age, long origin) {
        VirtualTime time = new VirtualTime(origin);
        time.jump(age.toNanos());
        RetryBackoff hints = new RetryBackoff();
        hints.add(FakeRegistry.instance("a"), EIGHT, time.nanos());
        hints.add(FakeRegistry.instance("b"), age, time.nanos());
        PickContext tried =
                PickContext.none().excluding(FakeRegistry.instance("a")).excluding(FakeRegistry.instance("b"));
        for (long passed : new long[] {EIGHT.toNanos() - 1, 1}) {
            assertThat(hints.nanosToFirst(time.nanos())).isPositive();
            assertThat(hints.readmit(PickContext.none(), tried, time.nanos()).excluded())
                    .hasSize(2);
            time.jump(passed);
        }
        assertThat(hints.nanosToFirst(time.nanos())).isZero();
        assertThat(hints.readmit(PickContext.none(), tried, time.nanos()).excluded())
                .containsExactly(FakeRegistry.instance("b"));
        time.jump(age.toNanos());
        assertThat(hints.readmit(PickContext.none(), tried, time.nanos()).excluded())
                .isEmpty();
    }

    @Test
    void howeverManyAttemptsTheWaitStaysBelowItsBound() {
        for (int attempts : new int[] {1, 2, 11, 64, Integer.MAX_VALUE}) {
            long bound = Math.min(
                    Duration.ofSeconds(1).toNanos(), Duration.ofMillis(25).toNanos() << Math.min(attempts - 1, 10));
            assertThat(RetryBackoff.nanos(
                            Verdict.BROKEN,
                            attempts,
                            new VirtualTime().environment().random()))
                    .isBetween(0L, bound);
        }
    }
}
