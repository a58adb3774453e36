// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.policy.MaglevPolicy;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.benchmarks.simulation.world.Decimal;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.SettableCandidate;
import io.fairlead.testkit.VirtualTime;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Which keys move when a list changes, what a share is worth, and whether the bound on load holds, of the production pickers.
 * Stateless.
 */
final class HashingRows {
    private static final int KEYS = 200_000;
    private static final int MANY_KEYS = 2_000_000;
    private static final int LEAVERS = 4;
    private static final int PICKS = 18_000;
    private static final double FACTOR = 1.1;

    private final List<Row> rows = new ArrayList<>();
    private final SplittableRandom random;
    private final PickContext[] keys = new PickContext[KEYS];

    private HashingRows(long seed) {
        this.random = new SplittableRandom(seed);
        Arrays.setAll(keys, i -> PickContext.hashedBy("key-" + i));
    }

    static List<Row> rows(long seed) {
        HashingRows rows = new HashingRows(seed);
        BalancingPolicy maglev = new MaglevPolicy();
        for (int size : new int[] {10, 100, 500, 656, 1_000, 1_025, 3_000, 10_000}) {
            rows.moved("9", "maglev", maglev, size, 100);
        }
        rows.reweighed(maglev, 1_000);
        rows.share("9", maglev, 100, 100);
        BalancingPolicy ring = new RingHashPolicy();
        for (int size : new int[] {10, 100, 500}) {
            rows.moved("10", "ring_hash", ring, size, 0);
        }
        for (int size : new int[] {1_000, 3_277, 10_000}) {
            rows.moved("10", "ring_hash", ring, size, 100);
        }
        rows.tiny(ring);
        rows.bound("maglev", new MaglevPolicy().withLoadFactor(FACTOR));
        rows.bound("ring_hash", new RingHashPolicy().withLoadFactor(FACTOR));
        return rows.rows;
    }

    private void moved(String target, String name, BalancingPolicy policy, int size, double most) {
        List<SettableCandidate> all = SettableCandidate.equal(size);
        Picker before = picker(policy, all, null);
        Candidate[] owners = owners(before);
        int moved = 0;
        int necessary = 0;
        for (int i = 0; i < LEAVERS; i++) {
            List<SettableCandidate> rest = new ArrayList<>(all);
            Candidate gone = rest.remove(random.nextInt(size));
            Candidate[] now = owners(picker(policy, rest, before));
            for (int key = 0; key < KEYS; key++) {
                moved += now[key] == owners[key] ? 0 : 1;
                necessary += owners[key] == gone ? 1 : 0;
            }
        }
        rows.add(Row.atMost(
                target,
                name + ", one of " + Decimal.text(size, 0) + " leaves: keys moved beyond the necessary",
                most,
                100.0 * (moved - necessary) / necessary,
                0,
                "%"));
    }

    private void reweighed(BalancingPolicy policy, int size) {
        int[] weights = new int[size];
        Arrays.fill(weights, 10);
        List<SettableCandidate> all = SettableCandidate.weighted(weights);
        Picker before = picker(policy, all, null);
        Candidate[] owners = owners(before);
        int place = random.nextInt(size);
        ServiceInstance one = all.get(place).instance();
        List<SettableCandidate> others = new ArrayList<>(all);
        others.set(place, new SettableCandidate(one.id(), 20));
        Candidate[] now = owners(picker(policy, others, before));
        int moved = 0;
        for (int key = 0; key < KEYS; key++) {
            moved += now[key].instance().id().equals(owners[key].instance().id()) ? 0 : 1;
        }
        double necessary = KEYS * (20.0 / (10 * size + 10) - 1.0 / size);
        rows.add(Row.atMost(
                "9",
                "maglev, one of " + Decimal.text(size, 0) + " doubles its weight: keys moved beyond the necessary",
                100,
                100 * (moved - necessary) / necessary,
                0,
                "%"));
    }

    private void share(String target, BalancingPolicy policy, int size, double fair) {
        Candidate[] all = SettableCandidate.equal(size).toArray(Candidate[]::new);
        int[] counts = counts(policy, all);
        double mean = (double) MANY_KEYS / size;
        rows.add(Row.atMost(
                target,
                "maglev, the largest of " + size + " equal shares, of the fair one",
                fair + 7,
                100 * Arrays.stream(counts).max().orElse(0) / mean,
                0,
                "%"));
        rows.add(Row.atLeast(
                target,
                "the smallest",
                fair - 9,
                100 * Arrays.stream(counts).min().orElse(0) / mean,
                0,
                "%"));
    }

    /** A hundred of weight 1 beside fourteen, 900,090 in all. */
    private void tiny(BalancingPolicy policy) {
        int[] weights = new int[114];
        Arrays.fill(weights, 0, 14, 64_285);
        Arrays.fill(weights, 14, 114, 1);
        int[] counts = counts(policy, SettableCandidate.weighted(weights).toArray(Candidate[]::new));
        double seen = Arrays.stream(counts, 14, 114).sum() / 100.0;
        rows.add(Row.between(
                "10",
                "ring_hash, weight 1 of 900,090: its share, mean of a hundred, of the fair one",
                0.5,
                2,
                seen * 900_090 / MANY_KEYS,
                2,
                ""));
    }

    /** Calls come and end, a third of them of one hot key, a third of three warm ones. */
    private void bound(String name, BalancingPolicy policy) {
        int[] weights = random.ints(20, 1, 6).toArray();
        BigDecimal units = BigDecimal.valueOf(Arrays.stream(weights).sum());
        List<SettableCandidate> all = SettableCandidate.weighted(weights);
        Picker picker = picker(policy, all, null);
        List<SettableCandidate> running = new ArrayList<>();
        int exceeded = 0;
        for (int picks = 0; picks < PICKS; ) {
            if (!running.isEmpty() && random.nextInt(5) < 2) {
                running.remove(random.nextInt(running.size())).addInFlight(-1);
                continue;
            }
            all.get(0).setServiceInFlight(running.size());
            int skew = random.nextInt(3);
            String key = skew == 0 ? "hot" : skew == 1 ? "warm-" + random.nextInt(3) : "any-" + random.nextInt();
            if (picker.pick(PickContext.hashedBy(key), picks) instanceof SettableCandidate picked) {
                running.add(picked);
                BigDecimal room = BigDecimal.valueOf(FACTOR)
                        .multiply(new BigDecimal(picked.weight()))
                        .multiply(BigDecimal.valueOf(running.size()));
                BigDecimal had = BigDecimal.valueOf(picked.addInFlight(1) - 1L).multiply(units);
                exceeded += had.compareTo(room) < 0 ? 0 : 1;
            }
            picks++;
        }
        rows.add(Row.atMost(
                "11",
                name + ", 18,000 picks, at most 1.1 times the fair share, rounded up: picks that exceed it",
                0,
                exceeded,
                0,
                ""));
    }

    private int[] counts(BalancingPolicy policy, Candidate[] candidates) {
        Picker picker = picker(policy, List.of(candidates), null);
        int[] counts = new int[candidates.length];
        List<String> ids =
                Arrays.stream(candidates).map(each -> each.instance().id()).toList();
        for (int key = 0; key < MANY_KEYS; key++) {
            Candidate picked = picker.pick(PickContext.hashedBy("key-" + key), 0);
            counts[Collections.binarySearch(ids, picked.instance().id())]++;
        }
        return counts;
    }

    private Candidate[] owners(Picker picker) {
        Candidate[] owners = new Candidate[KEYS];
        Arrays.setAll(owners, key -> picker.pick(keys[key], 0));
        return owners;
    }

    private static Picker picker(
            BalancingPolicy policy, List<? extends Candidate> candidates, @Nullable Picker previous) {
        SettableCandidate first = (SettableCandidate) candidates.get(0);
        first.setServiceInFlight(0);
        return policy.newPicker(List.copyOf(candidates), previous, new VirtualTime().environment());
    }
}
