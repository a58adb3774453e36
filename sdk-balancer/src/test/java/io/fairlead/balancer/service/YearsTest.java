// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.Ages;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.balancer.SlowStart;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts and what remembers does at any age, on a clock of any origin, what it did on its first day. */
class YearsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final InstanceGuard.EjectionCap ANY = new InstanceGuard.EjectionCap() {
        @Override
        public boolean tryEject(String reason) {
            return true;
        }

        @Override
        public void restore(String reason) {}

        @Override
        public long unreported() {
            return 0;
        }
    };

    private static LatencyEstimate.Peers peersTaking(long nanos, VirtualTime time) {
        InstanceState peer = PeerRuleTest.state(FakeRegistry.instance("peer"), new EjectionQuota(), time.environment());
        peer.learn(Outcome.SUCCESS, nanos, time.nanos());
        LatencyEstimate.Peers peers = new LatencyEstimate.Peers();
        peers.refresh(DoubleStream.of(peer.shared.latency().ownMicros(peer.latencyWord())));
        return peers;
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.balancer.Ages#all")
    void anEstimateOrAnAverageGivesWayAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        long average = MovingAverage.of(1e6f, time.nanos());
        long estimate = LatencyEstimate.of(1e6f, 0.1f, time.nanos());
        LatencyEstimate.Peers peers = peersTaking(9 * SECOND, time);
        int steps = busy ? 1_000 : 1;
        for (int i = 0; i < steps; i++) {
            time.jump(age.toNanos() / steps);
        }
        time.jump(20 * SECOND);
        assertThat(LatencyEstimate.variance(estimate, time.nanos()))
                .as("an old estimate")
                .isEqualTo(LatencyEstimate.PRIOR);
        assertThat((double) LatencyEstimate.micros(estimate, peers, time.nanos()))
                .as("gives way to the peers'")
                .isCloseTo(9e6, withinPercentage(1));
        average = MovingAverage.with(average, 9e6f, 10e9, 0, time.nanos());
        assertThat(MovingAverage.value(average)).as("an old average gives way").isGreaterThan(7e6f);
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.balancer.Ages#few")
    void theGuardOfLastResortOpensProbesAndForgivesAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        InstanceGuard guard = new ConsecutiveFailureGuard(FakeRegistry.instance("a"), ANY, time.environment());
        Ages.live(time, age, busy, () -> come(guard, Outcome.SUCCESS, time));
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 5; i++) {
                assertThat(come(guard, Outcome.FAILURE, time)).isTrue();
            }
            time.jump(4 * SECOND - 1);
            assertThat(come(guard, Outcome.SUCCESS, time)).as("5 s less 20 %").isFalse();
            time.jump(2 * SECOND + 1);
            assertThat(guard.tryAcquire(time.nanos())).as("5 s and 20 %").isNotNull();
            time.jump(30 * SECOND - 1);
            assertThat(come(guard, Outcome.SUCCESS, time))
                    .as("one probe is under way")
                    .isFalse();
            time.jump(1);
            assertThat(come(guard, Outcome.SUCCESS, time)).as("it was lost").isTrue();
            assertThat(come(guard, Outcome.SUCCESS, time)).isTrue();
            assertThat(guard.describe(time.nanos()).state()).isEqualTo(GuardState.CLOSED);
            assertThat(come(guard, Outcome.FAILURE, time)).isTrue();
            time.jump(8 * SECOND - 1);
            assertThat(guard.isAvailable(time.nanos())).as("10 s less 20 %").isFalse();
            Ages.live(time, age, false, () -> {});
            assertThat(guard.describe(time.nanos()).nanosToProbe()).isZero();
            assertThat(come(guard, Outcome.SUCCESS, time)).isTrue();
            assertThat(come(guard, Outcome.SUCCESS, time)).isTrue();
            come(guard, Outcome.SUCCESS, time);
            Ages.live(time, age, false, () -> {});
        }
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.balancer.Ages#few")
    void whatLastsAWhileLastsAsLongAtAnyAge(Duration age, long origin, boolean busy) {
        VirtualTime time = new VirtualTime(origin);
        TierLoads.Panic panic = new TierLoads.Panic();
        Ages.live(
                time,
                age,
                busy,
                () -> assertThat(panic.judge(1, false, time.nanos())).isFalse());
        for (long length : new long[] {1_000, 30 * SECOND, age.toNanos()}) {
            Listing.Warmup warmup = new Listing.Warmup(time.nanos(), length, SlowStart.defaults());
            assertThat(warmup.factor(time.nanos())).isEqualTo(0.1);
            assertThat(warmup.factor(time.nanos() + length / 2)).isCloseTo(0.5, within(1e-9));
            assertThat(warmup.factor(time.nanos() + length)).isEqualTo(1);
            assertThat(warmup.factor(time.nanos() + length + age.toNanos())).isEqualTo(1);
        }
        assertThat(panic.judge(0.4, false, time.nanos())).isTrue();
        Ages.live(time, age, false, () -> {});
        assertThat(panic.judge(0.7, false, time.nanos())).as("calm since now").isTrue();
        time.jump(SECOND - 1);
        assertThat(panic.judge(0.7, false, time.nanos())).isTrue();
        time.jump(1);
        assertThat(panic.judge(0.7, false, time.nanos())).isFalse();
    }

    private static boolean come(InstanceGuard guard, Outcome outcome, VirtualTime time) {
        Object permit = guard.tryAcquire(time.nanos());
        if (permit != null) {
            guard.release(permit, outcome, SECOND, time.nanos());
        }
        return permit != null;
    }
}
