// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.SlowStart;
import io.fairlead.balancer.Verdict;
import io.fairlead.spi.InstanceGuard;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Everything the balancer knows of one running copy: load, latency, success, guard, warm-up. Kept across lists, also for
 * a while after the copy left. Any thread reads and reports; only the service's updates changes instance and warm-up.
 */
final class InstanceState extends ListedInstance {
    /** Stands for a permit when the guard was overruled: nothing is given back. */
    private static final Object OVERRULED = new Object();

    private static final AtomicLongFieldUpdater<InstanceState> FAILURES =
            AtomicLongFieldUpdater.newUpdater(InstanceState.class, "failures");

    private final EjectionQuota.Seat seat;
    private final InstanceGuard guard;
    private final Condition condition;
    private volatile long failures;
    /** So few are well that all are used, whatever their guards say. */
    private volatile boolean panicking;
    /** Its guard may object, and must be asked. */
    private volatile boolean guarded = true;

    InstanceState(ServiceInstance instance, Shared shared) {
        super(instance, shared);
        this.seat = shared.quota().capFor(this);
        this.guard = shared.guards()
                .newGuard(instance, seat, environment.withListener(new GuardEvents(this, environment.listener())));
        this.condition = new Condition(this, guard, environment);
        boolean unused = setWeight(instance.weight());
        if (!instance.status().isUsable()) {
            seat.leave();
        }
        doubt();
    }

    @Override
    public long serviceInFlight() {
        return serviceInFlight == null ? -1 : serviceInFlight.sum();
    }

    @Override
    public boolean accepts(PickContext context, long nowNanos) {
        return !isDoubtful() && context.excluded().isEmpty() || refusal(context, nowNanos) == null;
    }

    /** Why this call may not go here now, or null when it may. In panic, and when pardoned, the guard is not asked. */
    @Nullable
    Refusal refusal(PickContext context, long nowNanos) {
        if (context.excludes(instance())) {
            return Refusal.TRIED;
        }
        if (!hasRoom()) {
            return Refusal.FULL;
        }
        if (!panicking && isLeftAlone(context.excluded().isEmpty(), nowNanos)) {
            return Refusal.ASKED;
        }
        return guard.isAvailable(nowNanos) || panicking || seat.isPardoned() ? null : Refusal.GUARD;
    }

    /** Whether its concurrency limit, if there is one, lets one more attempt in. */
    boolean hasRoom() {
        return limit == null || limit.hasRoom();
    }

    /**
     * A permit for an attempt, which must follow, or null when the concurrency limit objects, or the guard, which is not
     * overruled.
     */
    @Nullable
    Object tryStart(long nowNanos) {
        Object lasting = lastingPermit(nowNanos);
        return lasting != null ? lasting : askToStart(nowNanos);
    }

    private @Nullable Object askToStart(long nowNanos) {
        if (limit != null && !limit.tryEnter()) {
            return null;
        }
        Object permit = ask(nowNanos);
        if (permit == null && (panicking || seat.isPardoned())) {
            return OVERRULED;
        }
        if (permit == null && limit != null) {
            limit.leave();
        }
        return permit;
    }

    /** A permit whatever the guard says, whose vote still counts when it gives one; null at the concurrency limit. */
    @Nullable
    Object startRegardless(long nowNanos) {
        if (limit != null && !limit.tryEnter()) {
            return null;
        }
        Object permit = ask(nowNanos);
        return permit == null ? OVERRULED : permit;
    }

    /** A guard that throws must not keep the place under the limit. */
    private @Nullable Object ask(long nowNanos) {
        try {
            return guard.tryAcquire(nowNanos);
        } catch (Throwable guardsOwn) {
            if (limit != null) {
                limit.leave();
            }
            throw guardsOwn;
        }
    }

    /** The instance asked to be left alone for so long. */
    void retryAfter(Duration hint) {
        ask(hint.toNanos(), instance().status().isUsable() && !seat.isGuardOut(), now());
        doubt();
        guard.retryAfter(hint, now());
    }

    /** The concurrency limit learns how an attempt ended. */
    void limited(Verdict verdict) {
        if (limit != null) {
            limit.learn(verdict);
        }
    }

    /** An attempt begins; returns what it must show when it completes. */
    int start(long nowNanos) {
        if (serviceInFlight != null) {
            serviceInFlight.increment();
        }
        return begin(nowNanos);
    }

    /**
     * An attempt is answered.
     *
     * @param generation what {@link #start} returned
     * @return nanoseconds it took
     */
    long complete(Object permit, int generation, Outcome outcome, long startNanos) {
        long nowNanos = environment.ticker().nanos();
        long latencyNanos = nowNanos - startNanos;
        boolean mayLearn = outcome != Outcome.IGNORED && (isLearnedFrom(startNanos) || panicking);
        if (mayLearn && outcome == Outcome.SUCCESS && isUnwatched(permit, nowNanos)) {
            succeeded(generation, nowNanos);
        } else {
            answered(generation, outcome, mayLearn, nowNanos);
            giveBack(permit, outcome, latencyNanos, nowNanos);
        }
        if (outcome != Outcome.IGNORED) {
            noteRefusal(outcome == Outcome.UNREACHABLE);
            if (outcome.isFailure()) {
                FAILURES.incrementAndGet(this);
            }
            if (mayLearn) {
                learn(outcome, latencyNanos, nowNanos);
            }
        }
        if (outcome == Outcome.UNREACHABLE) {
            shared.refused().accept(this);
        }
        return latencyNanos;
    }

    private void answered(int generation, Outcome outcome, boolean mayLearn, long nowNanos) {
        if (!mayLearn) {
            ignored(generation, nowNanos);
        } else if (outcome == Outcome.SUCCESS) {
            countWatched();
            succeeded(generation, nowNanos);
        } else {
            failed(generation, nowNanos);
        }
    }

    /** A guard that is content says how long successes need only be counted. It is asked again when that stands. */
    private void giveBack(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
        if (permit == OVERRULED) {
            return;
        }
        guard.release(permit, asGuardHears(outcome), latencyNanos, nowNanos);
        if (outcome.isFailure()) {
            watch();
        } else if (outcome == Outcome.SUCCESS && limit == null) {
            long nanos = guard.unwatchedNanos(permit, nowNanos);
            if (nanos > 0) {
                makeLast(permit, nowNanos + nanos);
                if (guard.unwatchedNanos(permit, nowNanos) == 0) {
                    watch();
                }
            }
        }
    }

    void end() {
        finish();
        if (limit != null) {
            limit.leave();
        }
        if (serviceInFlight != null) {
            serviceInFlight.decrement();
        }
    }

    /** In panic an ejected instance can only get better: no wait begins anew, no wait grows. */
    private Outcome asGuardHears(Outcome outcome) {
        return panicking && outcome.isFailure() && seat.isGuardOut() ? Outcome.IGNORED : outcome;
    }

    /** Taken out: what it does until it is back is not learned from. */
    void ejected(long nowNanos) {
        learnSince(nowNanos + (Long.MAX_VALUE >> 1));
        waits();
        tally().spoil();
    }

    /** Back from ejection: it must not be judged twice for the same failures. */
    void restored(long nowNanos, SlowStart slowStart) {
        forgive(nowNanos);
        refusing = false;
        warmUpAgain(nowNanos, slowStart);
        tally().spoil();
        learnSince(nowNanos);
        condition.settled();
    }

    /** What is left of its weight because it would be out if too many others were not. */
    double conditionFactor(long nowNanos) {
        return condition.factor(nowNanos);
    }

    /** Left the list: it must not hold a seat among the ejected. */
    void retire() {
        seat.leave();
        withdraw();
        panicking = false;
    }

    /** What the registry says of it now, listed before, again, or anew: whom nobody is to call holds no seat. */
    void list(ServiceInstance listed) {
        update(listed);
        if (listed.status().isUsable()) {
            seat.comeBack();
        } else {
            seat.leave();
            waits();
        }
    }

    /** Serves although its guard has it out: a smaller list leaves fewer seats among the ejected. */
    void pardon() {
        seat.pardon();
    }

    /** Pardoned before: there may be a seat now. */
    void claimSeat() {
        seat.claim();
    }

    /** So few are well that all are used, or not any more. */
    void panic(boolean panics) {
        if (panicking != panics) {
            panicking = panics;
        }
    }

    boolean isPanicking() {
        return panicking;
    }

    /** Whether it is out of rotation by our own decision. */
    boolean isEjected() {
        return seat.isTaken();
    }

    /** Whether its guard has it out and it serves for want of a seat. */
    boolean isPardoned() {
        return seat.isPardoned();
    }

    /** Whether its guard has it out, with a seat or without. */
    boolean isGuardOut() {
        return seat.isGuardOut();
    }

    /** Out, pardoned, or objected to at the moment. */
    boolean isOut(long nowNanos) {
        return seat.isGuardOut() || !guard.isAvailable(nowNanos);
    }

    /** Whether a live call may find out now if it is well again. */
    boolean isProbeDue(PickContext context, long nowNanos) {
        return seat.isTaken()
                && condition.failedCheck() == null
                && !isAsking(nowNanos)
                && guard.isAvailable(nowNanos)
                && !context.excludes(instance());
    }

    void guardChanged() {
        watch();
        doubt();
        moved();
        condition.refresh(environment.ticker().nanos());
    }

    /** Something became known of it that a choice depends on. */
    void moved() {
        shared.moved().accept(this);
    }

    /** Asks the guard anew whether picks must ask it; once more after a no, or what it did meanwhile would be lost. */
    void doubt() {
        if (!isQuiet()) {
            setGuarded(true);
        } else if (guarded || limit == null && isDoubtful()) {
            setGuarded(false);
            if (!isQuiet()) {
                setGuarded(true);
            }
        }
    }

    private boolean isQuiet() {
        long nowNanos = environment.ticker().nanos();
        return guard.admitsWhileClosed()
                && !seat.isGuardOut()
                && !isAsking(nowNanos)
                && guard.isAvailable(nowNanos)
                && guard.describe(nowNanos).state() != GuardState.HALF_OPEN;
    }

    private void setGuarded(boolean value) {
        guarded = value;
        setDoubtful(limit != null || value);
    }

    /** Whether its guard may object. */
    boolean isGuarded() {
        return guarded;
    }

    Condition condition() {
        return condition;
    }

    /** Whether it takes its share of calls. */
    boolean isServing(long nowNanos) {
        return seat.isPardoned() || !seat.isTaken() && guard.isAvailable(nowNanos);
    }

    InstanceView view(long nowNanos) {
        InstanceGuard.Description description = guard.describe(nowNanos);
        return new InstanceView(
                instance(),
                description.state(),
                description.reason(),
                description.nanosToProbe(),
                weight(),
                inFlight(),
                latencyNanos(nowNanos),
                successRatio(nowNanos),
                startedSoFar(),
                failures,
                isSuspect(),
                condition.now(nowNanos));
    }
}
