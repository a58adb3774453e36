// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
    void itHalvesInTauTimesTheLogarithmOfTwo() {
        try (Fairlead fairlead = start(LatencyMemory.ASYMMETRIC)) {
            sample(fairlead, 1_000);
            for (int i = 0; i < 70; i++) {
                time.advance(STEP);
                sample(fairlead, 0);
            }
            // 7 s at a mean life of 10 s, whose half is 6.93 s; ticks of a millisecond
            assertThat(latencyMillis()).isCloseTo(1_000 * Math.exp(-0.7), within(8.0));
        }
    }

    @Test
    void aSlowerSampleMovesItByTheShareOfASecondThatPassed() {
        try (Fairlead fairlead = start(LatencyMemory.ASYMMETRIC)) {
            sample(fairlead, 0);
            time.advance(STEP);
            sample(fairlead, 100);
            double seconds = 0.2;
            assertThat(latencyMillis()).isCloseTo(100 * (1 - Math.exp(-seconds)), within(0.3));
        }
    }

    @Test
    void withoutSamplesItDriftsToThePeersMedian() {
        registry.lists("a", "b", "c");
        Chosen policy = new Chosen();
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .policy("orders", policy)
                .build()) {
            fairlead.awaitReady(Duration.ofSeconds(1), "orders");
            sample(fairlead, 1_000);
            long sampledNanos = time.nanos();
            for (policy.index = 1; policy.index < 3; policy.index++) {
                sample(fairlead, 100);
            }
            Candidate slow = policy.candidates.get(0);
            for (int seconds : new int[] {2, 5, 10, 60}) {
                time.advance(Duration.ofSeconds(seconds));
                double lives = (time.nanos() - sampledNanos) / 10e9;
                assertThat(slow.latencyNanos(time.nanos()) / MS)
                        .as("after %.1f mean lives", lives)
                        .isCloseTo(100 + 900 * Math.exp(-lives), within(1.0));
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
        try (Fairlead fairlead = start(LatencyMemory.ASYMMETRIC)) {
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
        try (Fairlead fairlead = start(LatencyMemory.ASYMMETRIC)) {
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
                .policy("orders", new OnlyOne(shown, memory))
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
