// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.api.CallEvent;
import io.fairlead.balancer.AsyncTransport;
import io.fairlead.balancer.Fallback;
import io.fairlead.balancer.Verdict;
import io.fairlead.balancer.service.InstanceAttempt;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Drives a call without a thread of its own. It takes the steps of {@link BlockingCall}, but a step that would wait there ends
 * here, and something goes on later: a completion, a timer, or the caller, who may end the future at any time. Each of
 * them is one step, and steps run one at a time; a timer only hands its step to a worker. While a first attempt is slow a
 * second one may run beside it: the first usable answer wins, and a bad one waits for the other.
 *
 * <p>The steps forward are {@link #begin}, {@link #admit}, {@link #first}, {@link #ended}, {@link #next}; beside them {@link #hedge}.
 * The call ends in exactly one of four ways: with a result ({@link #end}), by its deadline ({@link #expire}), by its caller
 * ({@link #giveUp}), or because a step threw ({@link #crash}). Each of these sets {@link #over}, stops what is under way and
 * closes the pipeline; steps that come afterwards see {@link #over} and do nothing. It is one long file, because every step
 * must know all others that may have come before it.
 *
 * @param <R> the client's response
 */
public final class AsyncCall<R> {
    private final AttemptPipeline pipeline;
    private final AsyncTransport<R> transport;
    private final @Nullable Fallback<R> fallback;
    private final Environment environment;
    private final SerialTasks steps;
    private final CompletableFuture<R> promise = new CompletableFuture<>();
    // What follows belongs to the steps.
    private final CallResult<R> result;
    private final List<Sent<R>> underWay = new ArrayList<>(2);
    private final List<ScheduledFuture<?>> timers = new ArrayList<>(2);
    /** What goes on when the first list comes; one object, so that it can be taken out again. */
    private final Runnable listed;

    private Verdict last = Verdict.UNKNOWN;
    private boolean admitted;
    /** Written by the steps; whoever completes the future reads it too. */
    private volatile boolean over;

    private record Sent<R>(InstanceAttempt attempt, CompletableFuture<R> answer) {}

    public AsyncCall(
            AttemptPipeline pipeline,
            AsyncTransport<R> transport,
            @Nullable Fallback<R> fallback,
            Environment environment) {
        this.pipeline = pipeline;
        this.transport = transport;
        this.fallback = fallback;
        this.environment = environment;
        this.result = new CallResult<>(transport, pipeline.spec(), environment);
        this.steps = new SerialTasks(Runnable::run, this::crash);
        this.listed = () -> steps.execute(this::admit);
    }

    /** Starts; the caller may end the future in any way, which cancels what is under way. */
    public CompletableFuture<R> start() {
        promise.whenComplete((answer, failure) -> {
            if (!over) {
                steps.execute(() -> giveUp(failure));
            }
        });
        steps.execute(this::begin);
        return promise;
    }

    /** The deadline counts from the start, whatever the call waits for. */
    private void begin() {
        if (pipeline.hasDeadline()) {
            later(pipeline.remainingNanos(environment.ticker().nanos()), this::expire);
        }
        if (pipeline.hasList()) {
            admit();
        } else {
            awaitList();
        }
    }

    /** Only the first calls to a service ever wait here. */
    private void awaitList() {
        later(pipeline.listPatienceNanos(), () -> {
            if (!over && !admitted && !pipeline.hasList()) {
                throw pipeline.notReady();
            }
            admit();
        });
        pipeline.waiters().add(listed);
    }

    private void admit() {
        if (over || admitted) {
            return;
        }
        admitted = true;
        long wait = pipeline.admit();
        if (pipeline.isShortened()) {
            // The timer of the call's own deadline, if any, comes too late to do anything.
            later(pipeline.remainingNanos(environment.ticker().nanos()), this::expire);
        }
        if (wait == 0) {
            first();
        } else {
            later(wait, this::first);
        }
    }

    private void first() {
        if (over) {
            return;
        }
        InstanceAttempt attempt = pipeline.first();
        pipeline.mirror(transport, attempt);
        Sent<R> sent = send(attempt);
        long hedgeAfter = pipeline.hedgeAfterNanos();
        if (hedgeAfter != AttemptPipeline.STOP) {
            later(hedgeAfter, () -> hedge(sent));
        }
    }

    private Sent<R> send(InstanceAttempt attempt) {
        CompletableFuture<R> answer;
        try {
            answer = transport.send(attempt).toCompletableFuture();
        } catch (RuntimeException refused) {
            answer = CompletableFuture.failedFuture(refused);
        } catch (Throwable fatal) {
            attempt.close();
            throw fatal;
        }
        Sent<R> sent = new Sent<>(attempt, answer);
        underWay.add(sent);
        answer.whenComplete((received, failure) -> steps.execute(() -> ended(sent, received, failure)));
        return sent;
    }

    private void hedge(Sent<R> slow) {
        if (over || !underWay.contains(slow)) {
            return;
        }
        InstanceAttempt attempt = pipeline.hedge(slow.attempt());
        if (attempt != null) {
            Sent<R> unused = send(attempt);
        }
    }

    private void ended(Sent<R> sent, @Nullable R received, @Nullable Throwable thrown) {
        if (!underWay.remove(sent)) {
            // This attempt has lost, or its answer is too late.
            if (received != null) {
                result.discard(received);
            }
            sent.attempt().close();
            return;
        }
        if (received != null) {
            answered(sent.attempt(), received);
        } else {
            failed(sent.attempt(), unwrapped(thrown));
        }
        if (last.isUsable()) {
            end();
        } else if (underWay.isEmpty()) {
            again(sent.attempt());
        }
    }

    private void answered(InstanceAttempt attempt, R received) {
        boolean isOpen = false;
        boolean isTaken = false;
        try {
            isOpen = transport.isStreaming(received);
            last = result.judge(received);
            int status = result.status(received);
            pipeline.ended(attempt, last, status, null);
            isTaken = true;
            result.answered(received, last, status);
        } finally {
            if (!isTaken) {
                result.discard(received);
            }
            if (!isOpen || !isTaken) {
                attempt.close();
            }
        }
    }

    private void failed(InstanceAttempt attempt, Exception failure) {
        try {
            last = result.judge(attempt, failure, pipeline);
            result.failed(failure, last);
            pipeline.ended(attempt, last, 0, failure);
        } finally {
            attempt.close();
        }
    }

    private void again(InstanceAttempt attempt) {
        long wait = pipeline.waitBeforeNext(attempt, last);
        if (wait == AttemptPipeline.STOP) {
            end();
        } else if (wait == 0) {
            next();
        } else {
            later(wait, this::next);
        }
    }

    private void next() {
        if (over) {
            return;
        }
        InstanceAttempt attempt = pipeline.next();
        if (attempt == null) {
            end();
            return;
        }
        result.drop();
        Sent<R> unused = send(attempt);
    }

    /** The deadline has passed: attempts under way have lost. A bad response that is there already is the result. */
    private void expire() {
        if (over) {
            return;
        }
        for (Sent<R> sent : underWay) {
            last = result.isWaitingForUs(sent.attempt()) ? Verdict.CANCELLED : pipeline.cut(sent.attempt());
            pipeline.ended(sent.attempt(), last, 0, null);
        }
        if (result.response() == null) {
            result.failed(pipeline.deadlinePassed(), Verdict.UNKNOWN);
        }
        end();
    }

    /** The caller ended the future: by cancelling it, by a timeout of its own, or with an answer from elsewhere. */
    private void giveUp(@Nullable Throwable failure) {
        if (over) {
            return;
        }
        last = Verdict.CANCELLED;
        if (failure instanceof TimeoutException) {
            for (Sent<R> sent : underWay) {
                if (!result.isWaitingForUs(sent.attempt())) {
                    pipeline.ended(sent.attempt(), pipeline.cutByCaller(sent.attempt()), 0, null);
                }
            }
        }
        result.drop();
        stopEverything();
        pipeline.finish(last);
        pipeline.close();
        boolean isTimeout = failure instanceof TimeoutException;
        pipeline.over(isTimeout ? CallEvent.Result.FAILURE : CallEvent.Result.CANCELLED, 0, failure);
    }

    private void end() {
        stopEverything();
        pipeline.finish(last);
        settle();
    }

    /** Ends the call with the fallback's answer or with its own result. A fallback may block, so it runs on a worker. */
    private void settle() {
        if (fallback == null || !result.isBad() || promise.isDone()) {
            settle(result.response(), null);
            return;
        }
        try {
            environment.executor().execute(() -> fallBack(fallback));
        } catch (Throwable noWorker) {
            environment
                    .listener()
                    .onCallbackFailed("fallback of '" + pipeline.spec().service() + "'", noWorker);
            settle(result.response(), null);
        }
    }

    private void fallBack(Fallback<R> answering) {
        if (promise.isDone()) {
            result.drop();
            pipeline.over(CallEvent.Result.CANCELLED, 0, null);
            return;
        }
        try {
            settle(result.fallBack(answering, pipeline), null);
        } catch (Throwable noAnswer) {
            settle(null, noAnswer);
        }
    }

    private void settle(@Nullable R answer, @Nullable Throwable failure) {
        if (failure != null) {
            result.over(pipeline, failure);
        } else {
            result.over(pipeline);
        }
        if (answer == null) {
            boolean unused = promise.completeExceptionally(failure != null ? failure : result.failure());
        } else if (!promise.complete(answer)) {
            result.discard(answer);
        }
    }

    /** Cancels the attempts under way. Of their instances is learned only that they would have taken longer. */
    private void stopEverything() {
        over = true;
        pipeline.waiters().remove(listed);
        timers.forEach(timer -> timer.cancel(false));
        for (Sent<R> loser : List.copyOf(underWay)) {
            underWay.remove(loser);
            stop(loser);
        }
    }

    /** What a guard or a client throws here must not keep the others, or the call, from ending. */
    private void stop(Sent<R> loser) {
        try {
            loser.attempt().lost();
            boolean unused = loser.answer().cancel(true);
        } catch (Throwable own) {
            environment
                    .listener()
                    .onCallbackFailed("cancelling a call to '" + pipeline.spec().service() + "'", own);
        }
    }

    /** A step threw: a rejection by a stage, no instance, or what a user's callback threw; the call ends with it. */
    private void crash(Throwable thrown) {
        over = true;
        try {
            if (thrown instanceof Exception failure) {
                result.failed(failure, Verdict.UNKNOWN);
            } else {
                result.drop();
            }
            stopEverything();
            pipeline.close();
        } finally {
            if (thrown instanceof Exception) {
                settle();
            } else {
                settle(null, thrown);
            }
        }
    }

    private void later(long nanos, Runnable step) {
        timers.add(environment.scheduler().schedule(() -> hand(step), Math.max(0, nanos), TimeUnit.NANOSECONDS));
    }

    /** Hands a step to a worker. A step that the executor refuses runs here, or the call would never end. */
    private void hand(Runnable step) {
        try {
            environment.executor().execute(() -> steps.execute(step));
        } catch (Throwable refused) {
            steps.execute(step);
        }
    }

    private static Exception unwrapped(@Nullable Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Exception failure) {
            return failure;
        }
        return cause == null ? CallResult.nothing() : new CompletionException(cause);
    }
}
