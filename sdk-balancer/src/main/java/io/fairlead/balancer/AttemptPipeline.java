// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.spi.Environment;
import io.fairlead.spi.ServiceGuard;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Every decision of one call, in the order in which it is taken; whoever drives it sends, waits and keeps the results.
 *
 * <pre>
 * deadline → fallback → rate limit → throttle → service guard
 *     → attempts { retry budget → pick, which excludes every instance tried → concurrency limit → guard → HTTP }
 *     → hedge
 * </pre>
 *
 * {@link BlockingCall} drives it on the caller's thread, {@link AsyncCall} on the threads of completions and the timer. The
 * fallback is theirs, because it makes a result. A stage that rejects gives back what the stages outside it took, and is
 * never an outcome of an instance. One step at a time; the driver sees to that.
 */
final class AttemptPipeline {
    /** No further attempt. */
    static final long STOP = -1;

    private static final long BACKOFF_BASE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long BACKOFF_CAP_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Less time left than this is too little to try. */
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Fairlead fairlead;
    private final ServiceList list;
    private final ServiceStages stages;
    private final CallSpec spec;
    private final Retries options;
    private final Environment environment;
    private final boolean hadList;
    private final long startNanos;
    private final long timeoutNanos;
    private final long firstListNanos;

    private PickContext context;
    private int attempts;
    private boolean wasStale;
    private RateLimiter.@Nullable Reservation reservation;
    private boolean isCounted;
    private @Nullable Object permit;

    AttemptPipeline(Fairlead fairlead, ServiceList list, CallSpec spec, BalancerOptions options) {
        this.fairlead = fairlead;
        this.list = list;
        this.stages = list.stages();
        this.spec = spec;
        this.options = options.pipeline().retries();
        this.environment = options.environment();
        this.context = spec.context();
        this.hadList = list.isReady();
        Duration deadline = spec.deadline();
        this.timeoutNanos = deadline == null ? 0 : Math.max(LEAST_NANOS - 1, deadline.toNanos());
        this.firstListNanos = options.firstListTimeout().toNanos();
        this.startNanos = now();
    }

    /** Whether the service has a list now. */
    boolean hasList() {
        return list.isReady();
    }

    /** Waits for the service's first list, which only the first calls ever do. */
    void awaitList() {
        fairlead.awaitFirst(list);
    }

    /** Done when the first list has come. */
    CompletableFuture<Void> firstList() {
        return list.firstList();
    }

    /** How long a call waits for the first list. */
    long firstListNanos() {
        return firstListNanos;
    }

    /** The first list did not come in time. */
    NoInstanceException notReady() {
        return fairlead.notReady(list);
    }

    /**
     * The outer stages.
     *
     * @return nanoseconds to wait before {@link #first}
     */
    long admit() {
        if (hasDeadline() && timeoutNanos < LEAST_NANOS) {
            throw deadlinePassed();
        }
        long wait = limitRate();
        throttle();
        guardService();
        return wait;
    }

    private long limitRate() {
        RateLimiter limiter = stages.rateLimiter();
        if (limiter == null) {
            return 0;
        }
        long patience = stages.maxRateWaitNanos();
        if (hasDeadline()) {
            patience = Math.min(patience, timeoutNanos - LEAST_NANOS);
        }
        reservation = limiter.reserve(1, patience, startNanos);
        if (reservation == null) {
            throw rejected(Stage.RATE_LIMIT, "more calls than allowed", limiter.nanosToToken(startNanos));
        }
        return reservation.waitNanos();
    }

    private void throttle() {
        AdaptiveThrottle throttle = stages.throttle();
        if (throttle == null) {
            return;
        }
        if (!throttle.admits(environment.random(), startNanos)) {
            throw rejected(Stage.THROTTLE, "the service sheds load", 0);
        }
        isCounted = true;
    }

    private void guardService() {
        ServiceGuard guard = stages.guard();
        if (guard == null) {
            return;
        }
        permit = guard.tryAcquire(startNanos);
        if (permit == null) {
            throw rejected(
                    Stage.SERVICE_GUARD,
                    "its guard is " + guard.describe(startNanos).state(),
                    guard.describe(startNanos).nanosToProbe());
        }
    }

    /** Picks and starts the first attempt. */
    Attempt first() {
        // A call that has not waited needs no second look at the clock.
        boolean hasWaited = !hadList || reservation != null && reservation.waitNanos() > 0;
        long nowNanos = hasWaited ? now() : startNanos;
        Attempt attempt;
        try {
            attempt = fairlead.start(list, context, 1, nowNanos);
        } catch (NoInstanceException | CallRejectedException none) {
            withdraw();
            if (none instanceof CallRejectedException full) {
                environment.listener().onCallRejected(full);
            }
            throw none;
        }
        attempts = 1;
        stages.retries().deposit(nowNanos);
        if (stages.hedges() != null) {
            stages.hedges().deposit(nowNanos);
        }
        return attempt;
    }

    /** An attempt ended: the instance, its limit and the retry throttle learn of it. */
    void ended(Attempt attempt, Verdict verdict) {
        attempt.complete(verdict);
        if (verdict.isUsable()) {
            stages.retries().succeeded(attempt.number() > 1);
        } else if (verdict.resend() != Verdict.Resend.NEVER) {
            stages.retries().failed();
        }
        if (stages.hedges() != null && verdict.isUsable() && attempt.number() == 1) {
            long nowNanos = now();
            stages.hedges().answered(nowNanos - attempt.startNanos(), nowNanos);
        }
    }

    /**
     * After an attempt that ended alone: nanoseconds to wait before {@link #next}, or {@link #STOP}. What was never
     * processed goes elsewhere at once; the rest waits with full jitter, or as long as the server asked.
     */
    long waitBeforeNext(Attempt attempt, Verdict verdict) {
        if (attempts >= options.attempts() || !options.allows(spec, verdict)) {
            return STOP;
        }
        long nowNanos = now();
        long wait = waitNanos(verdict);
        if (hasDeadline() && remainingNanos(nowNanos) - wait < LEAST_NANOS) {
            return STOP;
        }
        if (!stages.retries().tryWithdraw(nowNanos)) {
            environment.listener().onRetryBudgetExhausted(spec.service());
            return STOP;
        }
        exclude(attempt, verdict);
        return wait;
    }

    private long waitNanos(Verdict verdict) {
        Duration asked = verdict.retryAfter();
        if (asked != null) {
            return asked.toNanos();
        }
        if (verdict.resend() == Verdict.Resend.ALWAYS || verdict.trouble() == Verdict.Trouble.STALE_CONNECTION) {
            return 0;
        }
        long bound = Math.min(BACKOFF_CAP_NANOS, BACKOFF_BASE_NANOS << Math.min(attempts - 1, 10));
        return environment.random().nextLong(bound + 1);
    }

    /** That a pooled connection was dead says nothing about its instance: once, it may be the next one too. */
    private void exclude(Attempt attempt, Verdict verdict) {
        boolean isStale = verdict.trouble() == Verdict.Trouble.STALE_CONNECTION;
        if (!isStale || wasStale) {
            context = context.excluding(attempt.instance());
        }
        wasStale |= isStale;
    }

    /** Picks and starts one more attempt; null when there is none to be had, and the last result stands. */
    @Nullable
    Attempt next() {
        long nowNanos = now();
        try {
            Attempt attempt = fairlead.start(list, context, attempts + 1, nowNanos);
            attempts++;
            return attempt;
        } catch (NoInstanceException | CallRejectedException nobodyLeft) {
            stages.retries().giveBack(nowNanos);
            return null;
        }
    }

    /** Nanoseconds after which a first attempt is to be hedged, or {@link #STOP}. */
    long hedgeAfterNanos() {
        Hedges hedges = stages.hedges();
        if (hedges == null || !mayHedge(spec)) {
            return STOP;
        }
        long delay = hedges.delayNanos(now());
        boolean isTooLate = delay == Hedges.NEVER || hasDeadline() && remainingNanos(now()) - delay < LEAST_NANOS;
        return isTooLate ? STOP : delay;
    }

    /** A second attempt beside a slow first one; null when budgets or instances do not allow it. */
    @Nullable
    Attempt hedge(Attempt slow) {
        Hedges hedges = stages.hedges();
        long nowNanos = now();
        if (hedges == null || attempts >= options.attempts() || !hedges.tryWithdraw(stages.retries(), nowNanos)) {
            return null;
        }
        context = context.excluding(slow.instance());
        Attempt attempt = next();
        if (attempt != null) {
            environment.listener().onHedge(spec.service());
        }
        return attempt;
    }

    static boolean mayHedge(CallSpec spec) {
        return spec.idempotent() && spec.replayable() && spec.inboundAttempt() == 1;
    }

    /** The call is over: what the stages outside took is given back with what it came to. Only the first time counts. */
    void finish(Verdict last) {
        long nowNanos = stages.guard() == null ? 0 : now();
        if (isCounted && stages.throttle() != null) {
            tellThrottle(stages.throttle(), last.trouble());
        }
        isCounted = false;
        if (permit != null && stages.guard() != null) {
            stages.guard().release(permit, last.outcome(), nowNanos - startNanos, nowNanos);
        }
        permit = null;
        reservation = null;
    }

    private void tellThrottle(AdaptiveThrottle throttle, Verdict.Trouble trouble) {
        if (trouble == Verdict.Trouble.CANCELLED) {
            throttle.withdraw(startNanos);
        } else {
            throttle.answered(!trouble.isOverload(), startNanos);
        }
    }

    /** The call is over without having been made: the stages outside forget it. Nothing after {@link #finish}. */
    private void withdraw() {
        long nowNanos = now();
        if (isCounted && stages.throttle() != null) {
            stages.throttle().withdraw(startNanos);
        }
        isCounted = false;
        if (permit != null && stages.guard() != null) {
            stages.guard().release(permit, Outcome.IGNORED, nowNanos - startNanos, nowNanos);
        }
        permit = null;
        if (reservation != null) {
            reservation.cancel(nowNanos);
        }
        reservation = null;
    }

    /** Ends the call whatever happened, for a driver's {@code finally}. */
    void close() {
        if (permit == null && !isCounted && reservation == null) {
            return;
        }
        if (attempts == 0) {
            withdraw();
        } else {
            finish(Verdict.UNKNOWN);
        }
    }

    /** An attempt is cut by the deadline: its instance is to blame when it had at least half of the time. */
    Verdict cut(Attempt attempt) {
        return now() - attempt.startNanos() >= timeoutNanos / 2 ? Verdict.TIMED_OUT : Verdict.CANCELLED;
    }

    /**
     * A client whose own timeout is the deadline says "cancelled" when it is over, a little before us because it began a
     * little earlier; near the deadline that is what it means.
     */
    Verdict judged(Attempt attempt, Verdict said) {
        boolean isDue = said == Verdict.CANCELLED && hasDeadline() && remainingNanos(now()) <= timeoutNanos / 20;
        return isDue ? cut(attempt) : said;
    }

    boolean hasDeadline() {
        return timeoutNanos > 0;
    }

    /** Until the deadline, when there is one. */
    long remainingNanos(long nowNanos) {
        return timeoutNanos - (nowNanos - startNanos);
    }

    int attempts() {
        return attempts;
    }

    CallSpec spec() {
        return spec;
    }

    CallRejectedException deadlinePassed() {
        String after = attempts == 0 ? "" : " after " + attempts + (attempts == 1 ? " attempt" : " attempts");
        return rejected(Stage.DEADLINE, "its time of " + spec.deadline() + " is over" + after, 0);
    }

    private CallRejectedException rejected(Stage stage, String detail, long retryAfterNanos) {
        CallRejectedException rejection =
                new CallRejectedException(spec.service(), stage, detail, Duration.ofNanos(retryAfterNanos));
        if (attempts == 0) {
            withdraw();
        }
        environment.listener().onCallRejected(rejection);
        return rejection;
    }

    private long now() {
        return environment.ticker().nanos();
    }
}
