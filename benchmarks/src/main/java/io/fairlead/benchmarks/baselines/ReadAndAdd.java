// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.baselines;

import java.util.concurrent.atomic.LongAdder;

/** A breaker's floor with striped words: one volatile read, one addition to a {@link LongAdder}. */
public final class ReadAndAdd {
    private volatile boolean closed = true;
    private final LongAdder calls = new LongAdder();

    /** Whether the call may go, and its being counted. */
    public boolean call() {
        if (!closed) {
            return false;
        }
        calls.increment();
        return true;
    }

    /** Rejects from now on. */
    public void open() {
        closed = false;
    }
}
