// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.balancer.policy.plain.SplitMix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who owns which slot, and what moves. */
class MaglevTableTest {
    private static final int SIZE = 1 << 19;
    private static final int KEYS = 150_000;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 64, 65, 655, 656, 1_024, 1_025, 3_000, 6_554, 10_000})
    void whoLeavesComesOrChangesWeightMovesAtMostAsManyKeysAgainAsItMust(int count) {
        SplittableRandom random = new SplittableRandom(count);
        long[] keys = random.longs(KEYS).toArray();
        ListOfIdentities list = new ListOfIdentities(random, count, 1);
        MaglevTables tables = MaglevTables.of(list.identities());
        double moved = 0;
        double necessary = 0;
        for (int change = 0; change < (count < 10 ? 2 : 4); change++) {
            // That it comes is the same the other way round, for tables depend on nothing but their list.
            ListOfIdentities without = list.copy();
            int unused = without.removeOne();
            moved += moved(tables, tables.after(without.identities(), without.places()), keys);
            necessary += (double) KEYS / count;
            ListOfIdentities heavier = list.copy();
            int weight = 2 + random.nextInt(3);
            heavier.reweigh(random.nextInt(count), weight);
            moved += moved(tables, tables.after(heavier.identities(), heavier.places()), keys);
            necessary += KEYS * ((double) weight / (count - 1 + weight) - 1.0 / count);
        }
        assertThat(moved / necessary).as("moved, of the necessary").isBetween(0.9, 2.0);
    }

    @Test
    void tablesOfASizeThatIsNotNeededAnyMoreAreTheSameWhenTheyAreNeededAgain() {
        SplittableRandom random = new SplittableRandom(9);
        ListOfIdentities list = new ListOfIdentities(random, 60, 1);
        MaglevTables tables = MaglevTables.of(list.identities());
        for (int size : new int[] {66, 63, 70, 20, 65, 1_025, 1_020, 2_100, 1_000, 1}) {
            list.resize(size);
            tables = tables.after(list.identities(), list.places());
            list.adopt();
            MaglevTables fresh = MaglevTables.of(tables.identities());
            assertThat(moved(tables, fresh, random.longs(KEYS).toArray()))
                    .as("keys that another owns, of " + size)
                    .isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"10, 1.005, 0.99", "100, 1.011, 0.96", "1000, 1.03, 0.85", "10000, 1.12, 0.55"})
    void sharesOfEqualsAreWithinTheirBounds(int count, double most, double least) {
        int[] loads = loads(MaglevTable.of(SIZE, identities(new SplittableRandom(count), count, 1)));
        double fair = (double) SIZE / count;
        assertThat(Arrays.stream(loads).max().orElse(0) / fair)
                .isLessThanOrEqualTo(most)
                .isLessThanOrEqualTo((fair + Math.sqrt(fair) / 2 + 2) / fair);
        assertThat(Arrays.stream(loads).min().orElse(0) / fair).isGreaterThan(least);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sharesFollowWeightsOfAnySize(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int count = 2 + random.nextInt(60);
        long[] identities = identities(random, count, seed == 1 ? 65_535 : 100);
        double sum = new SlotOrders(SIZE, identities).sumOfWeights();
        int[] loads = loads(MaglevTable.of(SIZE, identities));
        for (int i = 0; i < count; i++) {
            double fair = SIZE * (identities[2 * i + 1] / sum);
            assertThat((double) loads[i])
                    .as("slots of weight " + identities[2 * i + 1])
                    .isBetween(fair - 5 * Math.sqrt(fair) - 1, fair + Math.sqrt(fair) / 2 + 2);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aTableIsTheOneStableMatching(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] identities = identities(random, 1 + random.nextInt(60), seed % 2 == 0 ? 1 : 30);
        MaglevTable table = MaglevTable.of(256, identities);
        assertThat(owners(table)).isEqualTo(matchedByHand(256, identities));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void clientsAgreeWhateverEachHasSeenBefore(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int size = 1 << 8 + random.nextInt(5);
        int most = random.nextBoolean() ? 1 : 1 << random.nextInt(16);
        ListOfIdentities list = new ListOfIdentities(random, 1 + random.nextInt(80), most);
        MaglevTable table = MaglevTable.of(size, list.identities());
        for (int step = 0; step < 40; step++) {
            list.change(random.nextInt(12) == 0 ? 30 : 1 + random.nextInt(3));
            table = table.after(list.identities(), list.places());
            list.adopt();
            assertThat(owners(table))
                    .as("seed " + seed + ", step " + step)
                    .isEqualTo(owners(MaglevTable.of(size, table.identities())));
        }
    }

    @Test
    void manyMoreNumbersThanTwoBytesHoldArePossible() {
        ListOfIdentities list = new ListOfIdentities(new SplittableRandom(5), 70_000, 1);
        MaglevTable table = MaglevTable.of(1 << 17, list.identities());
        int unused = list.removeOne();
        MaglevTable after = table.after(list.identities(), list.places());
        assertThat(Arrays.stream(owners(table)).max().orElse(0)).isGreaterThan(65_535);
        assertThat(moved(table, after, new SplittableRandom(6).longs(1_000).toArray()))
                .isLessThan(3);
    }

    @Test
    void aKeyThatFindsNoRoomGoesThroughAllSlotsByAStepOfItsOwn() {
        MaglevTable table = MaglevTable.of(256, identities(new SplittableRandom(1), 5, 1));
        for (int key = 0; key < 20; key++) {
            long hash = SplitMix.hash("key-" + key);
            boolean[] seen = new boolean[256];
            int slot = table.slot(hash);
            for (int step = 0; step < 256; step++) {
                assertThat(seen[slot]).isFalse();
                seen[slot] = true;
                slot = table.next(slot, hash);
            }
            assertThat(slot).isEqualTo(table.slot(hash));
        }
    }

    /** All pairs, the earliest turn first. */
    private static int[] matchedByHand(int size, long[] identities) {
        SlotOrders orders = new SlotOrders(size, identities);
        int[] seats = SlotMatching.seats(orders);
        List<int[]> pairs = new ArrayList<>();
        for (int i = 0; i < orders.count(); i++) {
            for (int slot = 0; slot < size; slot++) {
                pairs.add(new int[] {i, slot, orders.rank(i, slot)});
            }
        }
        pairs.sort((one, other) -> {
            int byTime = Double.compare(orders.time(one[0], one[2]), orders.time(other[0], other[2]));
            if (byTime != 0 || one[1] != other[1] || one[0] == other[0]) {
                return byTime != 0 ? byTime : one[1] - other[1];
            }
            return orders.prefers(one[1], one[0], one[2], other[0], other[2]) ? -1 : 1;
        });
        int[] owners = new int[size];
        Arrays.fill(owners, -1);
        for (int[] pair : pairs) {
            if (owners[pair[1]] < 0 && seats[pair[0]] > 0) {
                owners[pair[1]] = pair[0];
                seats[pair[0]]--;
            }
        }
        return owners;
    }

    private static int moved(Placement one, Placement other, long[] keys) {
        int moved = 0;
        for (long key : keys) {
            long its = one.identities()[2 * one.owner(one.slot(key))];
            moved += its == other.identities()[2 * other.owner(other.slot(key))] ? 0 : 1;
        }
        return moved;
    }

    private static int[] owners(MaglevTable table) {
        int[] owners = new int[table.size()];
        Arrays.setAll(owners, table::owner);
        return owners;
    }

    private static int[] loads(MaglevTable table) {
        int[] loads = new int[table.identities().length / 2];
        for (int owner : owners(table)) {
            loads[owner]++;
        }
        return loads;
    }

    private static long[] identities(SplittableRandom random, int count, int mostWeight) {
        return new ListOfIdentities(random, count, mostWeight).identities();
    }
}
