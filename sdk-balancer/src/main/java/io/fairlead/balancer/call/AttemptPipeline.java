// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.api.CallEvent;
import io.fairlead.api.CallEvent.Result;
import io.fairlead.api.CallRejectedException;
import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Judge;
import io.fairlead.balancer.Retries;
import io.fairlead.balancer.Verdict;
import io.fairlead.balancer.service.Chain;
import io.fairlead.balancer.service.Freshness;
import io.fairlead.balancer.service.InstanceAttempt;
import io.fairlead.balancer.service.ServiceSetup;
import io.fairlead.balancer.service.WatchedService;
import io.fairlead.balancer.stage.Hedges;
import io.fairlead.balancer.stage.Nanos;
import io.fairlead.balancer.stage.ServiceStages;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Every decision of one call, in the order in which it is taken; whoever drives it sends, waits and keeps the results.
 *
 * <pre>
 * route → deadline → fallback → rate limit → throttle → service guard → copy for a mirror
 *     → attempts { retry budget → pick, which excludes every instance tried → concurrency limit → guard → HTTP }
 *     → hedge
 * </pre>
 *
 * {@link BlockingCall} drives it on the caller's thread, {@link AsyncCall} on the threads of completions and the timer. The
 * fallback is theirs, because it makes a result. A stage that rejects gives back what the stages outside it took, and is
 * never an outcome of an instance. One step at a time; the driver sees to that.
 */
public final class AttemptPipeline {
    /** No further attempt. */
    static final long STOP = -1;

    /** Less time left than this is too little to try. */
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final WatchedService list;
    private final CallSpec spec;
    private final Environment environment;
    private final boolean hadList;
    private final long startNanos;
    private @Nullable Duration deadline;
    private long timeoutNanos;
    private boolean isShortened;
    private boolean isForeseen;

    /** The options of the whole call, with stages and choice; taken again only when it had to wait for the first list. */
    private ServiceSetup setup;

    private ServiceStages stages;
    /** Where rules send it; null when its service has no routes. */
    private @Nullable Chain chain;

    private Admission admission;
    private PickContext context;
    /** Made when an instance says {@code Retry-After} for the first time; most calls never hear one. */
    private @Nullable RetryBackoff hints;

    /** How many attempts were begun. The driver's steps write it; the thread that waits for the call reads it too. */
    private volatile int attempts;

    private boolean wasStale;
    private boolean isOver;
    /** When the last attempt ended, so that most calls need no third look at the clock. */
    private long endedNanos = InstanceAttempt.ENDED_BEFORE;

    public AttemptPipeline(WatchedService list, CallSpec spec, Environment environment, long startNanos) {
        this.list = list;
        this.setup = list.setup();
        this.stages = setup.stages();
        this.spec = spec;
        this.environment = environment;
        this.context = spec.context();
        this.hadList = list.isReady();
        setDeadline(spec.deadline());
        this.startNanos = startNanos;
        this.admission = new Admission(spec.service(), stages, list.counts(), environment);
    }

    private void setDeadline(@Nullable Duration longest) {
        deadline = longest;
        timeoutNanos = longest == null ? 0 : Math.max(LEAST_NANOS - 1, Nanos.of(longest));
    }

    /** Whether the service has a list now. */
    boolean hasList() {
        return list.isReady();
    }

    /** Waits for the service's first list, at most so many nanoseconds; true when it has come. Only first calls ever wait. */
    boolean awaitList(long nanos) {
        return list.awaitFirstList(nanos);
    }

    /** The calls that wait for the first list without a thread. */
    Freshness.Waiters waiters() {
        return list.waiters();
    }

    /** How much longer a call waits for the first list: no longer than it may take. */
    long listPatienceNanos() {
        long nowNanos = now();
        if (!isForeseen) {
            isForeseen = true;
            shorten(setup.peek(context, environment.random(), nowNanos));
        }
        long left = setup.firstListNanos() - (nowNanos - startNanos);
        return hasDeadline() ? Math.min(left, remainingNanos(nowNanos)) : left;
    }

    /** The first list did not come in time: the registry's time is over, or the call's own. */
    RuntimeException notReady() {
        return hasDeadline() && timeoutNanos <= setup.firstListNanos() ? deadlinePassed() : list.notReadyInTime();
    }

    /**
     * The stages outside the attempts, in order; one that rejects gives back what those before it took.
     *
     * @return nanoseconds to wait before {@link #first}
     */
    long admit() {
        if (!hadList) {
            setup = list.setup();
            stages = setup.stages();
            admission = new Admission(spec.service(), stages, list.counts(), environment);
            // Only now it is routed.
            setDeadline(spec.deadline());
            isShortened = false;
        }
        long nowNanos = hadList ? startNanos : now();
        route(nowNanos);
        long leftNanos = checkDeadline(nowNanos);
        admission.begin(nowNanos);
        long waitNanos = admission.limitRate(chain, leftNanos);
        admission.throttle();
        admission.guardService();
        return waitNanos;
    }

    /** Once a call, for all its attempts. A rule's timeout, else the service's, shortens the call's own. */
    private void route(long nowNanos) {
        chain = setup.route(context, environment.random(), nowNanos);
        shorten(chain);
    }

    private void shorten(@Nullable Chain rules) {
        Duration ruled = rules == null ? null : rules.rule().timeout();
        Duration allowed = ruled == null ? setup.timeout() : ruled;
        if (allowed != null && (deadline == null || allowed.compareTo(deadline) < 0)) {
            deadline = allowed;
            timeoutNanos = Nanos.of(allowed);
            isShortened = true;
        }
    }

    private Retries retries() {
        return chain == null || chain.rule().retries() == null
                ? setup.retries()
                : chain.rule().retries();
    }

    /** How long the call may wait before its first attempt. */
    private long checkDeadline(long nowNanos) {
        long leftNanos = hasDeadline() ? remainingNanos(nowNanos) - LEAST_NANOS : Long.MAX_VALUE;
        if (leftNanos < 0) {
            throw deadlinePassed();
        }
        return leftNanos;
    }

    /** Picks and starts the first attempt. */
    InstanceAttempt first() {
        // A call that has not waited needs no second look at the clock.
        boolean hasWaited = !hadList || admission.hadToWait();
        long nowNanos = hasWaited ? now() : startNanos;
        InstanceAttempt attempt;
        try {
            attempt = list.start(setup, chain, context, 1, nowNanos);
        } catch (NoInstanceException | CallRejectedException none) {
            admission.withdraw();
            if (none instanceof CallRejectedException full) {
                list.counts().rejection(full.stage());
                environment.listener().onCallRejected(full);
            }
            throw none;
        }
        attempts = 1;
        admission.made();
        stages.retries().deposit(nowNanos);
        if (stages.hedges() != null) {
            stages.hedges().deposit(nowNanos);
        }
        return attempt;
    }

    /** Before the first attempt is sent: a rule may want a copy of the call, which nobody waits for. */
    void mirror(Judge<?> client, InstanceAttempt first) {
        if (chain != null) {
            setup.copy(chain, spec, client, environment, first.startNanos());
        }
    }

    /**
     * An attempt ended: the instance, its limit and the retry throttle learn of it.
     *
     * @param status of its response, 0 for none
     * @param error what came instead of one, or null
     */
    void ended(InstanceAttempt attempt, Verdict verdict, int status, @Nullable Exception error) {
        endedNanos = attempt.completed(verdict, status, error);
        if (verdict.isUsable()) {
            stages.retries().succeeded(attempt.number() > 1);
        } else if (verdict.resend() != Verdict.Resend.NEVER) {
            stages.retries().failed();
        }
        if (stages.hedges() != null && verdict.isUsable() && attempt.number() == 1) {
            long nowNanos = nanosAtEnd();
            stages.hedges().answered(nowNanos - attempt.startNanos(), nowNanos);
        }
    }

    /**
     * After an attempt that ended alone: nanoseconds to wait before {@link #next}, or {@link #STOP}. What was never
     * processed goes elsewhere at once, and so does what an instance asked to send later: that concerns this instance. Only
     * when there is nobody else the call waits as long as was asked. The rest waits with full jitter.
     */
    long waitBeforeNext(Attempt attempt, Verdict verdict) {
        if (attempts >= retries().attempts() || !retries().allows(spec, verdict)) {
            return STOP;
        }
        long nowNanos = now();
        PickContext others = without(attempt, verdict);
        RetryBackoff asked = hints(attempt, verdict, nowNanos);
        long wait = RetryBackoff.nanos(verdict, attempts, environment.random());
        if (asked != null && !setup.hasUntried(chain, others)) {
            wait = Math.max(wait, asked.nanosToFirst(nowNanos));
            others = asked.readmit(spec.context(), others, nowNanos + wait);
        }
        if (hasDeadline() && remainingNanos(nowNanos) - wait < LEAST_NANOS) {
            return STOP;
        }
        if (!stages.retries().tryWithdraw(nowNanos)) {
            list.counts().retryDenied();
            environment.listener().onRetryBudgetExhausted(spec.service());
            return STOP;
        }
        wasStale |= verdict.trouble() == Verdict.Trouble.STALE_CONNECTION;
        context = others;
        return wait;
    }

    private @Nullable RetryBackoff hints(Attempt attempt, Verdict verdict, long nowNanos) {
        RetryBackoff asked = hints;
        if (asked == null && verdict.retryAfter() != null) {
            asked = new RetryBackoff();
            hints = asked;
        }
        if (asked != null) {
            asked.add(attempt.instance(), verdict.retryAfter(), nowNanos);
        }
        return asked == null || asked.isEmpty() ? null : asked;
    }

    /**
     * The context of the next attempt, without this instance. A dead pooled connection says nothing about its instance, so
     * the first time in a call the instance may be picked again.
     */
    private PickContext without(Attempt attempt, Verdict verdict) {
        boolean isStale = verdict.trouble() == Verdict.Trouble.STALE_CONNECTION;
        return isStale && !wasStale ? context : context.excluding(attempt.instance());
    }

    /** Picks an instance and starts one more attempt; null when there is none, and then the last result stands. */
    @Nullable
    InstanceAttempt next() {
        long nowNanos = now();
        try {
            int number = attempts + 1;
            InstanceAttempt attempt = list.start(setup, chain, context, number, nowNanos);
            attempts = number;
            return attempt;
        } catch (NoInstanceException | CallRejectedException nobodyLeft) {
            stages.retries().giveBack(nowNanos);
            return null;
        } catch (Throwable policysOwn) {
            stages.retries().giveBack(nowNanos);
            throw policysOwn;
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
    InstanceAttempt hedge(InstanceAttempt slow) {
        Hedges hedges = stages.hedges();
        long nowNanos = now();
        if (hedges == null || attempts >= retries().attempts() || !hedges.tryWithdraw(stages.retries(), nowNanos)) {
            return null;
        }
        context = context.excluding(slow.instance());
        InstanceAttempt attempt = chain == null ? next() : nextBeside(chain, slow, nowNanos);
        if (attempt != null) {
            attempt.besideAnother();
            environment.listener().onHedge(spec.service());
        }
        return attempt;
    }

    /** Where there are rules a hedge stays in the subset of the slow attempt. */
    private @Nullable InstanceAttempt nextBeside(Chain rules, InstanceAttempt slow, long nowNanos) {
        int number = attempts + 1;
        try {
            InstanceAttempt attempt = list.startBeside(setup, rules, slow, context, number, nowNanos);
            if (attempt == null) {
                stages.retries().giveBack(nowNanos);
                return null;
            }
            attempts = number;
            return attempt;
        } catch (Throwable policysOwn) {
            stages.retries().giveBack(nowNanos);
            throw policysOwn;
        }
    }

    /** Whether the call may get a second attempt beside a slow first one. */
    public boolean mayHedge() {
        return stages.hedges() != null && mayHedge(spec);
    }

    public static boolean mayHedge(CallSpec spec) {
        return spec.idempotent() && spec.replayable() && spec.inboundAttempt() == 1;
    }

    private long nanosAtEnd() {
        return endedNanos == InstanceAttempt.ENDED_BEFORE ? now() : endedNanos;
    }

    /** The call is over: what the stages outside took is given back with what it came to. Only the first time counts. */
    void finish(Verdict last) {
        admission.finish(last, nanosAtEnd());
    }

    /** Ends the call whatever happened, for a driver's {@code finally}. */
    void close() {
        admission.close();
    }

    /**
     * The call is over as far as its caller sees: it is counted, and told. Only the first time.
     *
     * @param status of the response that its caller gets, 0 for none
     * @param error what its caller is thrown, or null
     */
    void over(Result result, int status, @Nullable Throwable error) {
        if (isOver) {
            return;
        }
        isOver = true;
        if (attempts == 0) {
            list.counts().callWithoutAttempt(result);
        } else {
            list.counts().call(result, nanosAtEnd() - startNanos);
        }
        if (environment.hearsCalls()) {
            long nanos = (attempts == 0 ? now() : nanosAtEnd()) - startNanos;
            environment.listener().onCall(new CallEvent(spec.service(), result, attempts, nanos, status, error));
        }
    }

    /** An attempt is cut by the deadline: its instance is to blame when it had at least half of the time. */
    Verdict cut(Attempt attempt) {
        return cutAfter(timeoutNanos, attempt, now());
    }

    /** An attempt is cut by a timeout of the caller's own, which is as long as the call has lasted. */
    Verdict cutByCaller(Attempt attempt) {
        long nowNanos = now();
        return cutAfter(nowNanos - startNanos, attempt, nowNanos);
    }

    private Verdict cutAfter(long nanos, Attempt attempt, long nowNanos) {
        admission.cutByDeadline();
        return nowNanos - attempt.startNanos() >= nanos / 2 ? Verdict.TIMED_OUT : Verdict.CANCELLED;
    }

    /**
     * What a verdict of the client means. A client that uses the deadline as its own timeout says "cancelled" when it is over,
     * and a little before us, because its clock began a little earlier. So near the deadline "cancelled" means a timeout.
     */
    Verdict judged(Attempt attempt, Verdict said) {
        boolean isDue = said == Verdict.CANCELLED && hasDeadline() && remainingNanos(now()) <= timeoutNanos / 20;
        return isDue ? cut(attempt) : said;
    }

    boolean hasDeadline() {
        return timeoutNanos > 0;
    }

    /** Whether the deadline is another since {@link #admit}, and nearer. */
    boolean isShortened() {
        return isShortened;
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
        String before = list.isReady() ? "" : ", and the service has no list yet";
        String after = attempts == 0 ? before : " after " + attempts + (attempts == 1 ? " attempt" : " attempts");
        return admission.rejected(Stage.DEADLINE, "its time of " + deadline + " is over" + after, 0, attempts);
    }

    private long now() {
        return environment.ticker().nanos();
    }
}
