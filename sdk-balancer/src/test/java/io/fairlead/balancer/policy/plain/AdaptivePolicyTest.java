// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.PickContext;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.SettableCandidate;
import io.fairlead.testkit.VirtualTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The policies that look at latency, failures and load. */
class AdaptivePolicyTest {
    private static final long MS = 1_000_000;
    private static final int PICKS = 100_000;
    private final VirtualTime time = new VirtualTime();

    @Test
    void theSlowAndTheFailingAreAvoidedButLookedAt() {
        List<SettableCandidate> candidates = all(5, 5 * MS);
        candidates.get(0).setLatencyNanos(300 * MS);
        candidates.get(1).setSuccessRatio(0.3).setLastSucceeded(false);
        double[] shares = shares(new AdaptivePolicy(), candidates);
        // the two avoided ones meet each other in one draw of ten, and failing is worse than slow
        assertThat(shares[0]).isBetween(0.09, 0.115);
        assertThat(shares[1]).isBetween(0.001, 0.015);
    }

    @Test
    void latenciesWithinNoiseAreEqual() {
        List<SettableCandidate> candidates = all(4, MS / 2);
        candidates.get(0).setLatencyNanos(3 * MS / 10);
        candidates.get(1).setLatencyNanos(7 * MS / 10);
        assertThat(shares(new AdaptivePolicy(), candidates))
                .satisfies(shares ->
                        Arrays.stream(shares).forEach(share -> assertThat(share).isBetween(0.235, 0.265)));
    }

    @Test
    void anInstanceThatHangsIsLeftBeforeAnythingTimesOut() {
        List<SettableCandidate> candidates = all(10, 20 * MS);
        candidates.forEach(candidate -> candidate.setInFlight(1).setOldestNanos(20 * MS));
        assertThat(shares(new AdaptivePolicy(), candidates)[3]).isBetween(0.095, 0.105);
        candidates.get(3).setOldestNanos(80 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[3])
                .as("not yet a stall")
                .isBetween(0.095, 0.105);
        candidates.get(3).setOldestNanos(100 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[3])
                .as("stalled, and not explored")
                .isZero();
    }

    @Test
    void anInstanceThatAnswersOthersHangsForNobody() {
        List<SettableCandidate> candidates = all(10, 20 * MS);
        candidates.forEach(candidate -> candidate.setInFlight(1).setOldestNanos(20 * MS));
        candidates.get(3).setOldestNanos(380 * MS).setSilentNanos(10 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[3]).isBetween(0.095, 0.105);
        candidates.get(3).setSilentNanos(380 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[3]).isZero();
    }

    @Test
    void whatMayBeChanceIsNotHeldAgainstAnInstance() {
        List<SettableCandidate> candidates = all(10, 20 * MS);
        candidates.get(3).setLatencyNanos(100 * MS).setLatencyVariance(0.5);
        assertThat(shares(new AdaptivePolicy(), candidates)[3])
                .as("1.57, of 1.27 in doubt")
                .isLessThan(0.015);
        candidates.get(3).setLatencyVariance(1);
        assertThat(shares(new AdaptivePolicy(), candidates)[3])
                .as("1.57, of 1.8 in doubt")
                .isBetween(0.095, 0.105);
        candidates.get(3).setInFlight(1);
        assertThat(shares(new AdaptivePolicy(), candidates)[3])
                .as("then load decides")
                .isZero();
    }

    @Test
    void whoIsLittleKnownOrLongUnheardOfIsTriedMoreOften() {
        List<SettableCandidate> candidates = all(10, MS);
        SettableCandidate dear = candidates.get(7).setLatencyNanos(60 * MS).setLatencyVariance(0.01);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("well known").isBetween(0.0015, 0.0025);
        dear.setSilentNanos(1_000 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("silent").isBetween(0.0033, 0.0047);
        dear.setSilentNanos(60_000 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("at most").isBetween(0.0085, 0.0115);
        dear.setSilentNanos(0).setLatencyVariance(1);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("unknown").isBetween(0.005, 0.0075);
    }

    @Test
    void theOldestOfManyIsOldWithoutAStall() {
        List<SettableCandidate> candidates = all(10, 20 * MS);
        candidates.forEach(candidate -> candidate.setInFlight(64).setOldestNanos(20 * MS));
        candidates.get(3).setOldestNanos(9 * 21 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[3]).isBetween(0.095, 0.105);
        candidates.get(3).setOldestNanos(11 * 21 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[3]).isZero();
    }

    @Test
    void theDearestKeepsAFloorOfExploration() {
        List<SettableCandidate> candidates = all(10, MS);
        SettableCandidate dear = candidates.get(7).setLatencyNanos(60_000 * MS);
        // drawn in a fifth of the picks, taken in a hundredth of those
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("slow").isBetween(0.0015, 0.0025);
        dear.setSuccessRatio(0).setLastSucceeded(false);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("failing").isBetween(0.0006, 0.0015);
        dear.setSuccessRatio(0.8).setLastSucceeded(true);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("recovering").isBetween(0.008, 0.012);
        dear.setInFlight(1);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("busy").isZero();
    }

    @Test
    void aNewcomerIsHeldBackBySlowStartAndNotByItsLatencyToo() {
        List<SettableCandidate> candidates = all(10, 20 * MS);
        SettableCandidate cold = candidates.get(7).setLatencyNanos(200 * MS);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("not new").isBetween(0.0015, 0.0025);
        cold.setSlowStart(0.5).setWeight(0.5);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("new").isBetween(0.045, 0.065);
        cold.setSuccessRatio(0.1).setLastSucceeded(false);
        assertThat(shares(new AdaptivePolicy(), candidates)[7]).as("failing").isLessThan(0.002);
    }

    @Test
    void theCostOfFailuresIsBounded() {
        SettableCandidate dead =
                new SettableCandidate("a", 1).setLatencyNanos(10 * MS).setSuccessRatio(0);
        assertThat(ServiceTime.nanos(dead, 0, 0)).isBetween(49e9, 51e9);
        assertThat(ServiceTime.nanos(dead.setSuccessRatio(0.5), 0, 0)).isBetween(1e9, 1.02e9);
        assertThat(ServiceTime.nanos(dead.setSuccessRatio(1), 0, 0)).isEqualTo(11e6);
    }

    @Test
    void peakEwmaProbesAnUnknownOnceAndComparesLatencyTimesQueue() {
        List<SettableCandidate> candidates = all(2, 10 * MS);
        candidates.get(0).setLatencyNanos(0);
        assertThat(shares(new PeakEwmaPolicy(), candidates)).containsExactly(1, 0);
        candidates.get(0).setInFlight(1);
        assertThat(shares(new PeakEwmaPolicy(), candidates)).containsExactly(0, 1);
        candidates.get(0).setLatencyNanos(4 * MS);
        assertThat(shares(new PeakEwmaPolicy(), candidates)).containsExactly(1, 0);
        candidates.get(0).setInFlight(2);
        assertThat(shares(new PeakEwmaPolicy(), candidates)).containsExactly(0, 1);
    }

    @Test
    void pickFirstStaysWithTheFirstThatTakesCalls() {
        List<SettableCandidate> candidates = all(3, MS);
        assertThat(shares(new PickFirstPolicy(), candidates)).containsExactly(1, 0, 0);
        candidates.get(0).setAccepting(false);
        assertThat(shares(new PickFirstPolicy(), candidates)).containsExactly(0, 1, 0);
    }

    @Test
    void prequalTakesTheQuickestOfTheColdAndTheIdlestOfTheHot() {
        List<SettableCandidate> candidates = all(10, 10 * MS);
        for (int i = 0; i < 10; i++) {
            candidates.get(i).setReportedInFlight(i == 9 ? 40 : 5);
        }
        candidates.get(2).setLatencyNanos(5 * MS);
        candidates.get(9).setLatencyNanos(MS);
        double[] shares = shares(new PrequalPolicy(), candidates);
        // cold and quickest: whenever it is among three draws; hot: only when all three are it
        assertThat(shares[2]).isBetween(0.25, 0.28);
        assertThat(shares[9]).isLessThan(0.01);
        candidates.forEach(candidate -> candidate.setReportedInFlight(1_000));
        candidates.get(4).setReportedInFlight(900);
        assertThat(shares(new PrequalPolicy(), candidates, 200)[4])
                .as("all are hot at first")
                .isGreaterThan(0.2);
    }

    @Test
    void prequalJudgesByItsOwnAttemptsWhereAReportIsMissing() {
        List<SettableCandidate> candidates = all(10, 10 * MS);
        candidates.forEach(candidate -> candidate.setInFlight(10));
        candidates.get(0).setReportedInFlight(0).setInFlight(50);
        assertThat(shares(new PrequalPolicy(), candidates)[0]).isLessThan(0.02);
    }

    private double[] shares(BalancingPolicy policy, List<SettableCandidate> candidates) {
        return shares(policy, candidates, PICKS);
    }

    private double[] shares(BalancingPolicy policy, List<SettableCandidate> candidates, int picks) {
        Picker picker = policy.newPicker(List.copyOf(candidates), null, time.environment());
        double[] shares = new double[candidates.size()];
        for (int pick = 0; pick < picks; pick++) {
            shares[candidates.indexOf(picker.pick(PickContext.none(), time.nanos()))]++;
        }
        return Arrays.stream(shares).map(count -> count / picks).toArray();
    }

    private static List<SettableCandidate> all(int count, long latencyNanos) {
        List<SettableCandidate> candidates = SettableCandidate.equal(count);
        candidates.forEach(candidate -> candidate.setLatencyNanos(latencyNanos));
        return candidates;
    }
}
