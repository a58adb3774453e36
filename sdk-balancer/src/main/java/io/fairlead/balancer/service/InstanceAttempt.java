// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.AttemptEvent.Kind;
import io.fairlead.api.EventListener;
import io.fairlead.api.Outcome;
import io.fairlead.api.RouteFacts;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Verdict;
import io.fairlead.spi.Environment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** An attempt on an instance whose state this process keeps. */
public final class InstanceAttempt implements Attempt {
    /** Returned when the attempt had ended before: when that was is not kept. */
    public static final long ENDED_BEFORE = Long.MIN_VALUE;

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(InstanceAttempt.class, "word", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private static final int COMPLETED = 1;
    private static final int CLOSED = 2;
    private static final int GENERATION_SHIFT = 2;
    private static final int COUNTED = InstanceState.COUNTED << GENERATION_SHIFT;
    private static final int HAS_SLOT = 16;
    private static final int IS_HEDGE = 32;
    private static final int NUMBER_SHIFT = 6;

    private final InstanceState state;
    private final ServiceInstance instance;
    private final Object permit;
    private final long startNanos;
    private final Chain.@Nullable Passage passage;
    /**
     * What has ended, the generation among the attempts on its instance, what it holds, its number: [number:26 | beside a slow
     * one:1 | a slot under the limit:1 | counted in the service:1 | generation:1 | ended:2].
     */
    private volatile int word;

    /** Begins: in flight until {@link #close}. */
    InstanceAttempt(
            InstanceState state,
            Object permit,
            int number,
            boolean hasSlot,
            Chain.@Nullable Passage passage,
            long startNanos) {
        this.state = state;
        this.instance = state.instance();
        this.permit = permit;
        this.startNanos = startNanos;
        this.passage = passage;
        if (passage != null) {
            passage.begin();
        }
        int slot = hasSlot ? HAS_SLOT : 0;
        WORD.set(this, number << NUMBER_SHIFT | slot | state.begin(startNanos) << GENERATION_SHIFT);
    }

    @Override
    public ServiceInstance instance() {
        return instance;
    }

    @Override
    public int number() {
        return word >>> NUMBER_SHIFT;
    }

    @Override
    public @Nullable RouteFacts route() {
        return passage == null ? null : passage.facts();
    }

    @Override
    public @Nullable String toldRoute() {
        return passage == null ? null : passage.told();
    }

    /** Which of the subsets of its chain it was picked in, from 0. */
    int place() {
        return passage == null ? 0 : passage.place();
    }

    @Override
    public long startNanos() {
        return startNanos;
    }

    @Override
    public void complete(Outcome outcome) {
        if (isFirst(COMPLETED)) {
            end(outcome, 0, null);
        }
    }

    @Override
    public void complete(Verdict verdict) {
        long unused = completed(verdict, 0, null);
    }

    /**
     * As {@link #complete}; when the attempt ended, in the ticker's nanoseconds, or {@link #ENDED_BEFORE} when it had before.
     *
     * @param status of the response, 0 for none
     * @param error what came instead of one, or null
     */
    public long completed(Verdict verdict, int status, @Nullable Exception error) {
        if (!isFirst(COMPLETED)) {
            return ENDED_BEFORE;
        }
        state.limited(verdict);
        long latencyNanos = end(verdict.outcome(), status, error);
        if (verdict.retryAfter() != null) {
            state.gate().retryAfter(verdict.retryAfter(), state.now());
        }
        return startNanos + latencyNanos;
    }

    private long end(Outcome outcome, int status, @Nullable Exception error) {
        int ending = word;
        long latencyNanos = state.complete(permit, ending >>> GENERATION_SHIFT & 1, outcome, startNanos);
        int number = ending >>> NUMBER_SHIFT;
        Kind kind = (ending & IS_HEDGE) != 0 ? Kind.HEDGE : number == 1 ? Kind.FIRST : Kind.RETRY;
        state.shared.counts().attempt(kind, outcome, latencyNanos);
        Environment environment = state.shared.environment();
        environment.listener().onAttempt(instance, number, outcome, latencyNanos);
        boolean hearAll = environment.hearsAttempts();
        if (hearAll || outcome.isFailure()) {
            tell(
                    environment.listener(),
                    hearAll,
                    new AttemptEvent(instance, number, kind, outcome, status, error, latencyNanos, route()));
        }
        return latencyNanos;
    }

    private static void tell(EventListener listener, boolean hearAll, AttemptEvent ended) {
        if (hearAll) {
            listener.onAttempt(ended);
        }
        if (ended.outcome().isFailure()) {
            listener.onFailedAttempt(ended);
        }
    }

    /** It is made beside a slow one. By whoever began it, before it is sent. */
    public void besideAnother() {
        word |= IS_HEDGE;
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
    public void lost() {
        if ((word & COMPLETED) == 0) {
            state.gaveUp(startNanos);
        }
        close();
    }

    @Override
    public void reportLoad(@Nullable String endpointLoadMetrics) {
        if (endpointLoadMetrics != null) {
            state.reported(LoadReport.parse(endpointLoadMetrics), state.now());
        }
    }

    @Override
    public void close() {
        try {
            complete(Outcome.IGNORED);
        } finally {
            // Also when the guard throws: the attempt is over.
            if (isFirst(CLOSED)) {
                state.end((word & HAS_SLOT) != 0, (word & COUNTED) != 0);
                if (passage != null) {
                    passage.end();
                }
            }
        }
    }
}
