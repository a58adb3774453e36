// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The registry gave no usable answer. Never carries a token, a password or user info of a URI. The message is one line: what
 * a registry said may be in it, without characters that could forge another or turn its direction.
 */
public final class RegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, as far as a caller can act on it. */
    public enum Reason {
        /** No connection, connection lost, no answer in time. Retried. */
        UNREACHABLE,
        /** It answered that it can not serve: no leader, overloaded, 5xx. Retried. */
        UNAVAILABLE,
        /** Credentials missing, wrong or not allowed to do this. Retried slowly. */
        UNAUTHORIZED,
        /** Its answer makes no sense, is too large, or its index went backwards. Retried. */
        INVALID_ANSWER,
        /** It understood and refused: bad option, bad request. */
        REJECTED
    }

    private final Reason reason;
    private final Duration retryAfter;

    /** With a cause. */
    public RegistryException(Reason reason, String message, @Nullable Throwable cause) {
        this(reason, message, cause, Duration.ZERO);
    }

    /** With a cause and the time the registry asked us to stay away. */
    public RegistryException(Reason reason, String message, @Nullable Throwable cause, Duration retryAfter) {
        super(message == null ? null : Names.printable(message), cause);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    /** Without a cause. */
    public RegistryException(Reason reason, String message) {
        this(reason, message, null);
    }

    /** What went wrong. */
    public Reason reason() {
        return reason;
    }

    /** How long the registry asked us to stay away; zero when it did not. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
