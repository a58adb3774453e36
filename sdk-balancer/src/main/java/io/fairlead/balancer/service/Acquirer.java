// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.RouteFacts.Why;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.balancer.stage.ConcurrencyLimit;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Picks an instance of one service and starts an attempt on it. Safe for any thread, takes no lock. */
final class Acquirer {
    private static final int PICK_TRIES = 4;

    private final String service;
    private final Environment environment;
    private final ServiceCounts counts;
    private final BiFunction<PickContext, @Nullable Chain, NoInstanceException> whyNone;

    /**
     * For one service.
     *
     * @param whyNone says why no instance can take a call
     */
    Acquirer(
            String service,
            Environment environment,
            ServiceCounts counts,
            BiFunction<PickContext, @Nullable Chain, NoInstanceException> whyNone) {
        this.service = service;
        this.environment = environment;
        this.counts = counts;
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
            InstanceAttempt probe = probe(choice, context, null, nowNanos);
            if (probe != null) {
                return probe;
            }
        }
        // As in pick, without a step down: a call without routes should cost what it did.
        for (int tries = 0; tries < PICK_TRIES; tries++) {
            Candidate candidate = choice.pick(context, nowNanos, environment.random());
            if (candidate == null) {
                break;
            }
            InstanceState state = (InstanceState) candidate;
            ConcurrencyLimit limit = state.limit;
            Object permit = state.tryAcquire(limit, nowNanos);
            if (permit != null) {
                return new InstanceAttempt(state, permit, number, limit != null, null, nowNanos);
            }
        }
        InstanceAttempt any = startAnywhere(choice, context, number, null, nowNanos);
        if (any != null) {
            return any;
        }
        throw nobody(choice.isFull(context), context, number, null);
    }

    /**
     * A started attempt of a call that rules sent here: in the first subset of its chain that has a usable instance; when none
     * has, on whoever is left in the subset it was assigned to.
     *
     * @param choices what can be picked, by the numbers that the chain knows
     */
    InstanceAttempt start(Choice[] choices, Chain chain, PickContext context, int number, long nowNanos) {
        Choice assigned = choices[chain.choice(0)];
        int first = chain.firstPlace(number);
        for (int i = 0; i < chain.places(number); i++) {
            int place = (first + i) % chain.length();
            Why why = number > 1 ? Why.RETRY : place == 0 ? Why.FIRST : Why.FALLBACK;
            Choice choice = choices[chain.choice(place)];
            if (number == 1 && choice.hasEjected()) {
                // Also where calls come only in place of others: nobody else would find out that an instance is well
                // again.
                InstanceAttempt probe = probe(choice, context, chain.passage(place, Why.PROBE), nowNanos);
                if (probe != null) {
                    return probe;
                }
            }
            InstanceAttempt picked = pick(choice, context, number, chain.passage(place, why), nowNanos);
            if (picked != null) {
                return picked;
            }
        }
        Chain.Passage last = chain.passage(0, number > 1 ? Why.RETRY : Why.FIRST);
        InstanceAttempt any = startAnywhere(assigned, context, number, last, nowNanos);
        if (any != null) {
            return any;
        }
        boolean isFull = false;
        for (int place = 0; place < chain.places(number); place++) {
            isFull |= choices[chain.choice(place)].isFull(context);
        }
        throw nobody(isFull, context, number, chain);
    }

    /** A second attempt beside a slow one, in the same subset; null when that has no other instance. */
    @Nullable
    InstanceAttempt hedge(
            Choice[] choices, Chain chain, InstanceAttempt slow, PickContext context, int number, long nowNanos) {
        int place = slow.place();
        return pick(choices[chain.choice(place)], context, number, chain.passage(place, Why.HEDGE), nowNanos);
    }

    private @Nullable InstanceAttempt pick(
            Choice choice, PickContext context, int number, Chain.@Nullable Passage passage, long nowNanos) {
        for (int tries = 0; tries < PICK_TRIES; tries++) {
            Candidate candidate = choice.pick(context, nowNanos, environment.random());
            if (candidate == null) {
                break;
            }
            InstanceState state =
                    candidate instanceof InstanceState one ? one : ((SubsetState.Member) candidate).state();
            ConcurrencyLimit limit = state.limit;
            Object permit = state.tryAcquire(limit, nowNanos);
            if (permit != null) {
                return new InstanceAttempt(state, permit, number, limit != null, passage, nowNanos);
            }
        }
        return null;
    }

    /** A first attempt, never a retry, finds out whether an ejected instance is well again; its guard admits one at a time. */
    private static @Nullable InstanceAttempt probe(
            Choice choice, PickContext context, Chain.@Nullable Passage passage, long nowNanos) {
        InstanceState due = choice.dueProbe(context, nowNanos);
        if (due == null) {
            return null;
        }
        ConcurrencyLimit limit = due.limit;
        Object permit = due.tryAcquire(limit, nowNanos);
        return permit == null ? null : new InstanceAttempt(due, permit, 1, limit != null, passage, nowNanos);
    }

    /** Every guard objects: using one all the same is better than failing the call ourselves. Limits stand. */
    private @Nullable InstanceAttempt startAnywhere(
            Choice choice, PickContext context, int number, Chain.@Nullable Passage passage, long nowNanos) {
        int start = environment.random().nextInt();
        for (InstanceState state = choice.lastResort(context, start);
                state != null;
                state = choice.lastResort(context, start)) {
            ConcurrencyLimit limit = state.limit;
            Object permit = state.gate().acquireRegardless(limit, nowNanos);
            if (permit != null) {
                return new InstanceAttempt(state, permit, number, limit != null, passage, nowNanos);
            }
        }
        return null;
    }

    /** Why there is no attempt; the listener hears of it when it was to be the first. */
    private RuntimeException nobody(boolean isFull, PickContext context, int number, @Nullable Chain chain) {
        if (isFull) {
            return new CallRejectedException(
                    service,
                    CallRejectedException.Stage.CONCURRENCY_LIMIT,
                    "every instance has as many attempts in flight as its limit allows (expected: fewer calls at once, or a higher"
                            + " concurrencyLimits)",
                    Duration.ZERO);
        }
        NoInstanceException none = whyNone.apply(context, chain);
        if (number == 1) {
            counts.noInstance(none.reason());
            environment.listener().onNoInstance(none);
        }
        return none;
    }
}
