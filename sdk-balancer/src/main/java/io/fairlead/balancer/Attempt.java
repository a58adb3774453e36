// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One try on one instance, from the pick to the end of the response body. Latency and the guard's window end with
 * {@link #complete}, in-flight ends with {@link #close}; each counts once however often it is called. Safe for any
 * thread.
 */
public final class Attempt implements AutoCloseable {
    /** The response header in which an instance reports its load, see {@link #reportLoad}. */
    public static final String LOAD_HEADER = "endpoint-load-metrics";

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Attempt.class, "word", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final int COMPLETED = 1;
    private static final int CLOSED = 2;
    private static final int GENERATION_SHIFT = 2;
    private static final int NUMBER_SHIFT = 3;

    private final InstanceState state;
    private final ServiceInstance instance;
    private final Object permit;
    private final long startNanos;
    /** What has ended, the generation among the attempts on its instance, its number: [number:29 | generation:1 | ended:2]. */
    private volatile int word;

    /** Begins: in flight until {@link #close}. */
    Attempt(InstanceState state, Object permit, int number, long startNanos) {
        this.state = state;
        this.instance = state.instance();
        this.permit = permit;
        this.startNanos = startNanos;
        WORD.set(this, number << NUMBER_SHIFT | state.start(startNanos) << GENERATION_SHIFT);
    }

    /** Where this attempt goes. */
    public ServiceInstance instance() {
        return instance;
    }

    /** Which attempt of its call this is, from 1. */
    public int number() {
        return word >>> NUMBER_SHIFT;
    }

    /** When it started, in the ticker's nanoseconds. */
    public long startNanos() {
        return startNanos;
    }

    /** What happened, known at the response headers or at the failure. Only the first call counts. */
    public void complete(Outcome outcome) {
        if (isFirst(COMPLETED)) {
            end(outcome);
        }
    }

    /** What happened, with what its concurrency limit learns from it. Only the first call counts. */
    public void complete(Verdict verdict) {
        if (!isFirst(COMPLETED)) {
            return;
        }
        state.limited(verdict);
        end(verdict.outcome());
        if (verdict.retryAfter() != null) {
            state.retryAfter(verdict.retryAfter());
        }
    }

    private void end(Outcome outcome) {
        long latencyNanos = state.complete(permit, word >>> GENERATION_SHIFT & 1, outcome, startNanos);
        state.environment.listener().onAttempt(instance, number(), outcome, latencyNanos);
    }

    /** Sets one of the two bits that say what has ended; false when it was set. Each is set once, so this ends soon. */
    private boolean isFirst(int bit) {
        int seen = word;
        while ((seen & bit) == 0) {
            if (WORD.compareAndSet(this, seen, seen | bit)) {
                return true;
            }
            seen = word;
        }
        return false;
    }

    /** Another attempt of the call has won: ignored, but its instance would have taken at least this long. */
    void lost() {
        if ((word & COMPLETED) == 0) {
            state.wouldTakeLongerThan(startNanos, state.now());
        }
        close();
    }

    /**
     * The load its instance reported with the response.
     *
     * @param endpointLoadMetrics value of the response header {@link #LOAD_HEADER} in ORCA's text form, as in
     *     {@code TEXT application_utilization=0.4,named_metrics.rif=3}, {@code rif} being the requests the instance is
     *     working on; null, and whatever can not be read, is ignored
     */
    public void reportLoad(@Nullable String endpointLoadMetrics) {
        if (endpointLoadMetrics != null) {
            state.reported(LoadReport.parse(endpointLoadMetrics), state.now());
        }
    }

    /** The response body is closed. An attempt never completed counts as {@link Outcome#IGNORED}. Idempotent. */
    @Override
    public void close() {
        try {
            complete(Outcome.IGNORED);
        } finally {
            // Also when the guard throws: the attempt is over.
            if (isFirst(CLOSED)) {
                state.end();
            }
        }
    }
}
