// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.SettableCandidate;
import io.fairlead.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Shares follow weights under every policy that has them. */
class SharesTest {
    private static final int PICKS = 200_000;

    static Stream<Arguments> blindPolicies() {
        return Stream.of(new RandomPolicy(), new WeightedRoundRobinPolicy(), new RingHashPolicy(), new MaglevPolicy())
                .flatMap(policy -> Stream.of(1L, 2L, 3L).map(seed -> Arguments.of(policy, seed)));
    }

    /** Those that know no load: the ring is uneven by nature, the others are not. */
    @ParameterizedTest
    @MethodSource("blindPolicies")
    void sharesConvergeToWeights(BalancingPolicy policy, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] weights = random.ints(20, 1, 16).toArray();
        List<SettableCandidate> candidates = SettableCandidate.weighted(weights);
        Picker picker = picker(policy, candidates, seed);
        int[] counts = new int[20];
        for (int pick = 0; pick < PICKS; pick++) {
            counts[candidates.indexOf(picker.pick(PickContext.hashedBy("key-" + pick), pick))]++;
        }
        double sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        boolean uneven = policy instanceof RingHashPolicy;
        for (int i = 0; i < weights.length; i++) {
            double fair = PICKS * weights[i] / sum;
            double band = uneven ? 0.3 : 0.01 + 4 / Math.sqrt(fair);
            assertThat(counts[i] / fair)
                    .as(policy.name() + ", seed " + seed + ", weight " + weights[i])
                    .isBetween(1 - band, 1 + band);
        }
    }

    /** One instance of another weight among ten, a closed loop of so many calls: its share over its fair share. */
    @ParameterizedTest
    @CsvSource({
        "0.1, 1, 0.95, 1.40",
        "0.1, 10, 1.30, 1.90",
        "0.1, 100, 0.95, 1.30",
        "0.6, 10, 0.95, 1.20",
        "2.0, 1, 0.80, 1.05",
        "2.0, 100, 0.95, 1.05",
    })
    void twoChoicesKeepSharesInBandsAroundWeights(double weight, int concurrency, double least, double most) {
        for (BalancingPolicy policy : List.of(new LeastRequestPolicy(), new AdaptivePolicy())) {
            for (long seed = 1; seed <= 3; seed++) {
                assertThat(shareOverFair(policy, weight, concurrency, seed))
                        .as(policy.name() + ", seed " + seed)
                        .isBetween(least, most);
            }
        }
    }

    private static double shareOverFair(BalancingPolicy policy, double weight, int concurrency, long seed) {
        List<SettableCandidate> candidates = SettableCandidate.equal(10);
        candidates.get(0).setWeight(weight);
        Picker picker = picker(policy, candidates, seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<SettableCandidate> running = new ArrayList<>();
        int picked = 0;
        for (int pick = 0; pick < PICKS; pick++) {
            if (running.size() == concurrency) {
                int ended = random.nextInt(concurrency);
                running.get(ended).addInFlight(-1);
                running.set(ended, running.get(concurrency - 1));
                running.remove(concurrency - 1);
            }
            SettableCandidate candidate = (SettableCandidate) picker.pick(PickContext.none(), pick);
            candidate.addInFlight(1);
            running.add(candidate);
            picked += candidate == candidates.get(0) ? 1 : 0;
        }
        return (double) picked / PICKS / (weight / (9 + weight));
    }

    private static Picker picker(BalancingPolicy policy, List<SettableCandidate> candidates, long seed) {
        return policy.newPicker(List.copyOf(candidates), null, new VirtualTime().environment(seed, EventListener.NONE));
    }
}
