// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Drives a call without a thread of its own: each completion, each timer and the caller's cancellation is one step, and
 * steps run one at a time. Timers only hand their step to a worker. While a first attempt is slow a second one may run
 * beside it; the first usable answer wins, a bad one waits for the other.
 *
 * @param <R> the client's response
 */
final class AsyncCall<R> {
    private final AttemptPipeline pipeline;
    private final AsyncTransport<R> transport;
    private final @Nullable Fallback<R> fallback;
    private final Environment environment;
    private final SerialTasks steps;
    private final CompletableFuture<R> promise = new CompletableFuture<>();
    // What follows belongs to the steps.
    private final CallResult<R> result;
    private final List<Leg<R>> legs = new ArrayList<>(2);
    private final List<ScheduledFuture<?>> timers = new ArrayList<>(2);
    private Verdict last = Verdict.UNKNOWN;
    private boolean over;

    private record Leg<R>(Attempt attempt, CompletableFuture<R> answer) {}

    AsyncCall(
            AttemptPipeline pipeline,
            AsyncTransport<R> transport,
            @Nullable Fallback<R> fallback,
            Environment environment) {
        this.pipeline = pipeline;
        this.transport = transport;
        this.fallback = fallback;
        this.environment = environment;
        this.result = new CallResult<>(transport);
        this.steps = new SerialTasks(Runnable::run, this::crash);
    }

    /** Starts; the future may be cancelled, which cancels what is under way. */
    CompletableFuture<R> start() {
        promise.whenComplete((answer, failure) -> {
            if (promise.isCancelled()) {
                steps.execute(this::cancel);
            }
        });
        steps.execute(this::awaitList);
        return promise;
    }

    /** Only the first calls to a service ever wait here. */
    private void awaitList() {
        if (pipeline.hasList()) {
            admit();
            return;
        }
        later(pipeline.firstListNanos(), () -> {
            if (!over && !pipeline.hasList()) {
                throw pipeline.notReady();
            }
        });
        pipeline.firstList().thenRunAsync(() -> steps.execute(this::admit), environment.executor());
    }

    private void admit() {
        if (over) {
            return;
        }
        long wait = pipeline.admit();
        if (pipeline.hasDeadline()) {
            long left = pipeline.remainingNanos(environment.ticker().nanos());
            later(left, this::expire);
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
        Attempt attempt = pipeline.first();
        Leg<R> leg = send(attempt);
        long hedgeAfter = pipeline.hedgeAfterNanos();
        if (hedgeAfter != AttemptPipeline.STOP) {
            later(hedgeAfter, () -> hedge(leg));
        }
    }

    private Leg<R> send(Attempt attempt) {
        CompletableFuture<R> answer;
        try {
            answer = transport.send(attempt).toCompletableFuture();
        } catch (RuntimeException refused) {
            answer = CompletableFuture.failedFuture(refused);
        } catch (Throwable fatal) {
            attempt.close();
            throw fatal;
        }
        Leg<R> leg = new Leg<>(attempt, answer);
        legs.add(leg);
        answer.whenComplete((received, failure) -> steps.execute(() -> ended(leg, received, failure)));
        return leg;
    }

    private void hedge(Leg<R> slow) {
        if (over || !legs.contains(slow)) {
            return;
        }
        Attempt attempt = pipeline.hedge(slow.attempt());
        if (attempt != null) {
            Leg<R> unused = send(attempt);
        }
    }

    private void ended(Leg<R> leg, @Nullable R received, @Nullable Throwable thrown) {
        if (!legs.remove(leg)) {
            // Lost, or too late: nobody wants it.
            if (received != null) {
                transport.discard(received);
            }
            leg.attempt().close();
            return;
        }
        if (received != null) {
            last = transport.judge(received);
            pipeline.ended(leg.attempt(), last);
            result.answered(received, last);
        } else {
            Exception failure = unwrapped(thrown);
            last = pipeline.judged(leg.attempt(), transport.judge(failure));
            pipeline.ended(leg.attempt(), last);
            result.failed(failure, last);
        }
        if (received == null || !transport.isStreaming(received)) {
            leg.attempt().close();
        }
        if (last.isUsable()) {
            end();
        } else if (legs.isEmpty()) {
            again(leg.attempt());
        }
    }

    private void again(Attempt attempt) {
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
        Attempt attempt = pipeline.next();
        if (attempt == null) {
            end();
            return;
        }
        result.drop();
        Leg<R> unused = send(attempt);
    }

    /** The deadline: what is under way has lost; a bad result that is there already is better than none. */
    private void expire() {
        if (over) {
            return;
        }
        for (Leg<R> leg : legs) {
            last = pipeline.cut(leg.attempt());
            pipeline.ended(leg.attempt(), last);
        }
        if (result.response() == null) {
            result.failed(pipeline.deadlinePassed(), Verdict.UNKNOWN);
        }
        end();
    }

    private void cancel() {
        if (over) {
            return;
        }
        last = Verdict.CANCELLED;
        result.drop();
        stopEverything();
        pipeline.finish(last);
    }

    private void end() {
        stopEverything();
        pipeline.finish(last);
        if (fallback != null && result.isBad()) {
            environment.executor().execute(() -> fallBack(fallback));
        } else {
            settle(result.response(), null);
        }
    }

    private void fallBack(Fallback<R> answering) {
        try {
            settle(result.fallBack(answering, pipeline, environment), null);
        } catch (Exception | Error noAnswer) {
            settle(null, noAnswer);
        }
    }

    private void settle(@Nullable R answer, @Nullable Throwable failure) {
        if (answer == null) {
            boolean unused = promise.completeExceptionally(failure != null ? failure : result.failure(pipeline.spec()));
        } else if (!promise.complete(answer)) {
            transport.discard(answer);
        }
    }

    /** Losers are cancelled and say nothing of their instance but that it would have taken longer. */
    private void stopEverything() {
        over = true;
        timers.forEach(timer -> timer.cancel(false));
        for (Leg<R> loser : List.copyOf(legs)) {
            legs.remove(loser);
            loser.attempt().lost();
            boolean unused = loser.answer().cancel(true);
        }
    }

    /** A step threw: a rejection by a stage, no instance, or a bug; the call ends with it. */
    private void crash(Throwable thrown) {
        over = true;
        if (thrown instanceof Exception failure) {
            result.failed(failure, Verdict.UNKNOWN);
        }
        stopEverything();
        pipeline.close();
        if (fallback != null && result.isBad()) {
            environment.executor().execute(() -> fallBack(fallback));
        } else {
            settle(null, thrown);
        }
    }

    private void later(long nanos, Runnable step) {
        timers.add(environment
                .scheduler()
                .schedule(
                        () -> environment.executor().execute(() -> steps.execute(step)),
                        Math.max(0, nanos),
                        TimeUnit.NANOSECONDS));
    }

    private static Exception unwrapped(@Nullable Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Exception failure) {
            return failure;
        }
        return cause == null
                ? new IllegalStateException("the client completed without a response (expected: one, not null)")
                : new CompletionException(cause);
    }
}
