// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The words of an instance that every attempt writes, right behind what every pick reads: an attempt on a healthy
 * instance touches these lines of it and hardly another. Safe for any thread; nothing waits for another thread.
 *
 * <p>{@code counts} holds everything one step of an attempt changes, so that in-flight is one read and each step one
 * atomic write: {@code [answered:19 | earlier:19 | current:19 | successes:6 | parity:1]}. Attempts that wait for headers
 * belong to a generation: the current one, or those begun before it. When none of the earlier is left, the current become
 * the earlier and a new generation begins; {@code sinceNanos} is when the present one began. So whenever somebody of the
 * earlier waits, the oldest has waited at least since then. Answered ones are on top and signed: an attempt that is closed
 * while another thread completes it may end before it was answered.
 *
 * <p>Successes are counted by the same write, modulo 64; {@code successFloor} follows in steps of 32. Whoever would count
 * one further than that from it moves it first. Only a thread that was held up between its two reads while 32 or more were
 * counted takes the distance one further, so below 32 such threads at once it stays below 64 and the sum is exact.
 */
class HotWords extends PickWords {
    private static final int BITS = 19;
    private static final int SUCCESS_BITS = 6;
    private static final int SUCCESS_SHIFT = 1;
    private static final int SUCCESS_MASK = (1 << SUCCESS_BITS) - 1;
    private static final int FLOOR_STEP = 1 << SUCCESS_BITS - 1;
    private static final int CURRENT_SHIFT = SUCCESS_SHIFT + SUCCESS_BITS;
    private static final int EARLIER_SHIFT = CURRENT_SHIFT + BITS;
    private static final int ANSWERED_SHIFT = EARLIER_SHIFT + BITS;

    private static final long PARITY = 1;
    private static final long SUCCESSES = (long) SUCCESS_MASK << SUCCESS_SHIFT;
    private static final long FIELD = (1L << BITS) - 1;
    private static final long CURRENT = 1L << CURRENT_SHIFT;
    private static final long EARLIER = 1L << EARLIER_SHIFT;
    private static final long ANSWERED = 1L << ANSWERED_SHIFT;
    private static final long ALL_CURRENT = FIELD << CURRENT_SHIFT;
    private static final long ALL_EARLIER = FIELD << EARLIER_SHIFT;
    private static final long WAITING = ALL_CURRENT | ALL_EARLIER;

    private static final VarHandle COUNTS;
    private static final VarHandle SINCE;
    private static final VarHandle LATENCY;
    private static final VarHandle SUCCESS;
    private static final VarHandle SUCCESS_FLOOR;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COUNTS = lookup.findVarHandle(HotWords.class, "counts", long.class);
            SINCE = lookup.findVarHandle(HotWords.class, "sinceNanos", long.class);
            LATENCY = lookup.findVarHandle(HotWords.class, "latency", long.class);
            SUCCESS = lookup.findVarHandle(HotWords.class, "success", long.class);
            SUCCESS_FLOOR = lookup.findVarHandle(HotWords.class, "successFloor", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile long counts;
    private volatile long latency;
    private volatile long success;
    private long sinceNanos;
    private volatile long successFloor;

    final int inFlightNow() {
        long now = counts;
        return (int) ((now >> ANSWERED_SHIFT) + (now >>> EARLIER_SHIFT & FIELD) + (now >>> CURRENT_SHIFT & FIELD));
    }

    /** How long the oldest that waits for headers has waited at least; 0 when none waits. */
    final long waitedNanos(long nowNanos) {
        return (counts & WAITING) == 0 ? 0 : Math.max(0, nowNanos - (long) SINCE.getOpaque(this));
    }

    final long latencyWord() {
        return latency;
    }

    final long successWord() {
        return success;
    }

    /** Successes counted so far; only ever grows. */
    final long succeededSoFar() {
        return counted(false);
    }

    /** Successes, and those who wait for headers. */
    final long succeededOrWaiting() {
        return counted(true);
    }

    private long counted(boolean withWaiting) {
        while (true) {
            long floor = successFloor;
            long now = counts;
            if (floor == successFloor) {
                long waiting = withWaiting ? (now >>> EARLIER_SHIFT & FIELD) + (now >>> CURRENT_SHIFT & FIELD) : 0;
                return floor + distance(floor, now) + waiting;
            }
        }
    }

    private static int distance(long floor, long word) {
        return (int) (word >>> SUCCESS_SHIFT) - (int) floor & SUCCESS_MASK;
    }

    /** An attempt starts; returns its generation, for {@link #succeeded} or {@link #answered}. */
    final int begin(long nowNanos) {
        if ((counts & WAITING) == 0) {
            SINCE.setOpaque(this, nowNanos);
        }
        return (int) ((long) COUNTS.getAndAdd(this, CURRENT) & PARITY);
    }

    /** An attempt no longer waits for headers and is counted as a success; it is in flight until {@link #finish}. */
    final void succeeded(int generation, long nowNanos) {
        boolean isCounted = false;
        while (!isCounted) {
            long floor = successFloor;
            long before = counts;
            if (distance(floor, before) < FLOOR_STEP) {
                long counted = before & ~SUCCESSES | before + (1L << SUCCESS_SHIFT) & SUCCESSES;
                isCounted = answer(before, counted, generation, nowNanos);
            } else {
                SUCCESS_FLOOR.compareAndSet(this, floor, floor + FLOOR_STEP);
            }
        }
    }

    /** As {@link #succeeded}, and not counted. */
    final void answered(int generation, long nowNanos) {
        boolean isAnswered = false;
        while (!isAnswered) {
            long before = counts;
            isAnswered = answer(before, before, generation, nowNanos);
        }
    }

    private boolean answer(long before, long counted, int generation, long nowNanos) {
        boolean isCurrent = (before & PARITY) == generation;
        long after = counted - (isCurrent ? CURRENT : EARLIER) + ANSWERED;
        boolean isLastOfEarlier = (after & ALL_EARLIER) == 0 && (after & ALL_CURRENT) != 0;
        if (isLastOfEarlier) {
            after = (after & ~WAITING | (after & ALL_CURRENT) << BITS) ^ PARITY;
        }
        if (!COUNTS.compareAndSet(this, before, after)) {
            return false;
        }
        if (isLastOfEarlier) {
            SINCE.setOpaque(this, nowNanos);
        }
        return true;
    }

    /** An attempt ends. */
    final void finish() {
        COUNTS.getAndAdd(this, -ANSWERED);
    }

    /** One try: a sample lost to another thread's is harmless, a spin is not. */
    final void offerLatency(long expected, long word) {
        if (word != expected) {
            boolean unused = LATENCY.compareAndSet(this, expected, word);
        }
    }

    final void offerSuccess(long expected, long word) {
        if (word != expected) {
            boolean unused = SUCCESS.compareAndSet(this, expected, word);
        }
    }

    final void setAverages(long latencyWord, long successWord) {
        latency = latencyWord;
        success = successWord;
    }
}
