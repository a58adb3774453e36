// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many calls have been under way for longer than a call may last: a window fed by ends only sees nothing while calls
 * hang. Calls are counted by the slice of time they began in, an eighth of that length; so the answer lags by at most one
 * slice. A slice is used again after twice that length, when what is left in it is overdue for certain. Lock-free, and
 * exact when nobody is just beginning or ending a call.
 */
final class InFlight {
    private static final int SLICES = 16;
    private static final long COUNT = 0xffff_ffffL;

    private final long slowAfterNanos;
    private final long sliceNanos;
    private final long originNanos;
    /** High half: number of the slice; low half: calls begun in it and not ended. */
    private final AtomicLongArray words = new AtomicLongArray(SLICES);

    private final AtomicInteger older = new AtomicInteger();

    /** One call under way; ends at most once. */
    static final class Begun {
        final Counting stay;
        private final int slice;
        private final AtomicInteger ended = new AtomicInteger();

        Begun(Counting stay, int slice) {
            this.stay = stay;
            this.slice = slice;
        }
    }

    InFlight(long slowAfterNanos, long originNanos) {
        this.slowAfterNanos = slowAfterNanos;
        this.sliceNanos = Math.max(1, slowAfterNanos / (SLICES / 2));
        this.originNanos = originNanos;
    }

    Begun begin(Counting stay, long nowNanos) {
        int slice = (int) Math.max(0, (nowNanos - originNanos) / sliceNanos);
        int index = slice % SLICES;
        while (true) {
            long word = words.get(index);
            int stored = (int) (word >>> 32);
            // A newer one is there already when this thread was held up: begun now is as good.
            boolean same = stored - slice >= 0;
            long next = same ? word + 1 : (long) slice << 32 | 1;
            if (words.compareAndSet(index, word, next)) {
                if (!same) {
                    older.getAndAdd((int) (word & COUNT));
                }
                return new Begun(stay, same ? stored : slice);
            }
        }
    }

    /** False when it had ended before. */
    boolean end(Begun call) {
        if (!call.ended.compareAndSet(0, 1)) {
            return false;
        }
        int index = call.slice % SLICES;
        while (true) {
            long word = words.get(index);
            if ((int) (word >>> 32) != call.slice) {
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
            long endNanos = originNanos + ((word >>> 32) + 1) * sliceNanos;
            if ((word & COUNT) != 0 && nowNanos - endNanos >= slowAfterNanos) {
                overdue += (int) (word & COUNT);
            }
        }
        return Math.max(0, overdue);
    }
}
