// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;

/** {@link TimedTwoChoices} with a handle that ends once, a count of successes and one of a breaker: seven atomic writes. */
public final class CountedTwoChoices implements IntSupplier {
    private final Draw draw;
    private final Counts counts;

    /** Over instances of these weights. */
    public CountedTwoChoices(int[] weights, boolean farApart) {
        this.draw = new Draw(weights);
        this.counts = new Counts(weights.length, farApart);
    }

    @Override
    public int getAsInt() {
        long start = System.nanoTime();
        long bits = ThreadLocalRandom.current().nextLong();
        int a = draw.of(bits);
        int b = draw.of(bits >>> 32);
        return counts.attempt(counts.cost(a) <= counts.cost(b) ? a : b, start);
    }
}
