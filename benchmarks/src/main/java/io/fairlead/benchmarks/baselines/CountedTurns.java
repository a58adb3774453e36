// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** {@link SharedCounter}, each as often as its weight says, with everything counted that {@link CountedTwoChoices} counts. */
public final class CountedTurns implements IntSupplier {
    private final int[] turns;
    private final AtomicInteger counter = new AtomicInteger();
    private final Counts counts;

    /** Over instances of these weights: as many turns, in a random order. */
    public CountedTurns(int[] weights) {
        boolean isEqual = Arrays.stream(weights).allMatch(weight -> weight == weights[0]);
        List<Integer> order = IntStream.range(0, weights.length)
                .flatMap(i -> IntStream.range(0, isEqual ? 1 : weights[i]).map(turn -> i))
                .boxed()
                .collect(Collectors.toList());
        Collections.shuffle(order, new Random(1));
        this.turns = order.stream().mapToInt(i -> i).toArray();
        this.counts = new Counts(weights.length, false);
    }

    @Override
    public int getAsInt() {
        long start = System.nanoTime();
        return counts.attempt(turns[Integer.remainderUnsigned(counter.getAndIncrement(), turns.length)], start);
    }
}
