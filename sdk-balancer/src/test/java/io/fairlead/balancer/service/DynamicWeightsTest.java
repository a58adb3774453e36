// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Levels that follow latency and errors: where the borders are, and that they are slow to move. */
class DynamicWeightsTest {
    private static final long SEED = 61;
    private static final int CALLS = 20;
    private static final DynamicWeights ON = DynamicWeights.defaults();
    private static final DynamicWeights UNSMOOTHED =
            ON.withHysteresis(DynamicWeights.Hysteresis.defaults().withSmoothing(1));

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    /** What one instance's call takes and how it ends, by the instance's id and the number of its call in the window. */
    private interface Behaviour {
        double millis(String id, int call);

        default boolean fails(String unusedId, int unusedCall) {
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "199.9, 0, 0",
        "200, 0, 1",
        "500, 0, 1",
        "500.1, 0, 2",
        "600, 0, 2",
        "0, 0.049, 0",
        "0, 0.05, 1",
        "0, 0.10, 1",
        "0, 0.101, 2",
        "100, 0.07, 1",
        "300, 0.2, 2",
        "NaN, NaN, 0"
    })
    void theBordersAreTheOperators(double millis, double errors, int level) {
        assertThat(ON.level(millis * 1e6, errors)).isEqualTo(level);
    }

    @Test
    void levelsLeaveSixTenthsAndTwoTenths() {
        assertThat(IntStream.range(0, 3).mapToDouble(ON::factor)).containsExactly(1.0, 0.6, 0.2);
    }

    @Test
    void offByDefault() {
        Fairlead fairlead = fairlead(DynamicWeights.off(), 4);
        windows(fairlead, 6, slow("i0", 900));
        assertThat(weights(fairlead)).containsOnly(1.0);
        assertThat(events.events("level")).isEmpty();
    }

    @Test
    void withoutSmoothingALevelRisesAfterTwoWindowsAndFallsAfterThree() {
        assertThat(trajectory(UNSMOOTHED, 150, 250, 250, 450, 600, 600, 600, 100, 100, 100, 100, 100, 100))
                .containsExactly(0, 0, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 0);
    }

    @Test
    void withSmoothingALevelFollowsTheAverage() {
        assertThat(trajectory(ON, 150, 250, 250, 450, 600, 600, 600, 100, 100, 100, 100, 100, 100, 100))
                .containsExactly(0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0);
    }

    @Test
    void oneThatIsFiveTimesSlowerIsAtTheLowestLevelInFourWindowsAndBackInTen() {
        Fairlead fairlead = fairlead(ON, 6);
        windows(fairlead, 3, slow("i0", 100));
        windows(fairlead, 4, slow("i0", 750));
        assertThat(weights(fairlead).get(0)).isEqualTo(0.2);
        windows(fairlead, 10, slow("i0", 100));
        assertThat(weights(fairlead).get(0)).isEqualTo(1);
        assertThat(events.events("level"))
                .hasSize(4)
                .first()
                .asString()
                .startsWith("level i0 0 1 ")
                .endsWith(" ms, 0.0 % errors");
    }

    @Test
    void errorsReduceWithoutRegardToPeers() {
        Fairlead fairlead = fairlead(ON, 4);
        windows(fairlead, 4, failing(0.15, "i0", "i1", "i2"));
        assertThat(weights(fairlead)).containsExactly(0.2, 0.2, 0.2, 1.0);
    }

    @Test
    void whenAllFailTheSameNobodyIsReduced() {
        Fairlead fairlead = fairlead(ON, 4);
        windows(fairlead, 8, failing(0.30, "i0", "i1", "i2", "i3"));
        assertThat(weights(fairlead)).containsOnly(1.0);
        assertThat(events.events("degraded")).containsExactly("degraded orders true");
    }

    @Test
    void noiseAroundABorderMovesALevelOnceAtMost() {
        Fairlead fairlead = fairlead(ON, 4);
        SplittableRandom random = new SplittableRandom(SEED);
        windows(fairlead, 120, (id, call) -> id.equals("i0") ? 200 * (0.95 + 0.1 * random.nextDouble()) : 100);
        assertThat(events.events("level")).as("seed " + SEED).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void heavyTailsRarelyMoveALevel() {
        Fairlead fairlead = fairlead(ON, 6);
        SplittableRandom random = new SplittableRandom(SEED);
        windows(fairlead, 120, (id, call) -> -190 * Math.log(1 - 0.999 * random.nextDouble()));
        double minutes = 120 * 5 / 60.0;
        assertThat(events.events("level").size() / minutes / 6)
                .as("seed " + SEED)
                .isLessThanOrEqualTo(0.2);
    }

    @Test
    void aBrownOutOfAllReducesNobodyAndIsToldOnce() {
        Fairlead fairlead = fairlead(ON, 6);
        windows(fairlead, 4, (id, call) -> 100);
        windows(fairlead, 20, (id, call) -> 300);
        assertThat(weights(fairlead)).containsOnly(1.0);
        assertThat(events.events("level")).isEmpty();
        assertThat(events.events("degraded")).containsExactly("degraded orders true");
        windows(fairlead, 10, (id, call) -> 100);
        assertThat(events.events("degraded")).containsExactly("degraded orders true", "degraded orders false");
    }

    @Test
    void withoutARelativeGuardABrownOutStillReducesNobody() {
        Fairlead fairlead =
                fairlead(ON.withHysteresis(DynamicWeights.Hysteresis.defaults().withRelativeGuard(0)), 6);
        windows(fairlead, 20, (id, call) -> 900);
        assertThat(weights(fairlead)).containsOnly(1.0);
    }

    @Test
    void fewCallsAddUpOverWindows() {
        Fairlead fairlead = fairlead(UNSMOOTHED, 4);
        for (int i = 0; i < 7; i++) {
            window(fairlead, CALLS / 2, slow("i0", 900));
        }
        assertThat(weights(fairlead).get(0)).isEqualTo(0.6);
        window(fairlead, CALLS / 2, slow("i0", 900));
        assertThat(weights(fairlead).get(0)).isEqualTo(0.2);
    }

    @Test
    void whoIsNotCalledForTenWindowsFallsBackByOneLevel() {
        Fairlead fairlead = fairlead(UNSMOOTHED, 4);
        windows(fairlead, 4, slow("i0", 900));
        assertThat(weights(fairlead).get(0)).isEqualTo(0.2);
        time.advance(Duration.ofSeconds(45));
        assertThat(weights(fairlead).get(0)).isEqualTo(0.2);
        time.advance(Duration.ofSeconds(5));
        assertThat(weights(fairlead).get(0)).isEqualTo(0.6);
        time.advance(Duration.ofSeconds(50));
        assertThat(weights(fairlead).get(0)).isEqualTo(1);
    }

    @Test
    void theSmallerOfSlowStartAndLevelCountsNotTheirProduct() {
        Fairlead fairlead = fairlead(UNSMOOTHED, 6);
        windows(fairlead, 2, slow("i0", 300));
        registry.lists("i0", "i1", "i2", "i3", "i4", "i5", "new");
        assertThat(weights(fairlead).get(6)).isEqualTo(0.1);
        assertThat(weights(fairlead).get(0)).isEqualTo(0.6);
        windows(fairlead, 5, slow("new", 300));
        assertThat(events.events("level new")).isEmpty();
        windows(fairlead, 4, slow("new", 300));
        assertThat(events.events("level new")).hasSize(1);
        assertThat(weights(fairlead).get(6)).isEqualTo(0.6);
    }

    @Test
    void anEjectedInstanceKeepsItsLevel() {
        Fairlead fairlead = fairlead(UNSMOOTHED, 4);
        windows(fairlead, 2, slow("i0", 300));
        for (int refused = 0; refused < 2; ) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                boolean wanted = attempt.instance().id().equals("i0");
                refused += wanted ? 1 : 0;
                attempt.complete(wanted ? Outcome.UNREACHABLE : Outcome.SUCCESS);
            }
        }
        time.advance(Duration.ofSeconds(60));
        assertThat(fairlead.status("orders").instances().get(0).guardState()).isNotEqualTo(GuardState.CLOSED);
        assertThat(weights(fairlead).get(0)).isEqualTo(0.6);
        assertThat(events.events("level")).hasSize(1);
    }

    @Test
    void aWeightMayGrowSlowlyWhenItsLevelFalls() {
        Fairlead fairlead = fairlead(UNSMOOTHED.withRecovery(Duration.ofSeconds(10)), 4);
        windows(fairlead, 2, slow("i0", 300));
        assertThat(weights(fairlead).get(0)).isEqualTo(0.6);
        windows(fairlead, 3, slow("i0", 100));
        assertThat(weights(fairlead).get(0)).isEqualTo(0.6);
        windows(fairlead, 1, slow("i0", 100));
        assertThat(weights(fairlead).get(0)).isCloseTo(0.8, within(1e-9));
        windows(fairlead, 1, slow("i0", 100));
        assertThat(weights(fairlead).get(0)).isEqualTo(1);
    }

    @Test
    void theSignalSaysWhichLatencyTheBandsLookAt() {
        Behaviour oneInFiveIsLong = (id, call) -> id.equals("i0") && call % 5 == 0 ? 2_000 : 100;
        assertThat(weightAfterFourWindows(DynamicWeights.Signal.MEAN, oneInFiveIsLong))
                .isEqualTo(0.6);
        assertThat(weightAfterFourWindows(DynamicWeights.Signal.MEDIAN, oneInFiveIsLong))
                .isEqualTo(1);
        assertThat(weightAfterFourWindows(DynamicWeights.Signal.P90, oneInFiveIsLong))
                .isEqualTo(0.2);
    }

    @ParameterizedTest
    @EnumSource(
            value = DynamicWeights.Signal.class,
            names = {"MEDIAN", "P90"})
    void aQuantileIsWithinATwentiethOfTheExactOne(DynamicWeights.Signal signal) {
        double quantile = signal == DynamicWeights.Signal.P90 ? 0.9 : 0.5;
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 200; round++) {
            double scale = 2 + random.nextInt(2_000);
            double[] millis = random.doubles(1 + random.nextInt(100), 1, scale).toArray();
            HealthLevel.WindowLatency window = HealthLevel.WindowLatency.of(signal);
            Arrays.stream(millis).forEach(each -> window.add((long) (each * 1e6)));
            Arrays.sort(millis);
            double exact = millis[(int) Math.ceil(quantile * millis.length) - 1];
            assertThat(window.take() / 1e6).as("seed %s, round %s", SEED, round).isCloseTo(exact, withinPercentage(5));
            assertThat(window.take()).isNaN();
        }
    }

    @Test
    void impossibleOptionsAreRefusedByName() {
        assertThatThrownBy(() -> new DynamicWeights.Band(Duration.ofMillis(200), 0.05, 0.01))
                .hasMessage("band.factor: 0.01 (expected: 0.05 to below 1)");
        assertThatThrownBy(() -> new DynamicWeights.Band(Duration.ZERO, 0.05, 0.6))
                .hasMessage("band.latency: PT0S (expected: above zero)");
        assertThatThrownBy(() -> ON.withBands(
                        new DynamicWeights.Band(Duration.ofMillis(200), 0.05, 0.6),
                        new DynamicWeights.Band(Duration.ofMillis(100), 0.10, 0.2)))
                .hasMessageEndingWith("(expected: more latency, more errors, a smaller factor)");
        assertThatThrownBy(() -> ON.withWindow(Duration.ofMillis(10)))
                .hasMessage("dynamicWeights.window: PT0.01S (expected: 1 s or more)");
        assertThatThrownBy(() -> DynamicWeights.Hysteresis.defaults().withRelativeGuard(0.5))
                .hasMessage("hysteresis.relativeGuard: 0.5 (expected: 1 or more, or 0 for none)");
    }

    /** The level of one of four instances after each window in which its calls took that long; the others take 100 ms. */
    private List<Integer> trajectory(DynamicWeights weights, int... millis) {
        Fairlead fairlead = fairlead(weights, 4);
        List<Integer> levels = new ArrayList<>();
        for (int latency : millis) {
            window(fairlead, CALLS, slow("i0", latency));
            double weight = weights(fairlead).get(0);
            levels.add(weight == 1 ? 0 : weight == 0.6 ? 1 : 2);
        }
        return levels;
    }

    private double weightAfterFourWindows(DynamicWeights.Signal signal, Behaviour behaviour) {
        Fairlead fairlead = fairlead(ON.withSignal(signal), 4);
        windows(fairlead, 4, behaviour);
        return weights(fairlead).get(0);
    }

    private static Behaviour slow(String slow, double millis) {
        return (id, call) -> id.equals(slow) ? millis : 100;
    }

    private static Behaviour failing(double ratio, String... ids) {
        List<String> failing = List.of(ids);
        return new Behaviour() {
            @Override
            public double millis(String id, int call) {
                return 100;
            }

            @Override
            public boolean fails(String id, int call) {
                return failing.contains(id) && (int) (call * ratio) != (int) ((call + 1) * ratio);
            }
        };
    }

    private Fairlead fairlead(DynamicWeights weights, int instances) {
        registry.lists(IntStream.range(0, instances).mapToObj(i -> "i" + i).toArray(String[]::new));
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(SEED, events))
                .policy("round_robin")
                .dynamicWeights(weights)
                .build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    private void windows(Fairlead fairlead, int count, Behaviour behaviour) {
        for (int i = 0; i < count; i++) {
            window(fairlead, CALLS, behaviour);
        }
    }

    /** Five seconds in which every instance takes so many calls at once. */
    private void window(Fairlead fairlead, int calls, Behaviour behaviour) {
        record Call(Attempt attempt, long endNanos, boolean fails) {}
        List<Call> open = new ArrayList<>();
        long start = time.nanos();
        int instances = fairlead.status("orders").instances().size();
        for (int i = 0; i < calls * instances; i++) {
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            String id = attempt.instance().id();
            long nanos = (long) (behaviour.millis(id, i / instances) * 1e6);
            open.add(new Call(attempt, start + nanos, behaviour.fails(id, i / instances)));
        }
        open.sort(Comparator.comparingLong(Call::endNanos));
        for (Call call : open) {
            time.advance(Duration.ofNanos(call.endNanos() - time.nanos()));
            call.attempt().complete(call.fails() ? Outcome.FAILURE : Outcome.SUCCESS);
            call.attempt().close();
        }
        time.advance(Duration.ofNanos(start + Duration.ofSeconds(5).toNanos() - time.nanos()));
    }

    private static List<Double> weights(Fairlead fairlead) {
        return fairlead.status("orders").instances().stream()
                .map(InstanceView::effectiveWeight)
                .toList();
    }
}
