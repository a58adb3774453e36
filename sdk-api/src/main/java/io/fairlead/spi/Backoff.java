// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Full-jitter exponential backoff: the wait before try n is uniform in [0, min(cap, base·2ⁿ)] (Brooker, "Exponential
 * Backoff and Jitter", 2015), but never below a tenth of its bound, so that a loop can not spin. Not thread-safe: it
 * belongs to one loop.
 */
public final class Backoff {
    private final long baseNanos;
    private final long capNanos;
    private final RandomGenerator random;
    private int failures;

    /** From {@code base}, doubling to {@code cap}. */
    public Backoff(Duration base, Duration cap, RandomGenerator random) {
        this.baseNanos = base.toNanos();
        this.capNanos = cap.toNanos();
        this.random = random;
    }

    /** What a registry loop uses: 100 ms to 5 s. */
    public static Backoff ofRegistry(RandomGenerator random) {
        return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), random);
    }

    /** Nanoseconds to wait before the next try; each call counts one more failure. */
    public long nextNanos() {
        long bound = failures >= 32 ? capNanos : Math.min(capNanos, baseNanos << failures);
        failures++;
        return bound / 10 + random.nextLong(bound - bound / 10 + 1);
    }

    /** Starts over after a success. */
    public void reset() {
        failures = 0;
    }

    /** Failures since the last success. */
    public int failures() {
        return failures;
    }
}
