// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.LatencyMemory;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The two ways to remember latencies, in virtual time, through the balancer. */
class LatencyMemoryTest {
    private static final double MS = 1e6;
    private static final Duration STEP = Duration.ofMillis(100);

    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final AtomicReference<Candidate> shown = new AtomicReference<>();

    @Test
    void aSampleCountsForAsMuchAsLittleIsKnown() {
        try (Fairlead fairlead = start(LatencyMemory.ESTIMATE)) {
            sample(fairlead, 100);
            assertThat(latencyMillis()).isCloseTo(100, within(0.1));
            double first = variance();
            sample(fairlead, 400);
            // two of a kind: the geometric mean, a millisecond added
            assertThat(latencyMillis()).isCloseTo(Math.sqrt(101 * 401) - 1, within(8.0));
            assertThat(variance()).isCloseTo(first / 2, within(0.05));
            for (int i = 0; i < 200; i++) {
                sample(fairlead, i % 2 == 0 ? 10 : 40);
            }
            double known = variance();
            assertThat(known).isLessThan(first / 5);
            double before = latencyMillis();
            assertThat(before).isBetween(15.0, 25.0);
            sample(fairlead, 80);
            assertThat(latencyMillis() / before).as("one of many").isBetween(1.02, 1.3);
        }
    }

    @Test
    void aSampleFarOffIsDoubtedUntilTheNextSaysWhetherTheLevelHasMoved() {
        for (int next : new int[] {20, 400}) {
            try (Fairlead fairlead = start(LatencyMemory.ESTIMATE)) {
                for (int i = 0; i < 200; i++) {
                    sample(fairlead, 20);
                }
                double known = variance();
                sample(fairlead, 400);
                double off = Math.log((latencyMillis() + 1) / 21);
                assertThat(off).isGreaterThan(Math.log(10));
                assertThat(off).as("within what chance makes").isLessThan(1.8 * Math.sqrt(variance() + known));
                sample(fairlead, next);
                assertThat(latencyMillis()).isCloseTo(next, within(next * 0.5));
                assertThat(variance()).isLessThan(0.4);
            }
        }
    }

    @Test
    void ofManySamplesAtOnceOneCountsWhereMuchIsKnownAndAFewWhereNothingIs() {
        try (Fairlead fairlead = start(LatencyMemory.ESTIMATE)) {
            samplesAtOnce(fairlead, 50, 20);
            assertThat(latencyMillis()).isCloseTo(20, within(0.1));
            double afterFifty = variance();
            assertThat(afterFifty).as("four of them make a quarter").isBetween(0.1, 0.5 / 4);
            for (int i = 0; i < 100; i++) {
                sample(fairlead, 20);
            }
            samplesAtOnce(fairlead, 50, 40);
            double asAfterOne = latencyMillis();
            assertThat(asAfterOne).isBetween(20.2, 22.0);
            sample(fairlead, 40);
            assertThat(latencyMillis()).as("the next counts again").isGreaterThan(asAfterOne + 0.2);
        }
    }

    @Test
    void withoutSamplesItDriftsToThePeersMedian() {
        registry.lists("a", "b", "c");
        Chosen policy = new Chosen();
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .forService("orders", o -> o.withPolicy(policy))
                .build()) {
            fairlead.awaitReady(Duration.ofSeconds(1), "orders");
            sample(fairlead, 1_000);
            long sampledNanos = time.nanos();
            for (policy.index = 1; policy.index < 3; policy.index++) {
                sample(fairlead, 100);
            }
            Candidate slow = policy.candidates.get(0);
            for (int seconds : new int[] {1, 4, 5, 30}) {
                time.advance(Duration.ofSeconds(seconds));
                double gone = Math.min(1, (time.nanos() - sampledNanos) / 20e9);
                assertThat(slow.latencyNanos(time.nanos()) / MS)
                        .as("after %.0f %% of twenty seconds", 100 * gone)
                        .isCloseTo(1_001 * Math.pow(101 / 1_001.0, gone) - 1, withinPercentage(1));
            }
            assertThat(policy.candidates.get(1).latencyNanos(time.nanos()) / MS).isCloseTo(100, within(0.1));
        }
    }

    @Test
    void aPeakIsTakenAtOnceAndFallsFromTwoSecondsTo167MillisIn25Seconds() {
        try (Fairlead fairlead = start(LatencyMemory.PEAK)) {
            assertThat(latencyMillis()).as("no history").isZero();
            sample(fairlead, 10);
            sample(fairlead, 2_000);
            assertThat(latencyMillis()).isCloseTo(2_000, within(0.5));
            time.advance(Duration.ofMillis(24_850));
            assertThat(latencyMillis()).isCloseTo(166.7, within(1.0));
            time.advance(Duration.ofMillis(24_850));
            assertThat(latencyMillis()).as("reading changes nothing").isCloseTo(13.9, within(0.2));
        }
    }

    @Test
    void inFlightOfTheServiceIsCountedForPoliciesThatNeedIt() {
        try (Fairlead fairlead = start(LatencyMemory.ESTIMATE)) {
            Attempt one = fairlead.acquire("orders", PickContext.none());
            Attempt two = fairlead.acquire("orders", PickContext.none());
            assertThat(shown.get().serviceInFlight()).isEqualTo(2);
            one.complete(Outcome.FAILURE);
            assertThat(shown.get().serviceInFlight()).as("its body is open").isEqualTo(2);
            one.close();
            one.close();
            two.close();
            assertThat(shown.get().serviceInFlight()).isZero();
        }
    }

    @Test
    void theOldestThatWaitsIsKnownAndAnOpenBodyDoesNotCount() {
        try (Fairlead fairlead = start(LatencyMemory.ESTIMATE)) {
            Attempt stream = fairlead.acquire("orders", PickContext.none());
            time.advance(STEP);
            assertThat(shown.get().oldestNanos(time.nanos())).isEqualTo(STEP.toNanos());
            stream.complete(Outcome.SUCCESS);
            time.advance(STEP);
            assertThat(shown.get().oldestNanos(time.nanos())).isZero();
            assertThat(shown.get().inFlight()).isEqualTo(1);
            stream.close();
        }
    }

    private Fairlead start(LatencyMemory memory) {
        registry.lists("a");
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .forService("orders", o -> o.withPolicy(new OnlyOne(shown, memory)))
                .build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    private void sample(Fairlead fairlead, long millis) {
        try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
            time.advance(Duration.ofMillis(millis));
            attempt.complete(Outcome.SUCCESS);
        }
    }

    private void samplesAtOnce(Fairlead fairlead, int count, long millis) {
        List<Attempt> attempts = Stream.generate(() -> fairlead.acquire("orders", PickContext.none()))
                .limit(count)
                .toList();
        time.advance(Duration.ofMillis(millis));
        attempts.forEach(attempt -> attempt.complete(Outcome.SUCCESS));
        attempts.forEach(Attempt::close);
    }

    private double variance() {
        return shown.get().latencyVariance(time.nanos());
    }

    private double latencyMillis() {
        return shown.get().latencyNanos(time.nanos()) / MS;
    }

    /** Picks whom the test says. */
    private static final class Chosen implements BalancingPolicy {
        private List<Candidate> candidates = List.of();
        private int index;

        @Override
        public String name() {
            return "chosen";
        }

        @Override
        public Picker newPicker(List<Candidate> listed, @Nullable Picker previous, Environment environment) {
            candidates = listed;
            return (context, nowNanos) -> listed.get(index);
        }
    }
}
