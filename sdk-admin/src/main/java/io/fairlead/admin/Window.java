// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Readings of something that only grows, of the last 15 seconds, so that two of them tell what happened between. Not thread-safe.
 *
 * @param <T> a reading
 */
final class Window<T> {
    private static final long LENGTH_NANOS = 15_000_000_000L;
    private static final int MOST = 20;

    private final long spacingNanos;
    private final Deque<Reading<T>> readings = new ArrayDeque<>();

    record Reading<T>(long nanos, T value) {}

    /** Keeps no two readings that are closer together. */
    Window(long spacingNanos) {
        this.spacingNanos = spacingNanos;
    }

    /** Takes one more up, unless the last one is recent. */
    void add(long nanos, T value) {
        Reading<T> last = readings.peekLast();
        if (last != null && nanos - last.nanos() < spacingNanos) {
            return;
        }
        readings.add(new Reading<>(nanos, value));
        // One that is older stays when there is no other: a long time tells more than none.
        while (readings.size() > MOST || readings.size() > 1 && nanos - second().nanos() >= LENGTH_NANOS) {
            readings.removeFirst();
        }
    }

    private Reading<T> second() {
        Iterator<Reading<T>> it = readings.iterator();
        it.next();
        return it.next();
    }

    /** The oldest one that is earlier than {@code nanos}, or null. */
    @Nullable
    Reading<T> before(long nanos) {
        Reading<T> first = readings.peekFirst();
        return first == null || nanos - first.nanos() <= 0 ? null : first;
    }

    void clear() {
        readings.clear();
    }
}
