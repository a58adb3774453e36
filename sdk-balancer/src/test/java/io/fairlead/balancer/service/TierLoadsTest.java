// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published tables of Envoy's priority levels, and what holds for all inputs. */
class TierLoadsTest {
    private static final int FACTOR = 140;

    @ParameterizedTest
    @CsvSource({"100, 100", "72, 100", "71, 99", "50, 70", "25, 35", "0, 0"})
    void theFirstTierKeepsAllUntilItsHealthFallsBelow71Percent(int healthy, int kept) {
        TierLoads loads = loads(healthy, 100);
        assertThat(loads.percents()).containsExactly(kept, 100 - kept);
        assertThat(loads.health()).isEqualTo(100);
    }

    @Test
    void tiersThatAreAllWeakShareByHealth() {
        assertThat(loads(25, 25).percents()).containsExactly(50, 50);
        assertThat(loads(25, 25).health()).isEqualTo(70);
        assertThat(loads(25, 25, 100).percents()).containsExactly(35, 35, 30);
        assertThat(loads(25, 25, 20).percents()).containsExactly(36, 36, 28);
        assertThat(loads(5, 65).percents()).containsExactly(7, 93);
        assertThat(loads(5, 65).health()).isEqualTo(98);
    }

    @Test
    void nobodyHealthyLeavesNothingToShare() {
        assertThat(loads(0, 0, 0).percents()).containsExactly(0, 0, 0);
        assertThat(loads(0, 0, 0).health()).isZero();
    }

    @Test
    void aTierWithoutInstancesGetsNothing() {
        assertThat(TierLoads.byHealth(new int[] {0, 3, 0}, new int[] {0, 3, 0}, FACTOR)
                        .percents())
                .containsExactly(0, 100, 0);
    }

    @Test
    void byInstancesSharesInProportionAndLosesNothing() {
        assertThat(TierLoads.byInstances(new int[] {1, 3}).percents()).containsExactly(25, 75);
        assertThat(TierLoads.byInstances(new int[] {1, 1, 1}).percents()).containsExactly(34, 33, 33);
        assertThat(TierLoads.byInstances(new int[] {0, 0}).percents()).containsExactly(0, 0);
    }

    @Test
    void percentsAreAHundredInAllAndNoUnhealthyTierGetsAny() {
        long seed = 20_260;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 10_000; round++) {
            int tiers = 1 + random.nextInt(5);
            int[] instances = new int[tiers];
            int[] usable = new int[tiers];
            for (int i = 0; i < tiers; i++) {
                instances[i] = random.nextInt(20);
                usable[i] = random.nextInt(instances[i] + 1);
            }
            TierLoads loads = TierLoads.byHealth(usable, instances, FACTOR);
            String where = "seed " + seed + ", round " + round + ": " + Arrays.toString(usable) + " of "
                    + Arrays.toString(instances);
            assertThat(Arrays.stream(loads.percents()).sum())
                    .as(where)
                    .isEqualTo(Arrays.stream(usable).sum() == 0 ? 0 : 100);
            for (int i = 0; i < tiers; i++) {
                assertThat(loads.percents()[i]).as(where).isBetween(0, usable[i] == 0 ? 0 : 100);
            }
        }
    }

    private static TierLoads loads(int... healthyPercents) {
        int[] hundreds = new int[healthyPercents.length];
        Arrays.fill(hundreds, 100);
        return TierLoads.byHealth(healthyPercents, hundreds, FACTOR);
    }
}
