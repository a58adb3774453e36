// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What every pick reads of an instance and hardly anything writes. First in memory, so that it shares a cache line with
 * the object's header, which a pick reads anyway: of 10,000 instances hardly a line is in a cache.
 */
class PickWords {
    private volatile double effectiveWeight;
    /** Whether the guard or a limit may object, so that they must be asked; only then are their lines read. */
    private volatile boolean doubtful = true;

    /** What its weight comes to now, above 0. */
    public final double weight() {
        return effectiveWeight;
    }

    /** True when the weight changed. */
    final boolean setWeight(double weight) {
        boolean changed = weight != effectiveWeight;
        effectiveWeight = weight;
        return changed;
    }

    final boolean isDoubtful() {
        return doubtful;
    }

    final void setDoubtful(boolean value) {
        if (doubtful != value) {
            doubtful = value;
        }
    }
}

/** Keeps what lies before the hot words in memory off their cache lines, and off the pair a prefetcher takes. */
class HotWordsPadding extends PickWords {
    long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}

/**
 * The words of an instance that every attempt writes, alone on their cache lines. Safe for any thread.
 *
 * <p>{@code counts} holds three counters and a parity, so that in-flight is one read and each step of an attempt one
 * atomic write. Attempts that wait for headers belong to a generation: the current one, or those begun before it. When
 * none of the earlier is left, the current become the earlier and a new generation begins; {@code sinceNanos} is when the
 * present one began. So whenever somebody of the earlier waits, the oldest has waited at least since then.
 */
class HotWords extends HotWordsPadding {
    private static final int BITS = 21;
    private static final long FIELD = (1L << BITS) - 1;
    private static final long CURRENT = 1;
    private static final long EARLIER = CURRENT << BITS;
    private static final long ANSWERED = EARLIER << BITS;
    private static final long WAITING_MASK = ANSWERED - 1;
    private static final long PARITY = 1L << 63;

    private static final VarHandle COUNTS;
    private static final VarHandle SINCE;
    private static final VarHandle STARTED;
    private static final VarHandle LATENCY;
    private static final VarHandle SUCCESS;
    private static final VarHandle SUCCEEDED;
    private static final VarHandle FAILED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COUNTS = lookup.findVarHandle(HotWords.class, "counts", long.class);
            SINCE = lookup.findVarHandle(HotWords.class, "sinceNanos", long.class);
            STARTED = lookup.findVarHandle(HotWords.class, "started", long.class);
            LATENCY = lookup.findVarHandle(HotWords.class, "latency", long.class);
            SUCCESS = lookup.findVarHandle(HotWords.class, "success", long.class);
            SUCCEEDED = lookup.findVarHandle(HotWords.class, "succeeded", long.class);
            FAILED = lookup.findVarHandle(HotWords.class, "failed", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile long counts;
    private volatile long latency;
    private volatile long success;
    private long sinceNanos;
    private volatile long started;
    private volatile long succeeded;
    private volatile long failed;

    final int inFlightNow() {
        long now = counts;
        return (int) ((now & FIELD) + (now >>> BITS & FIELD) + (now >>> 2 * BITS & FIELD));
    }

    /** How long the oldest that waits for headers has waited at least; 0 when none waits. */
    final long waitedNanos(long nowNanos) {
        return (counts & WAITING_MASK) == 0 ? 0 : Math.max(0, nowNanos - (long) SINCE.getOpaque(this));
    }

    final long startedSoFar() {
        return started;
    }

    final long latencyWord() {
        return latency;
    }

    final long successWord() {
        return success;
    }

    /** Successes counted so far; only ever grows. */
    final long succeededSoFar() {
        return succeeded;
    }

    /** Failures counted so far; only ever grows. */
    final long failedSoFar() {
        return failed;
    }

    final void countSuccess() {
        SUCCEEDED.getAndAdd(this, 1L);
    }

    final void countFailure() {
        FAILED.getAndAdd(this, 1L);
    }

    /** An attempt starts; returns its generation, for {@link #answered}. */
    final int begin(long nowNanos) {
        if ((counts & WAITING_MASK) == 0) {
            SINCE.setOpaque(this, nowNanos);
        }
        long before = (long) COUNTS.getAndAdd(this, CURRENT);
        STARTED.getAndAdd(this, 1L);
        return (int) (before >>> 63);
    }

    /** An attempt no longer waits for headers; it is in flight until {@link #finish}. */
    final void answered(int generation, long nowNanos) {
        while (true) {
            long before = counts;
            boolean isCurrent = before >>> 63 == generation;
            long after = before - (isCurrent ? CURRENT : EARLIER) + ANSWERED;
            long waiting = after & WAITING_MASK;
            boolean isLastOfEarlier = waiting != 0 && waiting <= FIELD;
            if (isLastOfEarlier) {
                after = (after & ~WAITING_MASK | waiting << BITS) ^ PARITY;
            }
            if (COUNTS.weakCompareAndSet(this, before, after)) {
                if (isLastOfEarlier) {
                    SINCE.setOpaque(this, nowNanos);
                }
                return;
            }
        }
    }

    /** An answered attempt ends. */
    final void finish() {
        COUNTS.getAndAdd(this, -ANSWERED);
    }

    /** One try: a sample lost to another thread's is harmless, a spin is not. */
    final void offerLatency(long expected, long word) {
        boolean unused = LATENCY.compareAndSet(this, expected, word);
    }

    final void offerSuccess(long expected, long word) {
        boolean unused = SUCCESS.compareAndSet(this, expected, word);
    }

    final void setAverages(long latencyWord, long successWord) {
        latency = latencyWord;
        success = successWord;
    }
}

/** Keeps the rest of the instance, and what lies behind it, off the hot words' cache lines. */
class HotWordsEnd extends HotWords {
    long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;
}
