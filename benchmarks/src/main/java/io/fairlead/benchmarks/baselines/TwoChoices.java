// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/** The floor of least request by two choices: one draw, two volatile reads, an atomic addition and its reversal. No clock. */
public final class TwoChoices implements IntSupplier {
    private final AtomicInteger[] inFlight;

    /** An array of so many. */
    public TwoChoices(int size) {
        inFlight = new AtomicInteger[size];
        for (int i = 0; i < size; i++) {
            inFlight[i] = new AtomicInteger();
        }
    }

    @Override
    public int getAsInt() {
        long bits = ThreadLocalRandom.current().nextLong();
        int a = (int) ((bits & 0xffff_ffffL) * inFlight.length >>> 32);
        int b = (int) ((bits >>> 32) * inFlight.length >>> 32);
        int pick = inFlight[a].get() <= inFlight[b].get() ? a : b;
        inFlight[pick].getAndIncrement();
        inFlight[pick].getAndDecrement();
        return pick;
    }
}
