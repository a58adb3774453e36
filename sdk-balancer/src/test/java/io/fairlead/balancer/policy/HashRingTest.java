// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Points on a ring: how many, how thick, and the same after any list. */
class HashRingTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void clientsAgreeWhateverEachHasSeenBefore(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int most = random.nextBoolean() ? 1 : 1 << random.nextInt(16);
        ListOfIdentities list = new ListOfIdentities(random, seed == 1 ? 2_000 : 1 + random.nextInt(80), most);
        HashRing ring = HashRing.of(list.identities());
        for (int step = 0; step < 40; step++) {
            list.change(random.nextInt(12) == 0 ? 30 : 1 + random.nextInt(3));
            ring = ring.after(list.identities(), list.places());
            list.adopt();
            HashRing fresh = HashRing.of(ring.identities());
            for (int key = 0; key < 1_000; key++) {
                long hash = random.nextLong();
                int slot = ring.slot(hash);
                int freshSlot = fresh.slot(hash);
                assertThat(slot).as("seed " + seed + ", step " + step).isEqualTo(freshSlot);
                assertThat(ring.owner(slot)).isEqualTo(fresh.owner(freshSlot));
                assertThat(ring.owner(ring.next(slot, hash))).isEqualTo(fresh.owner(fresh.next(slot, hash)));
            }
        }
    }

    @Test
    void aTinyWeightHasItsShareWithinAFactorOfTwo() {
        int[] shares = shares(10, 2_000, 20, 1, 2_000_000);
        double each = 2_000_000 / 20_020.0;
        for (int i = 10; i < 30; i++) {
            assertThat((double) shares[i]).isBetween(each / 2, each * 2);
        }
    }

    @Test
    void oneOfNineHundredThousandIsNotTakenForAWholePoint() {
        int[] shares = shares(14, 64_285, 100, 1, 3_000_000);
        double tiny = Arrays.stream(shares, 14, 114).sum() / 100.0;
        assertThat(tiny).isCloseTo(3_000_000 / 900_090.0, within(1.0));
    }

    @ParameterizedTest
    @ValueSource(ints = {800, 820, 3_277, 6_554, 10_000})
    void aLongListMovesAtMostAsManyKeysAgainAsItMust(int count) {
        SplittableRandom random = new SplittableRandom(count);
        ListOfIdentities list = new ListOfIdentities(random, count, 1);
        HashRing ring = HashRing.of(list.identities());
        long[] keys = random.longs(100_000).toArray();
        int moved = 0;
        int necessary = 0;
        for (int i = 0; i < 5; i++) {
            long leaver = ring.identities()[2 * list.removeOne()];
            HashRing next = ring.after(list.identities(), list.places());
            list.adopt();
            for (long key : keys) {
                long owner = ring.identities()[2 * ring.owner(ring.slot(key))];
                necessary += owner == leaver ? 1 : 0;
                moved += owner == next.identities()[2 * next.owner(next.slot(key))] ? 0 : 1;
            }
            ring = next;
        }
        assertThat(moved).as("of " + necessary + " that had to").isLessThanOrEqualTo(2 * necessary);
    }

    @Test
    void whereAllPointsAreThinEveryKeyHasAnOwner() {
        long[] identities = new ListOfIdentities(new SplittableRandom(1), 200_000, 1).identities();
        assertThat(new RingWeights(identities).thickness(0)).isLessThan(RingWeights.FULL);
        HashRing ring = HashRing.of(identities);
        SplittableRandom random = new SplittableRandom(2);
        for (int key = 0; key < 1_000; key++) {
            long hash = random.nextLong();
            assertThat(ring.owner(ring.slot(hash))).isBetween(0, 199_999);
        }
    }

    /** How many keys each gets, of so many of one weight and so many of another. */
    private static int[] shares(int heavy, int heavyWeight, int light, int lightWeight, int keys) {
        SplittableRandom random = new SplittableRandom(heavy);
        long[] identities = new ListOfIdentities(random, heavy + light, 1).identities();
        for (int i = 0; i < heavy + light; i++) {
            identities[2 * i + 1] = i < heavy ? heavyWeight : lightWeight;
        }
        HashRing ring = HashRing.of(identities);
        int[] shares = new int[heavy + light];
        for (int key = 0; key < keys; key++) {
            shares[ring.owner(ring.slot(random.nextLong()))]++;
        }
        return shares;
    }
}
