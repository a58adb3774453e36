// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many calls have been under way for longer than a call may last. A window that hears only of ended calls sees nothing
 * while calls hang. Calls are counted by the slice of time in which they began; a slice is an eighth of that length, so the
 * answer lags by at most one slice. A slice is used again after twice that length: the calls left in it are overdue by then.
 * Lock-free; exact when no call is beginning or ending at the moment.
 */
final class InFlight {
    private static final int SLICES = 16;
    private static final int COUNT_BITS = 24;
    private static final long COUNT = (1L << COUNT_BITS) - 1;
    /** The shortest slice; with it the 40 bits of a turn last for 69 years. */
    private static final long LEAST_SLICE_NANOS = 125_000;

    private final long slowAfterNanos;
    private final long sliceNanos;
    /** Moves when the clock is set back. */
    private volatile long originNanos;
    /** A word for each slice: [turn:40 | calls begun in it and not ended:24]. */
    private final AtomicLongArray words = new AtomicLongArray(SLICES);

    private final AtomicInteger older = new AtomicInteger();

    /** One call under way; ends at most once. */
    static final class Begun {
        final Counting stay;
        private final long slice;
        private final AtomicInteger ended = new AtomicInteger();

        Begun(Counting stay, long slice) {
            this.stay = stay;
            this.slice = slice;
        }
    }

    InFlight(long slowAfterNanos, long originNanos) {
        this.slowAfterNanos = slowAfterNanos;
        this.sliceNanos = Math.max(LEAST_SLICE_NANOS, slowAfterNanos / (SLICES / 2));
        this.originNanos = originNanos;
    }

    Begun begin(Counting stay, long nowNanos) {
        while (true) {
            long slice = Math.max(0, (nowNanos - originNanos) / sliceNanos);
            int index = (int) (slice % SLICES);
            long turn = slice / SLICES;
            long word = words.get(index);
            long stored = word >>> COUNT_BITS;
            long newest = stored * SLICES + index;
            long behind = originNanos + newest * sliceNanos - nowNanos;
            if (stored > turn && behind > BreakerRules.STEP_BACK_NANOS) {
                originNanos = originNanos - behind;
                continue;
            }
            // This thread was held up and the slice has a newer turn already: the call counts as begun in that one.
            boolean same = stored >= turn;
            long next = same ? word + 1 : turn << COUNT_BITS | 1;
            if (words.compareAndSet(index, word, next)) {
                if (!same) {
                    older.getAndAdd((int) (word & COUNT));
                }
                return new Begun(stay, same ? newest : slice);
            }
        }
    }

    /** False when it had ended before. */
    boolean end(Begun call) {
        if (!call.ended.compareAndSet(0, 1)) {
            return false;
        }
        int index = (int) (call.slice % SLICES);
        while (true) {
            long word = words.get(index);
            if (word >>> COUNT_BITS != call.slice / SLICES) {
                older.getAndDecrement();
                return true;
            }
            if (words.compareAndSet(index, word, word - 1)) {
                return true;
            }
        }
    }

    int overdue(long nowNanos) {
        int overdue = older.get();
        for (int index = 0; index < SLICES; index++) {
            long word = words.get(index);
            long slice = (word >>> COUNT_BITS) * SLICES + index;
            long endNanos = originNanos + (slice + 1) * sliceNanos;
            if ((word & COUNT) != 0 && nowNanos - endNanos >= slowAfterNanos) {
                overdue += (int) (word & COUNT);
            }
        }
        return Math.max(0, overdue);
    }
}
