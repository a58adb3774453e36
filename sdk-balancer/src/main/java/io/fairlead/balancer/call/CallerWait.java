// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.call;

import io.fairlead.balancer.Transport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for an asynchronous call on behalf of a blocking caller. */
public final class CallerWait {
    private CallerWait() {}

    private static final long LOOK_MILLIS = 25;

    /** Its result; a caller that is interrupted, or gives up, cancels it. */
    public static <R> R on(CompletableFuture<R> call, AttemptPipeline pipeline, Transport<R> transport)
            throws IOException {
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
