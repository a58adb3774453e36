// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.stage.ConcurrencyLimit;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What a pick reads and an attempt that succeeds reads and writes of one instance. Nothing else lies here: of 10,000
 * instances hardly a line is in a cache, so a call should touch two lines of an instance and no third. A superclass,
 * because that is the only way to say where in an object its fields lie; {@link End} keeps what follows off
 * these lines. Safe for any thread; nothing waits for another thread.
 *
 * <p>{@code counts} holds everything one step of an attempt changes, so that in-flight is one read and each step one
 * atomic write: {@code [answered:19 | earlier:19 | current:19 | successes:6 | parity:1]}. Attempts that wait for headers
 * belong to a generation: the current one, or those begun before it. When none of the earlier is left, the current become
 * the earlier and a new generation begins; {@code sinceNanos} is when the present one began. So whenever somebody of the
 * earlier waits, the oldest has waited at least since then. Answered ones are on top and signed: an attempt that is closed
 * while another thread completes it may end before it was answered.
 *
 * <p>Successes are counted by the same write, modulo 64; {@code successFloor} follows in steps of 32. A thread that finds
 * the count 32 above the floor moves the floor first. A thread held up between its two reads, while 32 or more successes
 * were counted, adds one all the same; with fewer than 32 such threads at once the distance stays below 64, and the sum is
 * exact.
 *
 * <p>A lasting permit is the guard's word that until a moment attempts need not ask it and their successes need not be
 * reported: then neither the guard nor its window is touched, whose objects would be as many lines again.
 */
class InstanceWords {
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
            COUNTS = lookup.findVarHandle(InstanceWords.class, "counts", long.class);
            SINCE = lookup.findVarHandle(InstanceWords.class, "sinceNanos", long.class);
            LATENCY = lookup.findVarHandle(InstanceWords.class, "latency", long.class);
            SUCCESS = lookup.findVarHandle(InstanceWords.class, "success", long.class);
            SUCCESS_FLOOR = lookup.findVarHandle(InstanceWords.class, "successFloor", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile double weight;
    private volatile long counts;
    private volatile long latency;
    private volatile long success;

    @SuppressWarnings("UnusedVariable") // by SINCE
    private long sinceNanos;

    private volatile long successFloor;
    private volatile long permitUntilNanos;
    /** Only attempts that began since then are learned from; far ahead while the instance is out. */
    private volatile long learnSinceNanos;

    /** Another one when options change. */
    volatile SharedState shared;

    /** Once there is one it stays: attempts hold slots under it. */
    volatile @Nullable ConcurrencyLimit limit;

    private volatile ServiceInstance instance;
    private volatile @Nullable Object lastingPermit;

    /** The guard or the limit may object, so a pick must ask them; only then are their lines read. */
    private volatile boolean mustAsk = true;
    /** Slow start reduces the weight, which is rare: only then a pick asks by how much. */
    private volatile boolean warming;
    /** Whether the latest attempt that was learned from failed. */
    private volatile boolean failedLast;
    /** Whether the latest attempt found no connection ({@code UNREACHABLE}); ignored attempts do not count. */
    private volatile boolean unreachable;

    InstanceWords(ServiceInstance instance, SharedState shared) {
        this.instance = instance;
        this.shared = shared;
        this.limit = shared.limits().isOff() ? null : new ConcurrencyLimit(shared.limits());
        this.learnSinceNanos = now();
    }

    /** What the registry says of it. */
    public final ServiceInstance instance() {
        return instance;
    }

    final void update(ServiceInstance changed) {
        instance = changed;
    }

    /** What its weight comes to now, above 0. */
    public final double weight() {
        return weight;
    }

    /** True when the weight changed. */
    final boolean setWeight(double value) {
        boolean changed = value != weight;
        weight = value;
        return changed;
    }

    final boolean isWarming() {
        return warming;
    }

    final void setWarming(boolean value) {
        if (warming != value) {
            warming = value;
        }
    }

    final boolean mustAsk() {
        return mustAsk;
    }

    final void setMustAsk(boolean value) {
        if (mustAsk != value) {
            mustAsk = value;
        }
    }

    final boolean hasFailedLast() {
        return failedLast;
    }

    final void setFailedLast(boolean value) {
        if (failedLast != value) {
            failedLast = value;
        }
    }

    final boolean isUnreachable() {
        return unreachable;
    }

    final void setUnreachable(boolean value) {
        if (unreachable != value) {
            unreachable = value;
        }
    }

    /** The permit any attempt may take now without asking the guard, or null. */
    final @Nullable Object lastingPermit(long nowNanos) {
        Object permit = lastingPermit;
        return permit == null || nowNanos - permitUntilNanos >= 0 ? null : permit;
    }

    /** Whether the guard has said that a success under this permit need not be reported now. */
    final boolean isUnreported(Object permit, long nowNanos) {
        return permit == lastingPermit && nowNanos - permitUntilNanos < 0;
    }

    final void setLastingPermit(Object permit, long untilNanos) {
        permitUntilNanos = untilNanos;
        if (lastingPermit != permit) {
            lastingPermit = permit;
        }
    }

    /** From now on every attempt asks the guard. */
    final void endLastingPermit() {
        if (lastingPermit != null) {
            lastingPermit = null;
        }
    }

    final boolean isLearnedFrom(long startNanos) {
        return startNanos - learnSinceNanos >= 0;
    }

    final void learnSince(long nanos) {
        learnSinceNanos = nanos;
    }

    final int inFlightNow() {
        long now = counts;
        return (int) ((now >> ANSWERED_SHIFT) + (now >>> EARLIER_SHIFT & FIELD) + (now >>> CURRENT_SHIFT & FIELD));
    }

    /** How long the oldest that waits for headers has waited at least; 0 when none waits. */
    final long waitedNanos(long nowNanos) {
        return (counts & WAITING) == 0 ? 0 : Math.max(0, nowNanos - (long) SINCE.getOpaque(this));
    }

    /** Successes counted so far; only ever grows. */
    final long successes() {
        return counted(false);
    }

    /** Successes, and those who wait for headers. */
    final long successesAndWaiting() {
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

    /** An attempt begins; returns its generation, for {@link #countSuccess} or {@link #countAnswer}. */
    final int countBegin(long nowNanos) {
        if ((counts & WAITING) == 0) {
            SINCE.setOpaque(this, nowNanos);
        }
        return (int) ((long) COUNTS.getAndAdd(this, CURRENT) & PARITY);
    }

    /** An attempt no longer waits for headers and is a success; it is in flight until {@link #countEnd}. */
    final void countSuccess(int generation, long nowNanos) {
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

    /** As {@link #countSuccess}, of an attempt that is none. */
    final void countAnswer(int generation, long nowNanos) {
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
    final void countEnd() {
        COUNTS.getAndAdd(this, -ANSWERED);
    }

    final long latencyWord() {
        return latency;
    }

    final long successWord() {
        return success;
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

    final long now() {
        return shared.environment().ticker().nanos();
    }

    /** Keeps the rest of the instance, and what lies behind it, off the words' cache lines. */
    static class End extends InstanceWords {
        int q00;
        long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14;

        End(ServiceInstance instance, SharedState shared) {
            super(instance, shared);
        }
    }
}
