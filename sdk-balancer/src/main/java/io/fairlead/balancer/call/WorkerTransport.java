// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.balancer.AsyncTransport;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallCopy;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.Verdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs the call of a blocking client as an asynchronous one, so that two of its attempts can run side by side: sends them on
 * workers, while its caller waits. A loser's worker is interrupted.
 *
 * @param <R> the client's response
 */
public record WorkerTransport<R>(Transport<R> transport, Executor workers) implements AsyncTransport<R> {
    private static final long LOOK_MILLIS = 25;

    @Override
    public CompletionStage<R> send(Attempt attempt) {
        CompletableFuture<R> answer = new CompletableFuture<>();
        FutureTask<Void> work = new FutureTask<>(() -> {
            try {
                R received = transport.send(attempt);
                if (!answer.complete(received)) {
                    transport.discard(received);
                }
            } catch (Throwable failure) {
                boolean unused = answer.completeExceptionally(failure);
            }
            return null;
        });
        answer.whenComplete((received, failure) -> {
            if (answer.isCancelled()) {
                try {
                    transport.abort(attempt);
                } finally {
                    boolean unused = work.cancel(true);
                }
            }
        });
        workers.execute(work);
        return answer;
    }

    @Override
    public Verdict judge(R response) {
        return transport.judge(response);
    }

    @Override
    public int status(R response) {
        return transport.status(response);
    }

    @Override
    public Verdict judge(Exception failure) {
        return transport.judge(failure);
    }

    @Override
    public void discard(R response) {
        transport.discard(response);
    }

    @Override
    public boolean isStreaming(R response) {
        return transport.isStreaming(response);
    }

    @Override
    public CallCopy.Fate copy(CallCopy copy) {
        return transport.copy(copy);
    }

    @Override
    public boolean isWaitingForUs(Attempt attempt) {
        return transport.isWaitingForUs(attempt);
    }

    /** Waits for the result of the call; a caller that is interrupted, or gives up, cancels it. */
    public R await(CompletableFuture<R> call, AttemptPipeline pipeline) throws IOException {
        try {
            while (!call.isDone() && !transport.isCancelled()) {
                if (isSettled(call)) {
                    return call.get();
                }
            }
            if (!call.isDone() && call.cancel(true)) {
                throw cancelled(pipeline);
            }
            return call.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            if (!call.cancel(true) && !call.isCompletedExceptionally()) {
                // The answer came first. Nobody else would close it.
                return call.join();
            }
            throw BlockingCall.because(
                    interrupted, "interrupted while calling '" + pipeline.spec().service() + "'");
        } catch (CancellationException cancelled) {
            throw cancelled(pipeline);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof Error fatal) {
                throw fatal;
            }
            throw BlockingCall.unchecked(cause instanceof Exception failure ? failure : failed);
        } finally {
            boolean unused = call.cancel(true);
        }
    }

    /** For a client whose own timeout cancels the call: nobody failed when nothing was sent, else it is a timeout. */
    private static InterruptedIOException cancelled(AttemptPipeline pipeline) {
        String what = "call to '" + pipeline.spec().service() + "' was cancelled";
        return pipeline.attempts() == 0
                ? BlockingCall.because(new CancellationException(what), what)
                : new InterruptedIOException(what);
    }

    /** Waits for a moment. */
    private static boolean isSettled(CompletableFuture<?> call) throws InterruptedException {
        try {
            call.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException failed) {
            return true;
        }
    }
}
