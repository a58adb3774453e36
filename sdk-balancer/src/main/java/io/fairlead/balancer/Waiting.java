// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for an asynchronous call on behalf of a blocking caller. */
final class Waiting {
    private Waiting() {}

    private static final long LOOK_MILLIS = 25;

    /** Its result; a caller that is interrupted, or gives up, cancels it. */
    static <R> R on(CompletableFuture<R> call, String service, Transport<R> transport) throws IOException {
        try {
            while (!call.isDone() && !transport.isCancelled()) {
                if (isSettled(call)) {
                    return call.get();
                }
            }
            if (!call.isDone() && call.cancel(true)) {
                throw new InterruptedIOException("call to '" + service + "' was cancelled");
            }
            return call.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            if (!call.cancel(true) && !call.isCompletedExceptionally()) {
                // The answer came first. Nobody else would close it.
                return call.join();
            }
            throw new InterruptedIOException("interrupted while calling '" + service + "'");
        } catch (CancellationException cancelled) {
            throw new InterruptedIOException("call to '" + service + "' was cancelled");
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
