// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What instances asked of one call, at any age of the process. */
class RetryHintsTest {
    private static final Duration EIGHT = Duration.ofSeconds(8);

    @ParameterizedTest
    @MethodSource("io.fairlead.balancer.Ages#few")
    void aCallWaitsForItsHintAsLongAtAnyAge(Duration age, long origin) {
        VirtualTime time = new VirtualTime(origin);
        time.jump(age.toNanos());
        RetryHints hints = new RetryHints();
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
}
