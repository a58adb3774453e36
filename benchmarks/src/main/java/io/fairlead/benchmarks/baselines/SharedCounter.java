// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/** Round robin's floor: an array and one atomic counter for all threads. */
public final class SharedCounter implements IntSupplier {
    private final int[] targets;
    private final AtomicInteger counter = new AtomicInteger();

    /** An array of so many. */
    public SharedCounter(int size) {
        targets = new int[size];
        for (int i = 0; i < size; i++) {
            targets[i] = i;
        }
    }

    @Override
    public int getAsInt() {
        return targets[Integer.remainderUnsigned(counter.getAndIncrement(), targets.length)];
    }
}
