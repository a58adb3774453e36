// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt's end means: for the instance, and for sending the call again. An immutable value.
 *
 * @param outcome what the instance learns
 * @param resend whether the call may go to another instance
 * @param retryAfter how long the server asked to wait, or null
 */
public record Verdict(
        Outcome outcome, Resend resend, @Nullable Duration retryAfter) {
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

    /** The result stands and the instance did well. */
    public static final Verdict SUCCESS = new Verdict(Outcome.SUCCESS, Resend.NEVER, null);

    /** No connection could be made: nothing was sent. */
    public static final Verdict UNREACHABLE = new Verdict(Outcome.UNREACHABLE, Resend.ALWAYS, null);

    /** The instance refused the call unread, as with an HTTP/2 REFUSED_STREAM: not its failure. */
    public static final Verdict REFUSED = new Verdict(Outcome.IGNORED, Resend.ALWAYS, null);

    /** It broke after something was sent: reset, end of stream, timeout. */
    public static final Verdict BROKEN = new Verdict(Outcome.FAILURE, Resend.IF_IDEMPOTENT, null);

    /** A pooled connection was dead before the answer: that it had been closed is no failure of the instance. */
    public static final Verdict STALE_CONNECTION = new Verdict(Outcome.IGNORED, Resend.IF_IDEMPOTENT, null);

    /** The caller gave up: nobody's fault. */
    public static final Verdict CANCELLED = new Verdict(Outcome.IGNORED, Resend.NEVER, null);

    /**
     * For an HTTP status: 502, 503 and 504 are failures that an idempotent call may retry; 500 is a failure and stands
     * (it is usually deterministic); 429 is overload, 408 and 421 are nobody's fault, all three retried if idempotent;
     * every other status is a success of the instance, also 501 and 505.
     *
     * @param retryAfter the parsed {@code Retry-After}, or null; cut to 30 s
     */
    public static Verdict ofStatus(int status, @Nullable Duration retryAfter) {
        return switch (status) {
            case 502, 503, 504 -> new Verdict(Outcome.FAILURE, Resend.IF_IDEMPOTENT, bounded(retryAfter));
            case 500 -> new Verdict(Outcome.FAILURE, Resend.NEVER, null);
            case 429, 408, 421 -> new Verdict(Outcome.IGNORED, Resend.IF_IDEMPOTENT, bounded(retryAfter));
            default -> SUCCESS;
        };
    }

    private static @Nullable Duration bounded(@Nullable Duration asked) {
        if (asked == null || asked.isNegative()) {
            return null;
        }
        return asked.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : asked;
    }
}
