// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guard whose successes are counted for it decides as one that is given back every one of them. */
class UnreportedTest {
    private static final int STEPS = 4_000;

    private final VirtualTime time = new VirtualTime();

    /** A guard, and the balancer's side of the agreement. */
    private final class Side implements InstanceGuard.EjectionCap {
        final RecordingListener events = new RecordingListener();
        final InstanceGuard guard;
        private final boolean spares;
        private Object lasting;
        private long untilNanos;
        private long unreported;
        private int told;

        Side(boolean spares, CircuitBreakerConfig config) {
            this.spares = spares;
            ServiceInstance instance = ServiceInstance.builder("orders")
                    .id("a")
                    .address("10.0.0.1", 8080)
                    .build();
            this.guard = new CircuitBreakerGuards(config).newGuard(instance, this, time.environment(7, events));
        }

        void play(Outcome outcome) {
            long now = time.nanos();
            Object permit = lasting != null ? lasting : guard.tryAcquire(now);
            if (permit == null) {
                return;
            }
            if (outcome == Outcome.SUCCESS && permit == lasting && now < untilNanos) {
                unreported++;
                return;
            }
            guard.release(permit, outcome, 1_000, now);
            told++;
            long nanos = guard.unreportedNanos(permit, now);
            lasting = spares && nanos > 0 ? permit : null;
            untilNanos = now + nanos;
        }

        @Override
        public boolean tryEject(String reason) {
            return true;
        }

        @Override
        public void restore(String reason) {}

        @Override
        public long unreported() {
            return unreported;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void decidesAsIfItHadBeenGivenBackEverySuccess(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        CircuitBreakerConfig config = CircuitBreakerConfig.perInstance();
        Side spared = new Side(true, config);
        Side told = new Side(false, config);
        double failing = 0;
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(200) == 0) {
                failing = random.nextInt(3) == 0 ? random.nextDouble() : 0;
            }
            Outcome outcome = random.nextDouble() >= failing
                    ? Outcome.SUCCESS
                    : random.nextInt(8) == 0 ? Outcome.UNREACHABLE : Outcome.FAILURE;
            spared.play(outcome);
            told.play(outcome);
            assertThat(spared.guard.describe(time.nanos()))
                    .as("seed " + seed + ", step " + step)
                    .isEqualTo(told.guard.describe(time.nanos()));
            time.advance(Duration.ofMillis(random.nextInt(random.nextInt(100) == 0 ? 20_000 : 100)));
        }
        assertThat(spared.events.events("guard"))
                .as("seed " + seed)
                .isNotEmpty()
                .isEqualTo(told.events.events("guard"));
        assertThat(spared.told).as("seed " + seed).isLessThan(told.told);
    }

    @Test
    void isToldOnceABucketWhileAllIsWell() {
        Side side = new Side(true, CircuitBreakerConfig.perInstance());
        for (int call = 0; call < 10_000; call++) {
            side.play(Outcome.SUCCESS);
            time.advance(Duration.ofMillis(1));
        }
        assertThat(side.told).isBetween(10, 11);
    }

    @Test
    void wantsEverySuccessThatCouldDecideAnything() {
        Side counts =
                new Side(true, CircuitBreakerConfig.perInstance().withWindow(CircuitBreakerConfig.Window.count(100)));
        counts.play(Outcome.SUCCESS);
        assertThat(counts.lasting).as("the last 100 calls").isNull();
        Side failed = new Side(true, CircuitBreakerConfig.perInstance());
        failed.play(Outcome.FAILURE);
        failed.play(Outcome.SUCCESS);
        assertThat(failed.lasting).as("a failure in the window").isNull();
        time.advance(Duration.ofSeconds(11));
        failed.play(Outcome.SUCCESS);
        assertThat(failed.lasting).as("the failure has left the window").isNotNull();
    }
}
