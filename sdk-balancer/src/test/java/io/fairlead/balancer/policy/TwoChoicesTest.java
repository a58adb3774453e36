// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.policy.plain.TwoChoices;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.SettableCandidate;
import io.fairlead.testkit.VirtualTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What two choices promise whatever the score. */
class TwoChoicesTest {
    private static final int PICKS = 200_000;
    private final VirtualTime time = new VirtualTime();

    private static final class Scored extends TwoChoices {
        private final ToDoubleFunction<Candidate> cost;

        Scored(List<SettableCandidate> candidates, long seed, ToDoubleFunction<Candidate> cost) {
            super(List.copyOf(candidates), new Random(seed), 0, 0);
            this.cost = cost;
        }

        @Override
        protected boolean isFirstAsGood(Candidate first, Candidate second, long nowNanos) {
            return cost.applyAsDouble(first) <= cost.applyAsDouble(second);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 10, 50, 1_000})
    void noScorerSendsAnInstanceMoreThanTwoNths(int size) {
        List<SettableCandidate> candidates = SettableCandidate.equal(size);
        double cap = 2.0 / size;
        double most = cap + 4 * Math.sqrt(cap * (1 - cap) / PICKS);
        for (long seed = 1; seed <= 5; seed++) {
            Candidate darling = candidates.get((int) (seed * 31 % size));
            Map<Candidate, Integer> shares = new HashMap<>();
            Picker picker = new Scored(candidates, seed, candidate -> candidate == darling ? 0 : 1);
            for (int pick = 0; pick < PICKS; pick++) {
                shares.merge(picker.pick(PickContext.none(), pick), 1, Integer::sum);
            }
            assertThat((double) shares.get(darling) / PICKS)
                    .as("N " + size + ", seed " + seed)
                    .isBetween(cap - (most - cap) - 1e-9, Math.min(1, most));
        }
    }

    /** u⁶: how often three pairs in a row have nobody usable, after which everybody is looked at. */
    @ParameterizedTest
    @CsvSource({"0.5, 0.015625", "0.4, 0.004096", "0.3, 0.000729"})
    void threePairsMissTheUsableAsOftenAsTheorySays(double unusable, double expected) {
        List<SettableCandidate> candidates = SettableCandidate.equal(1_000);
        for (int i = 0; i < unusable * 1_000; i++) {
            candidates.get(i).setAccepting(false);
        }
        int[] looks = new int[1];
        List<Candidate> counted = candidates.stream()
                .map(candidate -> (Candidate) new Looked(candidate, looks))
                .toList();
        Picker picker = new LeastRequestPolicy().newPicker(counted, null, time.environment());
        int missed = 0;
        for (int pick = 0; pick < 1_000_000; pick++) {
            looks[0] = 0;
            assertThat(picker.pick(PickContext.none(), pick)).isNotNull();
            missed += looks[0] > 6 ? 1 : 0;
        }
        double sigma = Math.sqrt(expected / 1_000_000);
        assertThat(missed / 1e6).isBetween(expected * 0.97 - 4 * sigma, expected * 1.03 + 4 * sigma);
    }

    @Test
    void moreChoicesFindTheLeastLoadedMoreSurely() {
        List<SettableCandidate> candidates = SettableCandidate.equal(10);
        candidates.forEach(candidate -> candidate.setInFlight(1));
        candidates.get(4).setInFlight(0);
        double before = 0;
        for (int choices = 2; choices <= 10; choices++) {
            Picker picker = new LeastRequestPolicy()
                    .withChoices(choices)
                    .newPicker(List.copyOf(candidates), null, time.environment());
            int found = 0;
            for (int pick = 0; pick < PICKS; pick++) {
                found += picker.pick(PickContext.none(), pick) == candidates.get(4) ? 1 : 0;
            }
            double expected = choices == 2 ? 0.2 : 1 - Math.pow(0.9, choices);
            assertThat((double) found / PICKS).as("of " + choices).isBetween(expected - 0.006, expected + 0.006);
            assertThat((double) found / PICKS).isGreaterThan(before);
            before = (double) found / PICKS;
        }
    }

    @Test
    void choicesAreTwoToTen() {
        assertThatThrownBy(() -> new LeastRequestPolicy().withChoices(1)).hasMessage("choices: 1 (expected: 2..10)");
        assertThatThrownBy(() -> new LeastRequestPolicy().withChoices(11)).hasMessage("choices: 11 (expected: 2..10)");
    }

    /** Counts how often it is asked. */
    private record Looked(SettableCandidate candidate, int[] looks) implements Candidate {
        @Override
        public ServiceInstance instance() {
            return candidate.instance();
        }

        @Override
        public double weight() {
            return candidate.weight();
        }

        @Override
        public int inFlight() {
            return candidate.inFlight();
        }

        @Override
        public long latencyNanos(long nowNanos) {
            return candidate.latencyNanos(nowNanos);
        }

        @Override
        public double successRatio(long nowNanos) {
            return candidate.successRatio(nowNanos);
        }

        @Override
        public boolean accepts(PickContext context, long nowNanos) {
            looks[0]++;
            return candidate.accepts(context, nowNanos);
        }
    }
}
