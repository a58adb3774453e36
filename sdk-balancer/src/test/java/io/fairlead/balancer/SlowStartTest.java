// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlowStartTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final Fairlead fairlead = Fairlead.builder(registry)
            .environment(time.environment())
            .policy("round_robin")
            .build();

    @ParameterizedTest
    @CsvSource({
        "1, 6, 0.10", "1, 15, 0.25", "1, 30, 0.50", "1, 45, 0.75", "1, 60, 1",
        "2, 6, 0.316", "2, 15, 0.5", "2, 30, 0.707", "2, 45, 0.866", "2, 60, 1",
        "0.5, 6, 0.1", "0.5, 15, 0.1", "0.5, 30, 0.25", "0.5, 45, 0.5625", "0.5, 60, 1",
        "1, 0, 0.1", "1, -5, 0.1", "1, 600, 1"
    })
    void theCurveIsEnvoys(double aggression, long second, double factor) {
        SlowStart slowStart = SlowStart.defaults().withAggression(aggression);
        assertThat(slowStart.factor(second * 1_000_000_000L, 60_000_000_000L)).isCloseTo(factor, within(0.0005));
    }

    /** Dubbo warms up for ten minutes, in whole weights, never below 1. */
    @ParameterizedTest
    @CsvSource({"1_000, 1", "60_000, 10", "300_000, 50", "599_999, 99", "600_000, 100"})
    void withAFloorOfAHundredthOverTenMinutesItIsDubbosWarmUp(String millis, int weight) {
        SlowStart slowStart = SlowStart.of(Duration.ofMinutes(10)).withFloor(0.01);
        long age = Duration.ofMillis(Long.parseLong(millis.replace("_", ""))).toNanos();
        assertThat((int) (100 * slowStart.factor(age, slowStart.length().toNanos())))
                .isEqualTo(weight);
    }

    @Test
    void overTwentySecondsItPassesTheTenStepsOfArmeriasRamp() {
        SlowStart slowStart = SlowStart.of(Duration.ofSeconds(20));
        for (int step = 1; step <= 10; step++) {
            long age = Duration.ofSeconds(2L * step).toNanos();
            assertThat(slowStart.factor(age, slowStart.length().toNanos()))
                    .as("step %d of 10", step)
                    .isCloseTo(step / 10.0, within(1e-9));
        }
    }

    @Test
    void theFirstListIsNotNew() {
        lists("a", "b", "c");
        assertThat(weights()).containsExactly(1.0, 1.0, 1.0);
    }

    @Test
    void oneNewcomerOfManyStartsAtATenth() {
        lists("a", "b", "c");
        lists("a", "b", "c", "d");
        assertThat(weights()).containsExactly(1.0, 1.0, 1.0, 0.1);
        time.advance(Duration.ofSeconds(15));
        assertThat(weights().get(3)).isCloseTo(0.5, within(0.01));
    }

    @Test
    void whenMostAreEquallyNewNobodyIsHeldBack() {
        lists("a");
        lists("a", "b", "c", "d");
        assertThat(weights()).containsExactly(1.0, 1.0, 1.0, 1.0);
    }

    @Test
    void whileMostAreNewOnlyTheDifferenceInAgeCounts() {
        lists("a");
        lists("a", "b", "c");
        time.advance(Duration.ofSeconds(12));
        lists("a", "b", "c", "d");
        assertThat(weights().subList(0, 3)).containsExactly(1.0, 1.0, 1.0);
        assertThat(weights().get(3)).isCloseTo(0.1 / 0.4, within(0.01));
    }

    @Test
    void whoComesBackFromEjectionGrowsInTenSeconds() {
        lists("a", "b", "c", "d");
        refuse("d");
        time.advance(Duration.ofSeconds(7));
        calls(40);
        time.advance(Duration.ofSeconds(1));
        assertThat(weights().get(3)).isLessThan(0.3);
        time.advance(Duration.ofSeconds(10));
        assertThat(weights().get(3)).isEqualTo(1);
    }

    @Test
    void zeroSwitchesItOff() {
        Fairlead eager = Fairlead.builder(registry)
                .environment(time.environment())
                .slowStart(Duration.ZERO)
                .build();
        registry.lists("a", "b", "c");
        eager.awaitReady(Duration.ofSeconds(1), "orders");
        registry.lists("a", "b", "c", "d");
        assertThat(eager.status("orders").instances())
                .extracting(InstanceView::effectiveWeight)
                .containsOnly(1.0);
    }

    @Test
    void whoWasAwayForLessThanAMinuteIsNotNewAndKeepsItsFigures() {
        lists("a", "b", "c");
        calls(30);
        lists("a", "b");
        time.advance(Duration.ofSeconds(59));
        lists("a", "b", "c");
        assertThat(weights()).containsExactly(1.0, 1.0, 1.0);
        assertThat(view(2).started()).isEqualTo(10);
    }

    @Test
    void whoWasAwayForLongerStartsAnew() {
        lists("a", "b", "c");
        calls(30);
        lists("a", "b");
        time.advance(Duration.ofSeconds(61));
        lists("a", "b", "c");
        assertThat(weights()).containsExactly(1.0, 1.0, 0.1);
        assertThat(view(2).started()).isZero();
    }

    @Test
    void impossibleOptionsAreRefusedByName() {
        assertThatThrownBy(() -> SlowStart.of(Duration.ofSeconds(-1)))
                .hasMessage("slowStart.length: PT-1S (expected: zero or more)");
        assertThatThrownBy(() -> SlowStart.defaults().withAggression(0))
                .hasMessage("slowStart.aggression: 0.0 (expected: above 0)");
        assertThatThrownBy(() -> SlowStart.defaults().withFloor(1.5))
                .hasMessage("slowStart.floor: 1.5 (expected: above 0, up to 1)");
        assertThatThrownBy(() -> SlowStart.defaults().withAfterEjection(Duration.ofSeconds(-1)))
                .hasMessage("slowStart.afterEjection: PT-1S (expected: zero or more)");
    }

    private void lists(String... ids) {
        registry.lists(ids);
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
    }

    private void refuse(String id) {
        for (int refused = 0; refused < 2; ) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                boolean wanted = attempt.instance().id().equals(id);
                refused += wanted ? 1 : 0;
                attempt.complete(wanted ? Outcome.UNREACHABLE : Outcome.SUCCESS);
            }
        }
    }

    private void calls(int count) {
        for (int i = 0; i < count; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(Outcome.SUCCESS);
            }
        }
    }

    private List<Double> weights() {
        return fairlead.status("orders").instances().stream()
                .map(InstanceView::effectiveWeight)
                .toList();
    }

    private InstanceView view(int index) {
        return fairlead.status("orders").instances().get(index);
    }
}
