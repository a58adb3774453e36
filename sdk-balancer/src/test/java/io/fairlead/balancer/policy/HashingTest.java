// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.plain.SplitMix;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.SettableCandidate;
import io.fairlead.testkit.VirtualTime;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring, the table and the bound on load. */
class HashingTest {
    private static final int KEYS = 5_000;
    private final VirtualTime time = new VirtualTime();

    /** A client of another release or machine must come to the same: whoever changes these figures moves everybody's keys. */
    @Test
    void keysHaveTheSameOwnersOnEveryMachine() {
        long[] identities = new long[200];
        for (int i = 0; i < 100; i++) {
            identities[2 * i] = SplitMix.hash("i" + i);
            identities[2 * i + 1] = 1L + (long) i * i;
        }
        assertThat(digest(MaglevTables.of(identities))).isEqualTo(0xF14773BB8FE3AEAEL);
        assertThat(digest(HashRing.of(identities))).isEqualTo(0x19EE51B16C3FD091L);
    }

    private static long digest(Placement placement) {
        long digest = 0;
        for (int key = 0; key < 100_000; key++) {
            digest = SplitMix.mix(digest + placement.owner(placement.slot(SplitMix.hash("key-" + key))));
        }
        return digest;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aRingMovesOnlyTheKeysOfWhoLeft(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int size = 2 + random.nextInt(40);
        long[] identities = identities(size, seed, 15);
        int gone = random.nextInt(size);
        HashRing before = HashRing.of(identities);
        HashRing after = HashRing.of(without(identities, gone));
        int moved = 0;
        for (int key = 0; key < KEYS; key++) {
            long hash = SplitMix.hash("key-" + key);
            int was = before.owner(before.slot(hash));
            int is = after.owner(after.slot(hash));
            is = is < gone ? is : is + 1;
            if (was != gone) {
                assertThat(is).as("seed " + seed + ", owner of key " + key).isEqualTo(was);
            } else {
                moved++;
            }
        }
        assertThat(moved).as("seed " + seed + ", keys of who left").isPositive();
    }

    @Test
    void aRingFindsTheFirstPointAtOrAfterAHash() {
        HashRing ring = HashRing.of(identities(50, 3, 15));
        long step = Long.divideUnsigned(-1L, 20_000);
        int before = 0;
        for (int i = 0; i < 20_000; i++) {
            int slot = ring.slot(step * i);
            // along the circle the slots only go up, until they start over
            assertThat(slot == 0 || slot >= before).as("hash " + step * i).isTrue();
            before = slot;
        }
        assertThat(before).isPositive();
        assertThat(ring.slot(-1L)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring_hash", "maglev", "ip_hash"})
    void aTableIsMadeAnewWhenTheRegistryChangesSomethingAndNotWhenHealthDoes(String name) {
        BalancingPolicy policy = ServiceLoader.load(BalancingPolicy.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        Environment environment = new VirtualTime().environment();
        List<SettableCandidate> candidates = SettableCandidate.equal(20);
        KeyedPicker first = (KeyedPicker) policy.newPicker(List.copyOf(candidates), null, environment);
        candidates.get(3).setWeight(0.2);
        KeyedPicker second = (KeyedPicker) policy.newPicker(List.copyOf(candidates), first, environment);
        assertThat(second.placement()).isSameAs(first.placement());
        KeyedPicker third = (KeyedPicker) policy.newPicker(List.copyOf(candidates.subList(1, 20)), second, environment);
        KeyedPicker fresh = (KeyedPicker) policy.newPicker(List.copyOf(candidates.subList(1, 20)), null, environment);
        assertThat(third.placement()).isNotSameAs(first.placement());
        assertThat(third.placement().identities()).isEqualTo(fresh.placement().identities());
    }

    @Test
    void slowStartMovesNoKey() {
        for (BalancingPolicy policy : List.of(new RingHashPolicy(), new MaglevPolicy())) {
            List<SettableCandidate> candidates = SettableCandidate.weighted(1, 2, 3, 1);
            Picker picker = policy.newPicker(List.copyOf(candidates), null, time.environment());
            List<Candidate> before = owners(picker);
            candidates.get(2).setWeight(0.3);
            assertThat(owners(policy.newPicker(List.copyOf(candidates), picker, time.environment())))
                    .as(policy.name())
                    .isEqualTo(before);
        }
    }

    @Test
    void whoRefusesKeepsItsKeysForItsReturn() {
        for (BalancingPolicy policy : List.of(new RingHashPolicy(), new MaglevPolicy())) {
            List<SettableCandidate> candidates = SettableCandidate.equal(6);
            Picker picker = policy.newPicker(List.copyOf(candidates), null, time.environment());
            List<Candidate> before = owners(picker);
            candidates.get(1).setAccepting(false);
            List<Candidate> during = owners(picker);
            candidates.get(1).setAccepting(true);
            for (int key = 0; key < before.size(); key++) {
                if (before.get(key) != candidates.get(1)) {
                    assertThat(during.get(key)).isSameAs(before.get(key));
                }
            }
            assertThat(during).doesNotContain(candidates.get(1));
            assertThat(owners(picker)).as(policy.name()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @CsvSource({"ring_hash, 1", "ring_hash, 2", "ring_hash, 3", "maglev, 1", "maglev, 2", "maglev, 3"})
    void theBoundIsNeverExceededWhateverTheKeys(String name, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double factor = seed == 1 ? 1.1 : 1 + random.nextInt(1, 100) / 100.0;
        int[] weights =
                random.ints(2 + random.nextInt(20), 1, seed == 1 ? 2 : 6).toArray();
        List<SettableCandidate> candidates = SettableCandidate.weighted(weights);
        BalancingPolicy policy = name.equals("maglev")
                ? new MaglevPolicy().withLoadFactor(factor)
                : new RingHashPolicy().withLoadFactor(factor);
        Picker picker = policy.newPicker(List.copyOf(candidates), null, time.environment());
        int units = Arrays.stream(weights).sum();
        BigDecimal exact = BigDecimal.valueOf(factor);
        List<SettableCandidate> running = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            if (!running.isEmpty() && random.nextInt(5) < 2) {
                running.remove(random.nextInt(running.size())).addInFlight(-1);
                continue;
            }
            candidates.get(0).setServiceInFlight(running.size());
            int skew = random.nextInt(3);
            String key = skew == 0 ? "hot" : skew == 1 ? "warm-" + random.nextInt(3) : "any-" + random.nextInt();
            SettableCandidate picked = (SettableCandidate) picker.pick(PickContext.hashedBy(key), step);
            int inFlight = picked.addInFlight(1);
            running.add(picked);
            BigDecimal room =
                    exact.multiply(new BigDecimal(picked.weight())).multiply(BigDecimal.valueOf(running.size()));
            assertThat(BigDecimal.valueOf(inFlight - 1L).multiply(BigDecimal.valueOf(units)))
                    .as("seed " + seed + ", step " + step + ", factor " + factor)
                    .isLessThan(room);
        }
    }

    @Test
    void aSkewOfZipfIsCutToTheBound() {
        assertThat(maxOverMean(1.25)).isBetween(1.24, 1.251);
        assertThat(maxOverMean(Double.POSITIVE_INFINITY)).isGreaterThan(2);
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> new RingHashPolicy().withLoadFactor(1))
                .hasMessage("load factor: 1.0 (expected: above 1)");
        assertThatThrownBy(() -> new MaglevPolicy().withLoadFactor(Double.NaN))
                .hasMessage("load factor: NaN (expected: above 1)");
        assertThatThrownBy(() -> new MaglevPolicy().withTableSize(65_537))
                .hasMessage("table size: 65537 (expected: a power of two from 256 to 4194304)");
    }

    /** Twenty instances, ten thousand calls in flight, keys by Zipf's law with exponent 1. */
    private double maxOverMean(double factor) {
        List<SettableCandidate> candidates = SettableCandidate.equal(20);
        Picker picker = new RingHashPolicy()
                .withLoadFactor(factor)
                .newPicker(List.copyOf(candidates), null, time.environment());
        SplittableRandom random = new SplittableRandom(5);
        double[] cumulative = new double[1_000];
        double sum = 0;
        for (int rank = 0; rank < cumulative.length; rank++) {
            sum += 1.0 / (rank + 1);
            cumulative[rank] = sum;
        }
        int most = 0;
        for (int pick = 0; pick < 10_000; pick++) {
            int found = Arrays.binarySearch(cumulative, random.nextDouble(sum));
            candidates.get(0).setServiceInFlight(pick);
            SettableCandidate picked = (SettableCandidate)
                    picker.pick(PickContext.hashedBy("key-" + (found < 0 ? -found - 1 : found)), pick);
            most = Math.max(most, picked.addInFlight(1));
        }
        return most / 500.0;
    }

    private static List<Candidate> owners(Picker picker) {
        List<Candidate> owners = new ArrayList<>();
        for (int key = 0; key < 500; key++) {
            owners.add(picker.pick(PickContext.hashedBy("key-" + key), 0));
        }
        return owners;
    }

    private static long[] identities(int size, long seed, int mostWeight) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] identities = new long[2 * size];
        for (int i = 0; i < size; i++) {
            identities[2 * i] = random.nextLong();
            identities[2 * i + 1] = 1L + random.nextInt(mostWeight);
        }
        return identities;
    }

    private static long[] without(long[] identities, int gone) {
        long[] fewer = new long[identities.length - 2];
        System.arraycopy(identities, 0, fewer, 0, 2 * gone);
        System.arraycopy(identities, 2 * gone + 2, fewer, 2 * gone, fewer.length - 2 * gone);
        return fewer;
    }
}
