// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.balancer.HealthPolicy.PeerRule;
import io.fairlead.balancer.ServiceStatistics.Ejection;
import io.fairlead.balancer.SlowStart;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is worse than its peers: the rule's exact reach and blind spot, and gRPC's cases under our cap. */
class PeerRuleTest {
    private static final PeerRule WITHOUT_GAP = new PeerRule(1.9, 0, 2, 1);

    /** k of N that fail alike lie √((N−k)/k) deviations below the mean, whatever their rate. */
    @Test
    void whatIsFoundDependsOnHowManyFailAndNotOnHowMuch() {
        long seed = 20260731;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 5_000; round++) {
            int size = random.nextInt(2, 200);
            int failing = random.nextInt(1, size);
            double rate = random.nextDouble(0.001, 1);
            double reach = Math.sqrt((double) (size - failing) / failing);
            assertThat(isFound(WITHOUT_GAP, size, failing, rate))
                    .as("seed %d round %d: %d of %d at %.3f", seed, round, failing, size, rate)
                    .isEqualTo(reach > 1.9);
        }
    }

    @Test
    void theTheoremsTableHolds() {
        for (double rate : new double[] {0.01, 0.3, 1}) {
            assertThat(isFound(WITHOUT_GAP, 4, 1, rate)).isFalse();
            assertThat(isFound(WITHOUT_GAP, 5, 1, rate)).isTrue();
            assertThat(isFound(WITHOUT_GAP, 10, 2, rate)).isTrue();
            assertThat(isFound(WITHOUT_GAP, 10, 3, rate)).isFalse();
            assertThat(isFound(WITHOUT_GAP, 100, 21, rate)).isTrue();
            assertThat(isFound(WITHOUT_GAP, 100, 22, rate)).isFalse();
        }
    }

    @Test
    void theGapKeepsAnInstanceThatIsOnlySlightlyWorseThanPerfectPeers() {
        assertThat(isFound(WITHOUT_GAP, 10, 1, 0.001)).isTrue();
        assertThat(isFound(PeerRule.defaults(), 10, 1, 0.001)).isFalse();
        assertThat(isFound(PeerRule.defaults(), 10, 1, 0.11)).isFalse();
        assertThat(isFound(PeerRule.defaults(), 10, 1, 0.12)).isTrue();
    }

    @Test
    void nobodyIsFoundAmongEqualsOrAmongTooFew() {
        assertThat(isFound(PeerRule.defaults(), 4, 1, 1)).isFalse();
        double[] equal = new double[50];
        Arrays.fill(equal, 0.37);
        assertThat(PeerRule.defaults().bound(equal)).isLessThan(0.37);
    }

    /** gRPC's outlier detection tests: five instances with 20 calls each; its "stdev factor 1" is a thousandth. */
    @Test
    void gRpcsCasesComeOutAsUnderItsRuleButForTheCap() {
        PeerRule usual = new PeerRule(1.9, 0, 3, 10);
        PeerRule keen = new PeerRule(0.001, 0, 3, 10);
        assertThat(ejected(usual, 5, 1)).containsExactly("a0");
        assertThat(ejected(usual, 5, 2)).isEmpty();
        // Three are outliers. gRPC asks "is less than 30 % out?" before each and takes two; our cap is one of five.
        assertThat(ejected(keen, 5, 3)).hasSize(1);
        assertThat(ejected(new PeerRule(1.9, 0, 5, 10), 4, 1)).isEmpty();
        assertThat(ejected(new PeerRule(1.9, 0, 3, 21), 5, 1)).isEmpty();
    }

    @Test
    void whenTheCapLeavesNoRoomTheWorstGoes() {
        World world = new World(new PeerRule(0.001, 0, 3, 10), 5);
        world.count(0, 14, 6);
        world.count(1, 4, 16);
        world.count(2, 10, 10);
        world.count(3, 20, 0);
        world.count(4, 20, 0);
        assertThat(world.ejected()).containsExactly("a1");
        assertThat(world.states.get(2).condition().now(0).describe())
                .isEqualTo("DEGRADED by peers (too many others are out: 50.0 % of 20 calls succeeded, 68.0 % on average"
                        + " of 5 instances (bound 68.0 %))");
    }

    @Test
    void whatWasCountedBeforeAnIntervalOrWhileOutDoesNotCount() {
        World world = new World(PeerRule.defaults(), 5);
        IntStream.range(0, 5).forEach(i -> world.count(i, i == 0 ? 0 : 100, i == 0 ? 100 : 0));
        world.states.get(0).ejected(world.time.nanos());
        world.states.get(0).restored(world.time.nanos(), SlowStart.off());
        assertThat(world.ejected()).isEmpty();
        IntStream.range(0, 5).forEach(i -> world.count(i, 100, 0));
        assertThat(world.ejected()).isEmpty();
    }

    @Test
    void anUnreasonableRuleIsRefused() {
        assertThatThrownBy(() -> new PeerRule(0, 0.1, 5, 50))
                .hasMessage("peerRule.sigmas: 0.0 (expected: above 0, at most 10, or infinity for off)");
        assertThatThrownBy(() -> new PeerRule(1.9, 1, 5, 50))
                .hasMessage("peerRule.gap: 1.0 (expected: 0..1, 1 excluded)");
        assertThatThrownBy(() -> new PeerRule(1.9, 0.1, 1, 50))
                .hasMessage("peerRule.minInstances: 1 (expected: 2 or more)");
        assertThatThrownBy(() -> new PeerRule(1.9, 0.1, 5, 0)).hasMessage("peerRule.minCalls: 0 (expected: 1 or more)");
    }

    /** An instance with the plain guard and nothing else asked for. */
    static InstanceState state(ServiceInstance instance, EjectionQuota quota, Environment environment) {
        return new InstanceState(instance, new Deaf().shared(ConsecutiveFailureGuard::new, quota, environment));
    }

    private static boolean isFound(PeerRule rule, int size, int failing, double rate) {
        double[] ratios = new double[size];
        Arrays.fill(ratios, 1);
        Arrays.fill(ratios, 0, failing, 1 - rate);
        return ratios[0] < PeerComparison.bound(rule, ratios);
    }

    private static List<String> ejected(PeerRule rule, int size, int failing) {
        World world = new World(rule, size);
        IntStream.range(0, size).forEach(i -> world.count(i, i < failing ? 0 : 20, i < failing ? 20 : 0));
        return world.ejected();
    }

    /** Instances with a guard each, one quota, and one comparison. */
    private static final class World extends Deaf {
        final VirtualTime time = new VirtualTime();
        final List<InstanceState> states;
        private final PeerComparison comparison;

        World(PeerRule rule, int size) {
            Environment environment = time.environment();
            EjectionQuota quota = new EjectionQuota();
            quota.setInstances(size);
            states = IntStream.range(0, size)
                    .mapToObj(i -> new InstanceState(
                            FakeRegistry.instance("a" + i), shared(ConsecutiveFailureGuard::new, quota, environment)))
                    .toList();
            comparison = new PeerComparison(rule, time.nanos());
        }

        void count(int index, int successes, int failures) {
            IntStream.range(0, successes).forEach(i -> succeed(states.get(index)));
            IntStream.range(0, failures).forEach(i -> fail(states.get(index)));
        }

        /** Counted, and nothing for its guard. */
        private void succeed(InstanceState state) {
            state.countSuccess(state.begin(time.nanos()), time.nanos());
            state.end(false, false);
        }

        private void fail(InstanceState state) {
            state.count(state.begin(time.nanos()), Outcome.FAILURE, time.nanos());
            state.end(false, false);
        }

        List<String> ejected() {
            time.advance(Duration.ofSeconds(10));
            comparison
                    .judge(states, time.nanos())
                    .forEach(found -> found.state().condition().trip(Ejection.PEERS, found.evidence(), time.nanos()));
            return states.stream()
                    .filter(state -> state.gate().isEjected())
                    .map(state -> state.instance().id())
                    .toList();
        }

        @Override
        public void onEjectionDenied(InstanceState state, String reason) {
            state.condition().denied(reason, time.nanos());
        }
    }
}
