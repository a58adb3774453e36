// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Picks an instance of one service and starts an attempt on it. Safe for any thread, takes no lock. */
final class Acquirer {
    private static final int PICK_TRIES = 4;

    private final String service;
    private final Supplier<Choice> choices;
    private final Environment environment;
    private final Function<PickContext, NoInstanceException> whyNone;

    /**
     * For one service.
     *
     * @param choices what can be picked now
     * @param whyNone says why no instance can take a call
     */
    Acquirer(
            String service,
            Supplier<Choice> choices,
            Environment environment,
            Function<PickContext, NoInstanceException> whyNone) {
        this.service = service;
        this.choices = choices;
        this.environment = environment;
        this.whyNone = whyNone;
    }

    /**
     * A started attempt.
     *
     * @param number which of its call it is, from 1
     */
    InstanceAttempt start(PickContext context, int number, long nowNanos) {
        Choice choice = choices.get();
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
            Object permit = state.tryAcquire(nowNanos);
            if (permit != null) {
                return new InstanceAttempt(state, permit, number, nowNanos);
            }
        }
        return startAnywhere(choice, context, number, nowNanos);
    }

    /** A first attempt, never a retry, finds out whether an ejected instance is well again; its guard admits one at a time. */
    private static @Nullable InstanceAttempt probe(Choice choice, PickContext context, long nowNanos) {
        InstanceState due = choice.dueProbe(context, nowNanos);
        Object permit = due == null ? null : due.tryAcquire(nowNanos);
        return due == null || permit == null ? null : new InstanceAttempt(due, permit, 1, nowNanos);
    }

    /** Every guard objects: using one all the same is better than failing the call ourselves. Limits stand. */
    private InstanceAttempt startAnywhere(Choice choice, PickContext context, int number, long nowNanos) {
        int start = environment.random().nextInt();
        for (InstanceState state = choice.lastResort(context, start);
                state != null;
                state = choice.lastResort(context, start)) {
            Object permit = state.gate().acquireRegardless(nowNanos);
            if (permit != null) {
                return new InstanceAttempt(state, permit, number, nowNanos);
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
