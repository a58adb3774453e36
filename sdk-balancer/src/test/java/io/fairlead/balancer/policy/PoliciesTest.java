// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PoliciesTest {
    private final VirtualTime time = new VirtualTime();

    /** A candidate whose every figure a test sets. */
    private static final class Fake implements Candidate {
        final ServiceInstance instance;
        double weight;
        int inFlight;
        long latency;
        double success = 1;
        boolean accepting = true;

        Fake(String id, int weight) {
            this.instance = ServiceInstance.builder("orders")
                    .id(id)
                    .address("10.0.0.1", 80)
                    .weight(weight)
                    .build();
            this.weight = weight;
        }

        @Override
        public ServiceInstance instance() {
            return instance;
        }

        @Override
        public double weight() {
            return weight;
        }

        @Override
        public int inFlight() {
            return inFlight;
        }

        @Override
        public long latencyNanos(long nowNanos) {
            return latency;
        }

        @Override
        public double successRatio(long nowNanos) {
            return success;
        }

        @Override
        public boolean accepts(PickContext context, long nowNanos) {
            return accepting && !context.excludes(instance);
        }
    }

    static Stream<BalancingPolicy> policies() {
        return ServiceLoader.load(BalancingPolicy.class).stream().map(ServiceLoader.Provider::get);
    }

    @Test
    void sixPoliciesAreFoundByName() {
        assertThat(policies().map(BalancingPolicy::name))
                .containsExactlyInAnyOrder(
                        "adaptive",
                        "consistent_hash",
                        "least_request",
                        "random",
                        "round_robin",
                        "weighted_round_robin");
    }

    @ParameterizedTest
    @MethodSource("policies")
    void theOnlyAcceptingCandidateIsFoundAndNoneYieldsNull(BalancingPolicy policy) {
        for (int size : new int[] {1, 2, 3, 10}) {
            List<Fake> fakes = fakes(size);
            Picker picker = picker(policy, fakes);
            for (int chosen = 0; chosen < size; chosen++) {
                for (int i = 0; i < size; i++) {
                    fakes.get(i).accepting = i == chosen;
                }
                for (int round = 0; round < 20; round++) {
                    assertThat(picker.pick(key(round), 0)).isSameAs(fakes.get(chosen));
                }
            }
            fakes.forEach(fake -> fake.accepting = false);
            assertThat(picker.pick(key(1), 0)).isNull();
            assertThat(picker.pick(PickContext.none(), 0)).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void equalCandidatesGetEqualShares(BalancingPolicy policy) {
        List<Fake> fakes = fakes(5);
        Map<String, Integer> shares = shares(picker(policy, fakes), 20_000);
        assertThat(shares.values())
                .hasSize(5)
                .allSatisfy(count -> assertThat(count).isBetween(2_500, 5_800));
    }

    @Test
    void weightedRoundRobinIsNginxsSmoothSequence() {
        assertThat(sequence(new WeightedRoundRobinPolicy(), 7, 5, 1, 1)).isEqualTo("aabacaa");
        assertThat(sequence(new WeightedRoundRobinPolicy(), 9, 4, 3, 2)).isEqualTo("abcabacba");
        Map<String, Integer> shares = shares(picker(new WeightedRoundRobinPolicy(), weighted(1, 2, 3)), 1_200);
        assertThat(shares).isEqualTo(Map.of("a", 200, "b", 400, "c", 600));
    }

    @Test
    void weightedRoundRobinCarriesItsCreditsOverLists() {
        List<Fake> fakes = weighted(5, 1, 1);
        WeightedRoundRobinPolicy policy = new WeightedRoundRobinPolicy();
        StringBuilder picked = new StringBuilder();
        Picker picker = null;
        for (int i = 0; i < 7; i++) {
            picker = policy.newPicker(List.copyOf(fakes), picker, time.environment());
            picked.append(picker.pick(PickContext.none(), 0).instance().id());
        }
        assertThat(picked.toString()).isEqualTo("aabacaa");
    }

    @Test
    void roundRobinTakesEachInTurnAndGoesOnAfterAListChange() {
        List<Fake> fakes = fakes(4);
        RoundRobinPolicy policy = new RoundRobinPolicy();
        Picker picker = null;
        List<String> picked = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            picker = policy.newPicker(List.copyOf(fakes), picker, time.environment());
            picked.add(picker.pick(PickContext.none(), 0).instance().id());
        }
        assertThat(picked.subList(0, 4)).doesNotHaveDuplicates();
        assertThat(picked.subList(4, 8)).isEqualTo(picked.subList(0, 4));
    }

    @Test
    void roundRobinGivesNoSuccessorADoubleShare() {
        List<Fake> fakes = fakes(5);
        fakes.get(2).accepting = false;
        Picker picker = picker(new RoundRobinPolicy(), fakes);
        Map<String, Integer> shares = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            shares.merge(picker.pick(PickContext.none(), i * 977L).instance().id(), 1, Integer::sum);
        }
        assertThat(shares.values())
                .hasSize(4)
                .allSatisfy(count -> assertThat(count).isBetween(4_000, 6_500));
    }

    @Test
    void randomFollowsWeights() {
        Map<String, Integer> shares = shares(picker(new RandomPolicy(), weighted(1, 2, 7)), 100_000);
        assertThat(shares.get("a")).isBetween(9_400, 10_600);
        assertThat(shares.get("b")).isBetween(19_200, 20_800);
        assertThat(shares.get("c")).isBetween(69_000, 71_000);
    }

    @Test
    void noScoreCanGiveACandidateMoreThanTwoNths() {
        List<Fake> fakes = fakes(10);
        fakes.forEach(fake -> fake.latency = 1_000_000_000);
        fakes.get(3).latency = 1;
        Map<String, Integer> shares = shares(picker(new AdaptivePolicy(), fakes), 100_000);
        assertThat(shares.get("d")).isBetween(19_000, 20_500);
    }

    @Test
    void adaptiveAvoidsTheSlowAndTheFailingButKeepsLooking() {
        List<Fake> fakes = fakes(5);
        fakes.forEach(fake -> fake.latency = 5_000_000);
        fakes.get(0).latency = 300_000_000;
        fakes.get(1).success = 0.3;
        Map<String, Integer> shares = shares(picker(new AdaptivePolicy(), fakes), 100_000);
        // the two avoided ones meet each other in one draw of ten, and failing is worse than slow
        assertThat(shares.get("a")).isBetween(9_000, 11_500);
        assertThat(shares.get("b")).isBetween(50, 1_500);
    }

    @Test
    void adaptiveTakesLatenciesWithinNoiseForEqual() {
        List<Fake> fakes = fakes(4);
        fakes.forEach(fake -> fake.latency = 500_000);
        fakes.get(0).latency = 300_000;
        fakes.get(1).latency = 700_000;
        Map<String, Integer> shares = shares(picker(new AdaptivePolicy(), fakes), 40_000);
        assertThat(shares.values()).allSatisfy(count -> assertThat(count).isBetween(9_400, 10_600));
    }

    @Test
    void leastRequestTakesTheLessLoaded() {
        List<Fake> fakes = fakes(2);
        fakes.get(0).inFlight = 3;
        assertThat(shares(picker(new LeastRequestPolicy(), fakes), 1_000)).isEqualTo(Map.of("b", 1_000));
    }

    @Test
    void consistentHashMovesOnlyTheKeysOfWhoLeft() {
        List<Fake> fakes = fakes(8);
        Map<Integer, String> before = owners(fakes);
        List<Fake> fewer =
                fakes.stream().filter(fake -> !fake.instance.id().equals("c")).collect(Collectors.toList());
        Map<Integer, String> after = owners(fewer);
        before.forEach((key, owner) -> {
            if (!owner.equals("c")) {
                assertThat(after.get(key)).as("owner of key " + key).isEqualTo(owner);
            }
        });
        assertThat(before.values().stream().distinct()).hasSize(8);
    }

    @Test
    void consistentHashNeverExceedsItsBound() {
        List<Fake> fakes = fakes(5);
        Picker picker = picker(new ConsistentHashPolicy(), fakes);
        for (int i = 0; i < 500; i++) {
            Fake picked = (Fake) picker.pick(PickContext.hashedBy("the one hot key"), 0);
            picked.inFlight++;
            int total = fakes.stream().mapToInt(fake -> fake.inFlight).sum();
            assertThat(picked.inFlight).isLessThanOrEqualTo((int) Math.ceil(1.25 * total / 5));
        }
    }

    private Map<Integer, String> owners(List<Fake> fakes) {
        Picker picker = picker(new ConsistentHashPolicy(), fakes);
        Map<Integer, String> owners = new HashMap<>();
        for (int key = 0; key < 2_000; key++) {
            owners.put(key, picker.pick(key(key), 0).instance().id());
        }
        return owners;
    }

    private String sequence(BalancingPolicy policy, int picks, int... weights) {
        Picker picker = picker(policy, weighted(weights));
        StringBuilder sequence = new StringBuilder();
        for (int i = 0; i < picks; i++) {
            sequence.append(picker.pick(PickContext.none(), 0).instance().id());
        }
        return sequence.toString();
    }

    private Map<String, Integer> shares(Picker picker, int picks) {
        Map<String, Integer> shares = new HashMap<>();
        for (int i = 0; i < picks; i++) {
            shares.merge(picker.pick(key(i), 0).instance().id(), 1, Integer::sum);
        }
        return shares;
    }

    private Picker picker(BalancingPolicy policy, List<Fake> fakes) {
        return policy.newPicker(List.copyOf(fakes), null, time.environment());
    }

    private static PickContext key(int number) {
        return PickContext.hashedBy("key-" + number);
    }

    private static List<Fake> fakes(int count) {
        int[] weights = new int[count];
        java.util.Arrays.fill(weights, 1);
        return weighted(weights);
    }

    private static List<Fake> weighted(int... weights) {
        List<Fake> fakes = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            fakes.add(new Fake(String.valueOf((char) ('a' + i)), weights[i]));
        }
        return fakes;
    }
}
