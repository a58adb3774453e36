// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/** The floor of two choices by latency and load: two clock reads, one draw, one compare-and-set, two atomic additions. */
public final class TimedTwoChoices implements IntSupplier {
    private final AtomicInteger[] inFlight;
    private final AtomicLong[] latency;

    /** Arrays of so many. */
    public TimedTwoChoices(int size) {
        inFlight = new AtomicInteger[size];
        latency = new AtomicLong[size];
        for (int i = 0; i < size; i++) {
            inFlight[i] = new AtomicInteger();
            latency[i] = new AtomicLong(1_000_000);
        }
    }

    @Override
    public int getAsInt() {
        long start = System.nanoTime();
        long bits = ThreadLocalRandom.current().nextLong();
        int a = (int) ((bits & 0xffff_ffffL) * inFlight.length >>> 32);
        int b = (int) ((bits >>> 32) * inFlight.length >>> 32);
        int pick = latency[a].get() * (inFlight[a].get() + 1) <= latency[b].get() * (inFlight[b].get() + 1) ? a : b;
        inFlight[pick].getAndIncrement();
        long old = latency[pick].get();
        latency[pick].compareAndSet(old, old + (System.nanoTime() - start - old) / 1_024);
        inFlight[pick].getAndDecrement();
        return pick;
    }
}
