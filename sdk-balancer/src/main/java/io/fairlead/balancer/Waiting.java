// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for an asynchronous call on behalf of a blocking caller. */
final class Waiting {
    private Waiting() {}

    /** Its result; an interrupted caller cancels it. */
    static <R> R on(CompletableFuture<R> call, String service) throws IOException {
        try {
            return call.get();
        } catch (InterruptedException interrupted) {
            boolean unused = call.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while calling '" + service + "'");
        } catch (CancellationException cancelled) {
            throw new InterruptedIOException("call to '" + service + "' was cancelled");
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof Error fatal) {
                throw fatal;
            }
            throw BlockingCall.unchecked(cause instanceof Exception failure ? failure : failed);
        }
    }
}
