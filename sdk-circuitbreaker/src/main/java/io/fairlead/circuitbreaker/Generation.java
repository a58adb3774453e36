// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One stay in one state: what is counted in it, and its identity. A transition replaces the whole object by
 * compare-and-set, so nothing of an earlier stay can decide anything in a later one.
 */
final class Generation {
    final CircuitState state;
    /** Openings in a row that led here. */
    final int openings;

    final long sinceNanos;
    /** OPEN: when the wait is over. */
    final long untilNanos;

    final @Nullable Probes probes;
    final AtomicLong notPermitted = new AtomicLong();
    final AtomicInteger failuresInARow = new AtomicInteger();
    final AtomicInteger refusedInARow = new AtomicInteger();
    final AtomicBoolean announced = new AtomicBoolean();
    /** Made at the first recorded call: most instances of a long list are never called. */
    private final AtomicReference<@Nullable SlidingWindow> window = new AtomicReference<>();

    Generation(CircuitState state, int openings, long sinceNanos, long untilNanos, @Nullable Probes probes) {
        this.state = state;
        this.openings = openings;
        this.sinceNanos = sinceNanos;
        this.untilNanos = untilNanos;
        this.probes = probes;
    }

    @Nullable
    SlidingWindow windowOrNull() {
        return window.get();
    }

    SlidingWindow window(CircuitBreakerConfig.Window config) {
        SlidingWindow made = window.get();
        return made != null ? made : makeWindow(config);
    }

    private SlidingWindow makeWindow(CircuitBreakerConfig.Window config) {
        SlidingWindow fresh = config.isTime()
                ? new TimeWindow(config.size(), config.bucket().toNanos(), sinceNanos)
                : new CountWindow(config.size());
        SlidingWindow raced = window.compareAndExchange(null, fresh);
        return raced != null ? raced : fresh;
    }
}
