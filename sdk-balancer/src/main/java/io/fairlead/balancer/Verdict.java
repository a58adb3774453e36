// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt's end means: for the instance, for sending the call again, and for the load of the service. An immutable
 * value.
 *
 * @param outcome what the instance learns
 * @param resend whether the call may go to another instance
 * @param retryAfter how long the server asked to wait, at most 30 s, or null
 * @param trouble what kind of trouble it was
 */
public record Verdict(
        Outcome outcome, Resend resend, @Nullable Duration retryAfter, Trouble trouble) {
    private static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(30);

    /** Whether a call may be sent again. */
    public enum Resend {
        /** The result stands. */
        NEVER,
        /** The instance provably did not process it: any call whose body can be replayed may go elsewhere, at once. */
        ALWAYS,
        /** It may have been processed: only an idempotent call may go elsewhere. */
        IF_IDEMPOTENT
    }

    /** What went wrong, as far as limits, throttles and retries care. */
    public enum Trouble {
        /** Nothing. */
        NONE,
        /** No connection: nothing was sent. */
        UNREACHABLE,
        /** 429: the service rejects this caller before it processes. */
        RATE_LIMITED,
        /** 503: the service can not take it. */
        UNAVAILABLE,
        /** The stream was refused before it was processed. */
        REFUSED,
        /** Nothing came in time. */
        TIMED_OUT,
        /** Reset or ended too early, or a gateway says so with 502 or 504. */
        BROKEN,
        /** A pooled connection had been closed before the answer. */
        STALE_CONNECTION,
        /** 500. */
        INTERNAL_ERROR,
        /** The caller gave up. */
        CANCELLED,
        /** Something else, which says nothing about the instance. */
        OTHER;

        /** Whether the service sheds load. */
        public boolean isOverload() {
            return this == RATE_LIMITED || this == UNAVAILABLE || this == REFUSED || this == TIMED_OUT;
        }

        /** Whether the instance has more in flight than it can take. */
        public boolean isDrop() {
            return this == UNAVAILABLE || this == REFUSED || this == TIMED_OUT || this == BROKEN;
        }
    }

    /** The result stands and the instance did well. */
    public static final Verdict SUCCESS = new Verdict(Outcome.SUCCESS, Resend.NEVER, null, Trouble.NONE);

    /** No connection could be made: nothing was sent. */
    public static final Verdict UNREACHABLE =
            new Verdict(Outcome.UNREACHABLE, Resend.ALWAYS, null, Trouble.UNREACHABLE);

    /** The instance refused the call unread, as with an HTTP/2 REFUSED_STREAM: not its failure. */
    public static final Verdict REFUSED = new Verdict(Outcome.IGNORED, Resend.ALWAYS, null, Trouble.REFUSED);

    /** It broke after something was sent: reset, end of stream. */
    public static final Verdict BROKEN = new Verdict(Outcome.FAILURE, Resend.IF_IDEMPOTENT, null, Trouble.BROKEN);

    /** Something was sent and no answer came in time. */
    public static final Verdict TIMED_OUT = new Verdict(Outcome.FAILURE, Resend.IF_IDEMPOTENT, null, Trouble.TIMED_OUT);

    /** A pooled connection was dead before the answer: that it had been closed is no failure of the instance. */
    public static final Verdict STALE_CONNECTION =
            new Verdict(Outcome.IGNORED, Resend.IF_IDEMPOTENT, null, Trouble.STALE_CONNECTION);

    /** The caller gave up: nobody's fault. */
    public static final Verdict CANCELLED = new Verdict(Outcome.IGNORED, Resend.NEVER, null, Trouble.CANCELLED);

    /** It says nothing about the instance, and stands: a bug on this side, an answer that can not be decoded. */
    public static final Verdict UNKNOWN = new Verdict(Outcome.IGNORED, Resend.NEVER, null, Trouble.OTHER);

    /** Cuts {@code retryAfter} to 30 s; a negative one is none. */
    public Verdict {
        retryAfter = bounded(retryAfter);
    }

    /** Without a kind of trouble: none for a success, {@link Trouble#OTHER} else. */
    public Verdict(Outcome outcome, Resend resend, @Nullable Duration retryAfter) {
        this(outcome, resend, retryAfter, outcome == Outcome.SUCCESS ? Trouble.NONE : Trouble.OTHER);
    }

    /**
     * For an HTTP status: 502, 503 and 504 are failures that an idempotent call may retry; 500 is a failure and stands
     * (it is usually deterministic); 429 is overload, 408 and 421 are nobody's fault, all three retried if idempotent;
     * every other status is a success of the instance, also 501 and 505.
     *
     * @param retryAfter the parsed {@code Retry-After}, or null; cut to 30 s
     */
    public static Verdict ofStatus(int status, @Nullable Duration retryAfter) {
        if (status < 400) {
            return SUCCESS;
        }
        return switch (status) {
            case 502, 504 -> new Verdict(Outcome.FAILURE, Resend.IF_IDEMPOTENT, retryAfter, Trouble.BROKEN);
            case 503 -> new Verdict(Outcome.FAILURE, Resend.IF_IDEMPOTENT, retryAfter, Trouble.UNAVAILABLE);
            case 500 -> new Verdict(Outcome.FAILURE, Resend.NEVER, null, Trouble.INTERNAL_ERROR);
            case 429 -> new Verdict(Outcome.IGNORED, Resend.IF_IDEMPOTENT, retryAfter, Trouble.RATE_LIMITED);
            case 408, 421 -> new Verdict(Outcome.IGNORED, Resend.IF_IDEMPOTENT, retryAfter, Trouble.OTHER);
            default -> SUCCESS;
        };
    }

    /**
     * For what a client throws, by its type: refused, unroutable and unknown addresses were never sent; timeouts and other
     * {@link IOException}s may have been; anything else says nothing about the instance and stands. A client that knows
     * more, such as whether a byte was sent, does better.
     */
    public static Verdict ofFailure(Throwable failure) {
        if (failure instanceof ConnectException
                || failure instanceof NoRouteToHostException
                || failure instanceof UnknownHostException
                || failure instanceof UnresolvedAddressException) {
            return UNREACHABLE;
        }
        if (failure instanceof SocketTimeoutException || failure instanceof TimeoutException) {
            return TIMED_OUT;
        }
        if (failure instanceof InterruptedIOException || failure instanceof CancellationException) {
            return CANCELLED;
        }
        return failure instanceof IOException ? BROKEN : UNKNOWN;
    }

    /** Whether an answer is worth having, so that nothing better need be waited for. */
    public boolean isUsable() {
        return outcome == Outcome.SUCCESS;
    }

    private static @Nullable Duration bounded(@Nullable Duration asked) {
        if (asked == null || asked.isNegative()) {
            return null;
        }
        return asked.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : asked;
    }
}
