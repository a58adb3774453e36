// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.util.concurrent.TimeUnit;

/**
 * Tells a stale answer from a new life of the registry; both have an index below one seen before. Several agents behind
 * one address are rarely at the same index, so one such answer proves nothing and is asked again. Not thread-safe.
 */
final class Staleness {
    /** Answers in a row; with two agents taking random turns one run in 4,096 is as long. */
    static final int ENOUGH = 12;

    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(60);

    private boolean mayBeReborn;
    private int inARow;
    private long sinceNanos;

    /** There was no answer: the registry may come back as another. */
    void interrupted() {
        mayBeReborn = true;
    }

    /** An answer at or above the highest index. */
    void news() {
        mayBeReborn = false;
        inARow = 0;
    }

    /**
     * Counts an answer below the highest index.
     *
     * @param sameLife whether it lists an entry as it was when last seen, creation index and all
     * @return whether it is believed
     */
    boolean believes(boolean sameLife, long nowNanos) {
        if (inARow++ == 0) {
            sinceNanos = nowNanos;
        }
        if (!sameLife) {
            return mayBeReborn || inARow >= ENOUGH;
        }
        return inARow >= ENOUGH && (mayBeReborn || nowNanos - sinceNanos >= LONG_NANOS);
    }

    /** Whether it has been asked often enough for somebody to be told. */
    boolean isLasting() {
        return inARow >= ENOUGH;
    }
}
