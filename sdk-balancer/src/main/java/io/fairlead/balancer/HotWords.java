// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Keeps neighbours in memory off the hot words' cache lines. */
class HotWordsPadding {
    long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}

/** The words of an instance that every attempt touches, alone on their cache lines. Safe for any thread. */
class HotWords extends HotWordsPadding {
    private static final VarHandle IN_FLIGHT;
    private static final VarHandle STARTED;
    private static final VarHandle LATENCY;
    private static final VarHandle SUCCESS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            IN_FLIGHT = lookup.findVarHandle(HotWords.class, "inFlight", int.class);
            STARTED = lookup.findVarHandle(HotWords.class, "started", long.class);
            LATENCY = lookup.findVarHandle(HotWords.class, "latency", long.class);
            SUCCESS = lookup.findVarHandle(HotWords.class, "success", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile int inFlight;
    private volatile long started;
    private volatile long latency;
    private volatile long success;

    final int inFlightNow() {
        return inFlight;
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

    final void begin() {
        IN_FLIGHT.getAndAdd(this, 1);
        STARTED.getAndAdd(this, 1L);
    }

    final void finish() {
        IN_FLIGHT.getAndAdd(this, -1);
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
