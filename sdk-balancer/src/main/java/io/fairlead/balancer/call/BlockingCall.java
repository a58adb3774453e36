// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.balancer.Fallback;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.Verdict;
import io.fairlead.balancer.service.InstanceAttempt;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Drives a call on its caller's thread: sends and waits there.
 *
 * @param <R> the client's response
 */
public final class BlockingCall<R> {
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    private final AttemptPipeline pipeline;
    private final Transport<R> transport;
    private final @Nullable Fallback<R> fallback;
    private final Environment environment;
    private final CallResult<R> result;

    public BlockingCall(
            AttemptPipeline pipeline, Transport<R> transport, @Nullable Fallback<R> fallback, Environment environment) {
        this.pipeline = pipeline;
        this.transport = transport;
        this.fallback = fallback;
        this.environment = environment;
        this.result = new CallResult<>(transport, pipeline.spec(), environment);
    }

    public R run() throws IOException {
        try {
            R answer = answer();
            result.over(pipeline);
            return answer;
        } catch (Throwable thrown) {
            // A policy, a predicate or a guard may have thrown: the response at hand must be closed all the same.
            result.drop();
            result.over(pipeline, thrown);
            throw thrown;
        } finally {
            pipeline.close();
        }
    }

    private R answer() throws IOException {
        try {
            attempts();
        } catch (NoInstanceException | CallRejectedException local) {
            if (fallback == null) {
                throw local;
            }
            result.failed(local, Verdict.UNKNOWN);
        }
        pipeline.close();
        if (fallback != null && result.isBad() && !transport.isCancelled()) {
            return fallBack(fallback);
        }
        R response = result.response();
        if (response != null) {
            return response;
        }
        throw unchecked(result.failure());
    }

    /** The stages of a call, from the outside in. {@link AsyncCall} takes the same steps without a thread that waits. */
    private void attempts() throws IOException {
        awaitList(); // of a service that is new to this process
        long wait = pipeline.admit(); // deadline, rate limit, throttle, service guard
        shorten();
        sleepBeforeFirst(wait);
        InstanceAttempt attempt = pipeline.first(); // pick, concurrency limit, instance guard
        pipeline.mirror(transport, attempt); // a copy, if a rule wants one
        Verdict verdict = send(attempt); // HTTP, and what it means
        for (InstanceAttempt next = another(attempt, verdict); next != null; next = another(next, verdict)) {
            result.drop(); // retry budget and backoff have been passed
            verdict = send(next);
        }
        pipeline.finish(verdict);
    }

    /** What is under way is cut by the client, which knows the call's own deadline only. */
    private void shorten() {
        if (pipeline.isShortened()) {
            transport.within(Duration.ofNanos(
                    pipeline.remainingNanos(environment.ticker().nanos())));
        }
    }

    private void sleepBeforeFirst(long nanos) throws InterruptedIOException {
        if (!sleep(nanos)) {
            throw cancelled();
        }
    }

    /**
     * Waits for the first list, in slices, to see soon that the caller gave up. A slice counts in full, whatever the ticker
     * says.
     */
    private void awaitList() throws InterruptedIOException {
        if (pipeline.hasList()) {
            return;
        }
        long left = pipeline.listPatienceNanos();
        while (!pipeline.awaitList(Math.max(0, Math.min(left, SLICE_NANOS)))) {
            if (Thread.currentThread().isInterrupted()) {
                throw interrupted();
            }
            if (transport.isCancelled()) {
                throw cancelled();
            }
            if (left <= SLICE_NANOS) {
                throw pipeline.notReady();
            }
            left = Math.min(left - SLICE_NANOS, pipeline.listPatienceNanos());
        }
    }

    /** One attempt; leaves its response or failure in the result. */
    private Verdict send(InstanceAttempt attempt) {
        R received;
        try {
            received = transport.send(attempt);
        } catch (Exception broken) {
            return failed(attempt, broken);
        } catch (Throwable fatal) {
            attempt.close();
            throw fatal;
        }
        return received == null ? failed(attempt, CallResult.nothing()) : answered(attempt, received);
    }

    private Verdict answered(InstanceAttempt attempt, R received) {
        boolean isOpen = false;
        boolean isTaken = false;
        try {
            isOpen = transport.isStreaming(received);
            Verdict verdict = result.judge(received);
            int status = result.status(received);
            pipeline.ended(attempt, verdict, status, null);
            isTaken = true;
            result.answered(received, verdict, status);
            return verdict;
        } finally {
            if (!isTaken) {
                result.discard(received);
            }
            if (!isOpen || !isTaken) {
                attempt.close();
            }
        }
    }

    private Verdict failed(InstanceAttempt attempt, Exception broken) {
        try {
            Verdict verdict = result.judge(attempt, broken, pipeline);
            result.failed(broken, verdict);
            pipeline.ended(attempt, verdict, 0, broken);
            return verdict;
        } finally {
            attempt.close();
        }
    }

    private @Nullable InstanceAttempt another(InstanceAttempt attempt, Verdict verdict) throws IOException {
        if (verdict.resend() == Verdict.Resend.NEVER && verdict.isUsable() || transport.isCancelled()) {
            return null;
        }
        long wait = pipeline.waitBeforeNext(attempt, verdict);
        return wait == AttemptPipeline.STOP || !sleep(wait) ? null : pipeline.next();
    }

    /**
     * Sleeps; false when the caller gave up meanwhile. A clock that is set back, or stands still, makes no wait longer.
     */
    private boolean sleep(long nanos) throws InterruptedIOException {
        long beforeNanos = nanos == 0 ? 0 : environment.ticker().nanos();
        long left = nanos;
        while (left > 0) {
            long slice = Math.min(left, SLICE_NANOS);
            LockSupport.parkNanos(this, slice);
            long nowNanos = environment.ticker().nanos();
            long passed = nowNanos - beforeNanos;
            left -= passed <= 0 ? slice : passed;
            beforeNanos = nowNanos;
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                throw interrupted();
            }
            if (transport.isCancelled()) {
                return false;
            }
        }
        return true;
    }

    private InterruptedIOException cancelled() {
        String what = "cancelled before '" + pipeline.spec().service() + "' was called";
        return because(new CancellationException(what), what);
    }

    private InterruptedIOException interrupted() {
        String what = "interrupted while waiting to call '" + pipeline.spec().service() + "'";
        return because(new InterruptedException(what), what);
    }

    /** The cause says that the caller gave up, so that a breaker around the call counts no failure. */
    static InterruptedIOException because(Exception cause, String what) {
        InterruptedIOException thrown = new InterruptedIOException(what);
        thrown.initCause(cause);
        return thrown;
    }

    private R fallBack(Fallback<R> answering) throws IOException {
        try {
            return result.fallBack(answering, pipeline);
        } catch (Exception noAnswer) {
            throw unchecked(noAnswer);
        }
    }

    /** Transports throw nothing but these two kinds. */
    static IOException unchecked(Exception failure) {
        if (failure instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        return failure instanceof IOException broken ? broken : new IOException(failure);
    }
}
