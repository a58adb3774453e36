// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;

/** {@link RandomDraw} by weight, with everything counted that {@link CountedTwoChoices} counts. */
public final class CountedRandom implements IntSupplier {
    private final Draw draw;
    private final Counts counts;

    /** Over instances of these weights. */
    public CountedRandom(int[] weights) {
        this.draw = new Draw(weights);
        this.counts = new Counts(weights.length, false);
    }

    @Override
    public int getAsInt() {
        long start = System.nanoTime();
        return counts.attempt(draw.of(ThreadLocalRandom.current().nextLong()), start);
    }
}
