// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.SettableCandidate;
import io.fairlead.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The published sequences of round robin in its kinds. */
class SequencesTest {
    private final VirtualTime time = new VirtualTime();

    @Test
    void nginxsCreditsAreThoseOfItsCommitMessage() {
        SmoothSequence sequence = new SmoothSequence(new int[] {5, 1, 1});
        long[][] before = {{5, 1, 1}, {3, 2, 2}, {1, 3, 3}, {6, -3, 4}, {4, -2, 5}, {9, -1, -1}, {7, 0, 0}};
        long[][] after = {{-2, 1, 1}, {-4, 2, 2}, {1, -4, 3}, {-1, -3, 4}, {4, -2, -2}, {2, -1, -1}, {0, 0, 0}};
        for (int step = 0; step < before.length; step++) {
            sequence.credit();
            assertThat(sequence.credits()).as("credited, step " + step).containsExactly(before[step]);
            sequence.charge();
            assertThat(sequence.credits()).as("charged, step " + step).containsExactly(after[step]);
        }
    }

    @Test
    void smoothSequencesAreNginxs() {
        assertThat(letters(SmoothSequence.period(new int[] {5, 1, 1}))).isEqualTo("aabacaa");
        assertThat(letters(SmoothSequence.period(new int[] {4, 3, 2}))).isEqualTo("abcabacba");
    }

    @Test
    void smallWholeWeightsGetExactSharesInASmoothSequence() {
        assertThat(shares(new WeightedRoundRobinPolicy(), 1_200, 1, 2, 3))
                .isEqualTo(Map.of("i00000", 200, "i00001", 400, "i00002", 600));
        assertThat("aabacaaaabacaa").contains(sequence(new WeightedRoundRobinPolicy(), 7, 5, 1, 1));
    }

    @Test
    void aSequenceGoesOnWhenTheListIsMadeAnew() {
        List<SettableCandidate> candidates = SettableCandidate.weighted(5, 1, 1);
        for (BalancingPolicy policy : List.of(new WeightedRoundRobinPolicy(), new RoundRobinPolicy())) {
            Picker still = policy.newPicker(List.copyOf(candidates), null, time.environment());
            Picker renewed = policy.newPicker(List.copyOf(candidates), null, time.environment());
            for (int i = 0; i < 14; i++) {
                renewed = policy.newPicker(List.copyOf(candidates), renewed, time.environment());
                assertThat(renewed.pick(PickContext.none(), 0))
                        .as(policy.name() + ", pick " + i)
                        .isSameAs(still.pick(PickContext.none(), 0));
            }
        }
    }

    @Test
    void stridesWithoutOffsetsAreThoseOfGrpcsComment() {
        Stride stride = new Stride(new int[] {2, 3, 6}, 6, 0);
        assertThat(strides(stride, 5 * 3, 11)).containsExactly(0, 1, 2, 2, 1, 2, 0, 2, 1, 2, 2);
        assertThat(strides(stride, 0, 11)).containsExactly(2, 1, 2, 0, 2, 1, 2, 2, 0, 1, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void stridesWithOffsetsAreThoseOfGrpcsTestAlsoWhenTheSequenceWraps(int first) {
        Stride stride = Stride.of(new int[] {2, 3, 6});
        Turn turn = new Turn(first);
        List<Integer> picks = new ArrayList<>();
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            picks.add(stride.next(turn));
            left.add(turn.coming());
        }
        assertThat(picks).containsExactly(1, 2, 2, 0, 1, 2);
        assertThat(left).containsExactly(2, 3, 6, 7, 8, 9);
    }

    @Test
    void aWeightFarAboveTheMeanIsNoStrides() {
        int[] weights = new int[1_000];
        Arrays.fill(weights, 1);
        weights[7] = 10;
        assertThat(Stride.suits(weights)).isTrue();
        weights[7] = 11;
        assertThat(Stride.suits(weights)).isFalse();
    }

    /** {81.5, 1 × 19} got half the turns for its first where {81, 1 × 19} got 81 %. */
    @ParameterizedTest
    @ValueSource(doubles = {81, 81.5, 0.1, 12_345.678, 65_535})
    void turnsGoByWeightsWholeOrNot(double first) {
        List<SettableCandidate> candidates = SettableCandidate.equal(20);
        candidates.get(3).setWeight(first);
        Picker picker = new WeightedRoundRobinPolicy().newPicker(List.copyOf(candidates), null, time.environment());
        int turns = 100_000;
        int[] counts = new int[20];
        for (int i = 0; i < turns; i++) {
            counts[candidates.indexOf(picker.pick(PickContext.none(), i))]++;
        }
        for (int i = 0; i < 20; i++) {
            double fair = turns * (i == 3 ? first : 1) / (19 + first);
            assertThat((double) counts[i]).as("place " + i).isBetween(fair - 6, fair + 6);
        }
    }

    @Test
    void roundRobinTakesEachInTurnInAnOrderOfItsOwn() {
        List<SettableCandidate> candidates = SettableCandidate.equal(20);
        List<String> orders = new ArrayList<>();
        for (long seed = 1; seed <= 10; seed++) {
            Picker picker = new RoundRobinPolicy()
                    .newPicker(List.copyOf(candidates), null, time.environment(seed, EventListener.NONE));
            List<String> round = picks(picker, 20);
            assertThat(round).as("seed " + seed).doesNotHaveDuplicates();
            assertThat(picks(picker, 20)).as("seed " + seed).isEqualTo(round);
            int start = round.indexOf("i00000");
            orders.add(round.subList(start, 20) + "" + round.subList(0, start));
        }
        assertThat(orders).doesNotHaveDuplicates();
    }

    @Test
    void whoeverComesOrGoesDoesNotChangeTheOrderOfTheOthers() {
        List<SettableCandidate> candidates = SettableCandidate.equal(9);
        RoundRobinPolicy policy = new RoundRobinPolicy();
        Picker all = policy.newPicker(List.copyOf(candidates), null, time.environment());
        List<String> before = picks(all, 18);
        Picker fewer = policy.newPicker(List.copyOf(candidates.subList(1, 9)), all, time.environment());
        List<String> after = picks(fewer, 16);
        before.removeIf(id -> id.equals("i00000"));
        assertThat(String.join(" ", before) + " " + String.join(" ", before))
                .contains(String.join(" ", after.subList(0, 8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"round_robin", "weighted_round_robin"})
    void nobodyInheritsTheShareOfOneThatRefuses(String name) {
        BalancingPolicy policy = name.equals("round_robin") ? new RoundRobinPolicy() : new WeightedRoundRobinPolicy();
        List<SettableCandidate> candidates = SettableCandidate.equal(5);
        candidates.get(2).setAccepting(false);
        Picker picker = policy.newPicker(List.copyOf(candidates), null, time.environment());
        Map<String, Integer> shares = new TreeMap<>();
        picks(picker, 20_000).forEach(id -> shares.merge(id, 1, Integer::sum));
        assertThat(shares.values())
                .hasSize(4)
                .allSatisfy(count -> assertThat(count).isBetween(4_000, 6_500));
    }

    @Test
    void anOrderThatWasKeptIsTheOneMadeAnew() {
        long seed = 9;
        SplittableRandom random = new SplittableRandom(seed);
        List<SettableCandidate> all = SettableCandidate.equal(60).stream()
                .sorted(Comparator.comparing(candidate -> candidate.instance().id()))
                .toList();
        BalancingPolicy policy = new RoundRobinPolicy();
        Picker kept = policy.newPicker(List.copyOf(all), null, time.environment(seed, EventListener.NONE));
        for (int change = 0; change < 200; change++) {
            int odds = 1 + random.nextInt(5);
            List<SettableCandidate> some = all.stream()
                    .filter(candidate -> candidate == all.get(0) || random.nextInt(odds) == 0)
                    .toList();
            kept = policy.newPicker(List.copyOf(some), kept, time.environment());
            Picker fresh = policy.newPicker(List.copyOf(some), null, time.environment(seed, EventListener.NONE));
            assertThat(picks(fresh, 2 * some.size())).as("change " + change).containsSequence(picks(kept, some.size()));
        }
    }

    private String sequence(BalancingPolicy policy, int picks, int... weights) {
        Picker picker = policy.newPicker(List.copyOf(SettableCandidate.weighted(weights)), null, time.environment());
        int[] places = picks(picker, picks).stream()
                .mapToInt(id -> Integer.parseInt(id.substring(1)))
                .toArray();
        return letters(places);
    }

    private Map<String, Integer> shares(BalancingPolicy policy, int picks, int... weights) {
        Picker picker = policy.newPicker(List.copyOf(SettableCandidate.weighted(weights)), null, time.environment());
        Map<String, Integer> shares = new TreeMap<>();
        picks(picker, picks).forEach(id -> shares.merge(id, 1, Integer::sum));
        return shares;
    }

    private static List<String> picks(Picker picker, int count) {
        List<String> picked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            picked.add(picker.pick(PickContext.none(), 0).instance().id());
        }
        return picked;
    }

    private static List<Integer> strides(Stride stride, int first, int picks) {
        Turn turn = new Turn(first);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < picks; i++) {
            places.add(stride.next(turn));
        }
        return places;
    }

    private static String letters(int[] places) {
        StringBuilder letters = new StringBuilder();
        for (int place : places) {
            letters.append((char) ('a' + place));
        }
        return letters.toString();
    }
}
