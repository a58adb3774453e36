// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.LatencyMemory;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
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
            // 6.93 s at a mean life of 10 s; ticks of a millisecond
            assertThat(latencyMillis()).isCloseTo(1_000 * Math.exp(-0.7), within(8.0));
            assertThat(Math.exp(-0.693)).isCloseTo(0.5, within(0.001));
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
        try (Fairlead fairlead = start(LatencyMemory.ASYMMETRIC)) {
            sample(fairlead, 1_000);
            time.advance(Duration.ofSeconds(2));
            double median = 1_000;
            assertThat(latencyMillis()).as("its own is the only one known").isCloseTo(median, within(1.0));
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
}
