// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.ServiceInstance;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The counts that an attempt which succeeds leaves alone, behind everything that it touches. Safe for any thread. */
class RareWords extends AttemptWords {
    private static final VarHandle FAILED;
    private static final VarHandle UNLEARNED;
    private static final VarHandle WATCHED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            FAILED = lookup.findVarHandle(RareWords.class, "failed", long.class);
            UNLEARNED = lookup.findVarHandle(RareWords.class, "unlearned", long.class);
            WATCHED = lookup.findVarHandle(RareWords.class, "watched", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile long failed;
    private volatile long unlearned;
    /** Successes counted that no window settles later: the guard was told of them, or is not to know. */
    private volatile long watched;

    RareWords(ServiceInstance instance, Shared shared) {
        super(instance, shared);
    }

    /** Attempts begun so far. One that is just failing may be counted twice for that moment. */
    final long startedSoFar() {
        return succeededOrWaiting() + failed + unlearned;
    }

    /** Failures counted so far; only ever grows. */
    final long failedSoFar() {
        return failed;
    }

    /** An attempt no longer waits for headers and is counted as a failure. */
    final void failed(int generation, long nowNanos) {
        FAILED.getAndAdd(this, 1L);
        answered(generation, nowNanos);
    }

    /** As {@link #failed}, for one nothing is learned from. */
    final void ignored(int generation, long nowNanos) {
        UNLEARNED.getAndAdd(this, 1L);
        answered(generation, nowNanos);
    }

    /** The next success counted is one that no window settles later. Called before it is counted. */
    final void countWatched() {
        WATCHED.getAndAdd(this, 1L);
    }

    /** Successes that were only counted: the guard has yet to learn of them. */
    final long unwatchedSoFar() {
        return succeededSoFar() - watched;
    }
}

/** Keeps the rest of the instance, and what lies behind it, off the hot words' cache lines. */
class HotWordsEnd extends RareWords {
    int q00;
    long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14;

    HotWordsEnd(ServiceInstance instance, Shared shared) {
        super(instance, shared);
    }
}
