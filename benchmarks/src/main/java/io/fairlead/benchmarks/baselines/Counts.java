// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** What a counted baseline writes of a call: seven atomic writes, with a handle that ends once and successes counted twice. */
final class Counts {
    private final int stride;
    private final int line;
    /** Of each: in flight, latency, successes, those of a breaker. */
    private final AtomicLongArray words;
    /** The four side by side; or on two or three lines, and as far from the next four as a heap has its objects. */
    Counts(int size, boolean farApart) {
        this.stride = farApart ? 154 : 16;
        this.line = farApart ? 7 : 1;
        this.words = new AtomicLongArray(size * stride);
    }

    long cost(int instance) {
        return words.get(instance * stride + line) * (words.get(instance * stride) + 1);
    }

    int attempt(int instance, long startNanos) {
        int at = instance * stride;
        words.getAndIncrement(at);
        AtomicInteger handle = new AtomicInteger();
        if (handle.compareAndSet(0, 1)) {
            long old = words.get(at + line);
            words.compareAndSet(at + line, old, old + (System.nanoTime() - startNanos - old) / 1_024);
            words.getAndIncrement(at + 2 * line);
            words.getAndIncrement(at + 2 * line + 1);
        }
        if (handle.compareAndSet(1, 2)) {
            words.getAndDecrement(at);
        }
        return instance;
    }
}
