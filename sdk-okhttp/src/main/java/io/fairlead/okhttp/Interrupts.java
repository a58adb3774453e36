// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import java.io.InterruptedIOException;
import java.net.SocketException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Knows the shapes in which an interrupt of the caller's thread comes out of a call. Stateless. */
final class Interrupts {
    private static final int DEEPEST = 20;

    private Interrupts() {}

    /**
     * Whether the caller's thread is interrupted, or was when this failed. OkHttp says much the same of an interrupted thread
     * as of a timeout; channels and virtual threads' sockets are closed under it; interceptors wrap either.
     */
    static boolean isBehind(Throwable failure) {
        if (Thread.currentThread().isInterrupted()) {
            return true;
        }
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (isOne(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static boolean isOne(Throwable failure) {
        if (failure instanceof InterruptedException || failure instanceof ClosedByInterruptException) {
            return true;
        }
        return (failure instanceof InterruptedIOException || failure instanceof SocketException)
                && says(failure.getMessage());
    }

    /** "interrupted", "thread interrupted", "Closed by interrupt". */
    private static boolean says(@Nullable String message) {
        return message != null && message.toLowerCase(Locale.ROOT).contains("interrupt");
    }
}
