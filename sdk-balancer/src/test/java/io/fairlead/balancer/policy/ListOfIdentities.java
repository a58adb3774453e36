// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.ListBefore;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** What placements are made of, as it changes at random. For one thread. */
final class ListOfIdentities {
    private final SplittableRandom random;
    private final int mostWeight;
    private List<Entry> entries = new ArrayList<>();

    /** One instance, and its place in the list that was adopted last. */
    private record Entry(long identity, int weight, int place) {}

    ListOfIdentities(SplittableRandom random, int count, int mostWeight) {
        this.random = random;
        this.mostWeight = mostWeight;
        for (int i = 0; i < count; i++) {
            entries.add(new Entry(random.nextLong(), weight(), i));
        }
    }

    /** So many come, go, or get another weight or identity. */
    void change(int changes) {
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(entries.size());
            Entry entry = entries.get(at);
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (entries.size() > 1) {
                        entries.remove(at);
                    }
                }
                case 1 -> entries.set(at, new Entry(entry.identity, weight(), entry.place));
                case 2 -> entries.set(at, new Entry(random.nextLong(), weight(), ListBefore.NOWHERE));
                default -> entries.add(at, new Entry(random.nextLong(), weight(), ListBefore.NOWHERE));
            }
        }
    }

    /** Another weight for one. */
    void reweigh(int at, int weight) {
        entries.set(at, new Entry(entries.get(at).identity, weight, entries.get(at).place));
    }

    /** One less; returns its place in the list that was adopted last. */
    int removeOne() {
        return entries.remove(random.nextInt(entries.size())).place;
    }

    /** So many, by random leavers or by newcomers at the end. */
    void resize(int size) {
        while (entries.size() > size) {
            int unused = removeOne();
        }
        while (entries.size() < size) {
            entries.add(new Entry(random.nextLong(), weight(), ListBefore.NOWHERE));
        }
    }

    /** The list as it is now is the one before from here on. */
    void adopt() {
        List<Entry> adopted = new ArrayList<>();
        for (Entry entry : entries) {
            adopted.add(new Entry(entry.identity, entry.weight, adopted.size()));
        }
        entries = adopted;
    }

    /** A list of its own that starts as this one. */
    ListOfIdentities copy() {
        ListOfIdentities copy = new ListOfIdentities(random, 0, mostWeight);
        copy.entries = new ArrayList<>(entries);
        return copy;
    }

    long[] identities() {
        return entries.stream()
                .flatMapToLong(entry -> LongStream.of(entry.identity, entry.weight))
                .toArray();
    }

    int[] places() {
        return entries.stream().mapToInt(Entry::place).toArray();
    }

    private int weight() {
        return 1 + random.nextInt(mostWeight);
    }
}
