// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.plain.AdaptivePolicy;
import io.fairlead.balancer.policy.plain.PeakEwmaPolicy;
import io.fairlead.balancer.policy.plain.PrequalPolicy;
import io.fairlead.balancer.policy.plain.RandomPolicy;
import io.fairlead.balancer.policy.plain.WeightedRoundRobinPolicy;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.SettableCandidate;
import io.fairlead.testkit.VirtualTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shares follow weights under every policy that has them. */
@Tag("slow")
class SharesTest {
    private static final int PICKS = 200_000;
    private static final int FEWER_PICKS = 30_000;

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

    static Stream<Arguments> policiesOfDraws() {
        return Stream.of(
                        Arguments.of(new RandomPolicy(), 1),
                        Arguments.of(new WeightedRoundRobinPolicy(), 1),
                        Arguments.of(new AdaptivePolicy(), 2),
                        Arguments.of(new LeastRequestPolicy(), 2),
                        Arguments.of(new PeakEwmaPolicy(), 2),
                        Arguments.of(new PrequalPolicy(), 3),
                        Arguments.of(new LeastRequestPolicy().withChoices(5), 5))
                .flatMap(policy ->
                        Stream.of(2, 3, 20, 200).map(size -> Arguments.of(policy.get()[0], policy.get()[1], size)));
    }

    /** Idle instances of weights from 1 to 65,535, some of them fractions: each has the part its weight says. */
    @ParameterizedTest
    @MethodSource("policiesOfDraws")
    void idleInstancesHaveExactlyTheirParts(BalancingPolicy policy, int draws, int size) {
        for (double[] weights : weights(size)) {
            List<SettableCandidate> candidates = weighted(weights);
            Picker picker = picker(policy, candidates, 7);
            int[] counts = new int[size];
            for (int pick = 0; pick < FEWER_PICKS; pick++) {
                counts[place(picker.pick(PickContext.none(), pick))]++;
            }
            for (int i = 0; i < size; i++) {
                double fair = weights[i] / Arrays.stream(weights).sum();
                assertThat((double) counts[i] / FEWER_PICKS)
                        .as("weight " + weights[i] + " of " + Arrays.toString(weights))
                        .isBetween(fair - noise(fair), fair + noise(fair));
            }
        }
    }

    /** Whatever is in flight, nobody has more than the chance to be drawn, nor less than that of nobody else being drawn. */
    @ParameterizedTest
    @MethodSource("policiesOfDraws")
    void loadNeverGivesMoreThanTheChanceToBeDrawn(BalancingPolicy policy, int draws, int size) {
        for (double[] weights : weights(size)) {
            for (int inFlight : new int[] {1, 3, 10}) {
                List<SettableCandidate> candidates = weighted(weights);
                int[] counts = counts(picker(policy, candidates, 11), inFlight, new int[size]);
                for (int i = 0; i < size; i++) {
                    double fair = weights[i] / Arrays.stream(weights).sum();
                    double most = draws == 2 ? Math.min(1, 2 * fair) : 1 - Math.pow(1 - fair, draws);
                    double least = draws == 2 ? Math.max(0, 2 * fair - 1) : Math.pow(fair, draws);
                    assertThat((double) counts[i] / FEWER_PICKS)
                            .as(inFlight + " in flight, weight " + weights[i] + " of " + Arrays.toString(weights))
                            .isBetween(least - noise(least), most + noise(most));
                }
            }
        }
    }

    /** A newcomer at a tenth of its weight beside one other: 9 % is its part, and it got 33 %. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 10})
    void slowStartHoldsANewcomerBackBesideOneOther(int inFlight) {
        for (BalancingPolicy policy : List.of(new LeastRequestPolicy(), new AdaptivePolicy())) {
            List<SettableCandidate> candidates = weighted(0.1, 1);
            candidates.get(0).setSlowStart(0.1);
            int[] counts = counts(picker(policy, candidates, 3), inFlight, new int[2]);
            assertThat((double) counts[0] / FEWER_PICKS).as(policy.name()).isBetween(0.06, 0.187);
        }
    }

    /** Of a closed loop of so many calls, the oldest of which ends when another comes. */
    private static int[] counts(Picker picker, int inFlight, int[] counts) {
        ArrayDeque<SettableCandidate> running = new ArrayDeque<>();
        for (int pick = 0; pick < FEWER_PICKS; pick++) {
            if (running.size() == inFlight) {
                running.remove().addInFlight(-1);
            }
            SettableCandidate picked = (SettableCandidate) picker.pick(PickContext.none(), pick);
            picked.addInFlight(1);
            running.add(picked);
            counts[place(picked)]++;
        }
        return counts;
    }

    private static List<double[]> weights(int size) {
        SplittableRandom random = new SplittableRandom(size);
        double[] canary = new double[size];
        Arrays.fill(canary, 99);
        canary[size - 1] = 1;
        double[] giant = new double[size];
        Arrays.fill(giant, 1);
        giant[0] = 65_535;
        double[] warming = random.doubles(size, 0.1, 1).toArray();
        double[] any = random.ints(size, 1, 65_536).asDoubleStream().toArray();
        return List.of(canary, giant, warming, any);
    }

    private static List<SettableCandidate> weighted(double... weights) {
        List<SettableCandidate> candidates = SettableCandidate.equal(weights.length);
        for (int i = 0; i < weights.length; i++) {
            candidates.get(i).setWeight(weights[i]).setLatencyNanos(5_000_000);
        }
        return candidates;
    }

    private static int place(Candidate candidate) {
        return Integer.parseInt(candidate.instance().id().substring(1));
    }

    private static double noise(double share) {
        return 5 * Math.sqrt(share * (1 - share) / FEWER_PICKS) + 5.0 / FEWER_PICKS;
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
