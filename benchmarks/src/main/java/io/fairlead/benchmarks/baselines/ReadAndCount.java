// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.atomic.AtomicLong;

/** A breaker's floor with one word for all threads: one volatile read, one atomic addition. */
public final class ReadAndCount {
    private volatile boolean closed = true;
    private final AtomicLong calls = new AtomicLong();

    /** Whether the call may go, and its being counted. */
    public boolean call() {
        if (!closed) {
            return false;
        }
        calls.getAndIncrement();
        return true;
    }

    /** Rejects from now on. */
    public void open() {
        closed = false;
    }
}
