// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;

/** The floor of random choice: an array and one draw. */
public final class RandomDraw implements IntSupplier {
    private final int[] targets;

    /** An array of so many. */
    public RandomDraw(int size) {
        targets = new int[size];
        for (int i = 0; i < size; i++) {
            targets[i] = i;
        }
    }

    @Override
    public int getAsInt() {
        return targets[(int) ((ThreadLocalRandom.current().nextInt() & 0xffff_ffffL) * targets.length >>> 32)];
    }
}
