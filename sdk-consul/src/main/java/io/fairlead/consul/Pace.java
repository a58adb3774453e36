// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.util.concurrent.TimeUnit;

/**
 * Fewer than two a second on average, a few at once: a change is followed without delay, a storm is not (the generic cell
 * rate algorithm, ITU-T I.371). Not thread-safe.
 */
final class Pace {
    private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(600);
    private static final int AT_ONCE = 4;

    private long dueNanos;
    private boolean started;

    /** Counts one and says how long to wait before it, in nanoseconds. */
    long next(long nowNanos) {
        if (!started || dueNanos - nowNanos < 0) {
            dueNanos = nowNanos;
            started = true;
        }
        long early = AT_ONCE * GAP_NANOS;
        long wait = Math.max(0, dueNanos - early - nowNanos);
        dueNanos += GAP_NANOS;
        return wait;
    }
}
