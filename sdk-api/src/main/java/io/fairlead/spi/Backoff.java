// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.RegistryException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with jitter (Brooker, "Exponential Backoff and Jitter", 2015): the wait before try n is uniform in
 * [0.4, 1] of a bound that doubles from {@code base} to {@code cap}, and is {@code longCap} once {@code patience} has been
 * spent waiting. So a short outage ends soon for everybody, and a long one costs the registry less. Not thread-safe: it
 * belongs to one loop.
 */
public final class Backoff {
    private static final long REFUSED_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final double LEAST_RATIO = 0.4;
    private static final int MOST_DOUBLINGS = Long.SIZE - 1;

    private final long baseNanos;
    private final long capNanos;
    private final long longCapNanos;
    private final long patienceNanos;
    private final double longLeastRatio;
    private final RandomGenerator random;
    private int failures;
    private long waitedNanos;

    /** From {@code base}, doubling to {@code cap}. */
    public Backoff(Duration base, Duration cap, RandomGenerator random) {
        this(base, cap, cap, Duration.ZERO, LEAST_RATIO, random);
    }

    private Backoff(
            Duration base,
            Duration cap,
            Duration longCap,
            Duration patience,
            double longLeastRatio,
            RandomGenerator random) {
        this.longLeastRatio = longLeastRatio;
        this.baseNanos = TimeUnit.NANOSECONDS.convert(base);
        this.capNanos = TimeUnit.NANOSECONDS.convert(cap);
        this.longCapNanos = TimeUnit.NANOSECONDS.convert(longCap);
        this.patienceNanos = TimeUnit.NANOSECONDS.convert(patience);
        this.random = random;
    }

    /**
     * What a registry loop uses: 250 ms to 5 s, and 5.0 to 5.5 s after 8 s of waiting: at most 12 tries a minute then, and a
     * registry that is back is asked within 5.5 s.
     */
    public static Backoff ofRegistry(RandomGenerator random) {
        return new Backoff(
                Duration.ofMillis(250),
                Duration.ofSeconds(5),
                Duration.ofMillis(5_500),
                Duration.ofSeconds(8),
                0.92,
                random);
    }

    /** Nanoseconds to wait before the next try; each call counts one more failure. */
    public long nextNanos() {
        boolean lasts = waitedNanos >= patienceNanos;
        long cap = lasts ? longCapNanos : capNanos;
        int doublings = Math.min(failures, MOST_DOUBLINGS);
        // The doubled base may not fit into a long: the halved cap says whether it would be the smaller one.
        long bound = baseNanos > cap >> doublings ? cap : baseNanos << doublings;
        long least = (long) (bound * (lasts ? longLeastRatio : LEAST_RATIO));
        long wait = least + random.nextLong(bound - least + 1);
        failures += failures < Integer.MAX_VALUE ? 1 : 0;
        waitedNanos = wait < patienceNanos - waitedNanos ? waitedNanos + wait : patienceNanos;
        return wait;
    }

    /**
     * Nanoseconds to stay away at least after a failure: 5 s when it stays until somebody changes something, else what the
     * registry asked for.
     */
    public static long leastNanos(RegistryException cause) {
        return switch (cause.reason()) {
            case UNAUTHORIZED, REJECTED -> REFUSED_NANOS;
            case UNREACHABLE, UNAVAILABLE, INVALID_ANSWER -> TimeUnit.NANOSECONDS.convert(cause.retryAfter());
        };
    }

    /** Starts over after a success. */
    public void reset() {
        failures = 0;
        waitedNanos = 0;
    }

    /** Failures since the last success. */
    public int failures() {
        return failures;
    }
}
