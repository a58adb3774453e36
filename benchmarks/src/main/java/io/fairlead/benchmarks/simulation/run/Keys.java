// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.run;

import io.fairlead.api.PickContext;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import java.util.Arrays;

/** The hash keys calls carry, by the call's number, with Zipf's distribution. Immutable. */
final class Keys {
    private final PickContext[] contexts;
    private final double[] cumulated;
    private final long seed;

    /** No keys when {@code count} is 0. */
    Keys(int count, double skew, long seed) {
        this.contexts = new PickContext[count];
        this.cumulated = new double[count];
        this.seed = seed;
        double sum = 0;
        for (int i = 0; i < count; i++) {
            contexts[i] = PickContext.hashedBy("key-" + i);
            sum += StrictMath.pow(i + 1.0, -skew);
            cumulated[i] = sum;
        }
    }

    PickContext contextOf(long call) {
        if (contexts.length == 0) {
            return PickContext.none();
        }
        double point = SplitMix.unit(seed, SplitMix.Purpose.KEYS, call) * cumulated[cumulated.length - 1];
        int found = Arrays.binarySearch(cumulated, point);
        return contexts[Math.min(contexts.length - 1, found < 0 ? -found - 1 : found)];
    }
}
