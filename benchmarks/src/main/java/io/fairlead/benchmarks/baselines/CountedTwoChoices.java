// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntSupplier;

/** {@link TimedTwoChoices} with a handle that ends once, a count of successes and one of a breaker: seven atomic writes. */
public final class CountedTwoChoices implements IntSupplier {
    private static final int WORDS = 16;
    private final int size;
    private final AtomicLongArray words;
    /** Sixteen words for each of so many: in flight, latency, successes, breaker. */
    public CountedTwoChoices(int size) {
        this.size = size;
        this.words = new AtomicLongArray(size * WORDS);
    }

    @Override
    public int getAsInt() {
        long start = System.nanoTime();
        long bits = ThreadLocalRandom.current().nextLong();
        int a = (int) ((bits & 0xffff_ffffL) * size >>> 32) * WORDS;
        int b = (int) ((bits >>> 32) * size >>> 32) * WORDS;
        int pick = words.get(a + 1) * (words.get(a) + 1) <= words.get(b + 1) * (words.get(b) + 1) ? a : b;
        words.getAndIncrement(pick);
        AtomicInteger handle = new AtomicInteger();
        if (handle.compareAndSet(0, 1)) {
            long old = words.get(pick + 1);
            words.compareAndSet(pick + 1, old, old + (System.nanoTime() - start - old) / 1_024);
            words.getAndIncrement(pick + 2);
            words.getAndIncrement(pick + 3);
        }
        if (handle.compareAndSet(1, 2)) {
            words.getAndDecrement(pick);
        }
        return pick;
    }
}
