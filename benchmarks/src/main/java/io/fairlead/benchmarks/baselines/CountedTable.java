// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.function.IntSupplier;

/** A key's hash and a table of slots, by weight, with everything counted that {@link CountedTwoChoices} counts. */
public final class CountedTable implements IntSupplier {
    private static final int SLOTS = 65_537;
    private final String key;
    private final int[] slots = new int[SLOTS];
    private final Counts counts;

    /** Over instances of these weights. */
    public CountedTable(int[] weights, String key) {
        this.key = key;
        Draw draw = new Draw(weights);
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = draw.of(i * 0x9E3779B97F4A7C15L >>> 32);
        }
        this.counts = new Counts(weights.length, false);
    }

    @Override
    public int getAsInt() {
        long start = System.nanoTime();
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x100000001B3L;
        }
        return counts.attempt(slots[(int) Long.remainderUnsigned(hash, SLOTS)], start);
    }
}
