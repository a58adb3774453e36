// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.stage.ConcurrencyLimit;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Picks an instance of one service and starts an attempt on it. Safe for any thread, takes no lock. */
final class Acquirer {
    private static final int PICK_TRIES = 4;

    private final String service;
    private final Environment environment;
    private final Function<PickContext, NoInstanceException> whyNone;

    /**
     * For one service.
     *
     * @param whyNone says why no instance can take a call
     */
    Acquirer(String service, Environment environment, Function<PickContext, NoInstanceException> whyNone) {
        this.service = service;
        this.environment = environment;
        this.whyNone = whyNone;
    }

    /**
     * A started attempt.
     *
     * @param choice what can be picked
     * @param number which of its call it is, from 1
     */
    InstanceAttempt start(Choice choice, PickContext context, int number, long nowNanos) {
        if (choice.hasEjected() && number == 1) {
            InstanceAttempt probe = probe(choice, context, nowNanos);
            if (probe != null) {
                return probe;
            }
        }
        for (int tries = 0; tries < PICK_TRIES; tries++) {
            Candidate candidate = choice.pick(context, nowNanos, environment.random());
            if (candidate == null) {
                break;
            }
            InstanceState state = (InstanceState) candidate;
            ConcurrencyLimit limit = state.limit;
            Object permit = state.tryAcquire(limit, nowNanos);
            if (permit != null) {
                return new InstanceAttempt(state, permit, number, limit != null, nowNanos);
            }
        }
        return startAnywhere(choice, context, number, nowNanos);
    }

    /** A first attempt, never a retry, finds out whether an ejected instance is well again; its guard admits one at a time. */
    private static @Nullable InstanceAttempt probe(Choice choice, PickContext context, long nowNanos) {
        InstanceState due = choice.dueProbe(context, nowNanos);
        if (due == null) {
            return null;
        }
        ConcurrencyLimit limit = due.limit;
        Object permit = due.tryAcquire(limit, nowNanos);
        return permit == null ? null : new InstanceAttempt(due, permit, 1, limit != null, nowNanos);
    }

    /** Every guard objects: using one all the same is better than failing the call ourselves. Limits stand. */
    private InstanceAttempt startAnywhere(Choice choice, PickContext context, int number, long nowNanos) {
        int start = environment.random().nextInt();
        for (InstanceState state = choice.lastResort(context, start);
                state != null;
                state = choice.lastResort(context, start)) {
            ConcurrencyLimit limit = state.limit;
            Object permit = state.gate().acquireRegardless(limit, nowNanos);
            if (permit != null) {
                return new InstanceAttempt(state, permit, number, limit != null, nowNanos);
            }
        }
        if (choice.isFull(context)) {
            throw new CallRejectedException(
                    service,
                    CallRejectedException.Stage.CONCURRENCY_LIMIT,
                    "every instance has as many attempts in flight as its limit allows",
                    Duration.ZERO);
        }
        NoInstanceException none = whyNone.apply(context);
        if (number == 1) {
            environment.listener().onNoInstance(none);
        }
        throw none;
    }
}
