// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import org.jspecify.annotations.Nullable;

/**
 * How an instance answers one request.
 *
 * @param status of the answer, where there is one
 * @param retryAfter seconds, or -1 for no such header
 * @param size of the body in bytes, about
 * @param target where a redirect leads, or null
 */
record Answer(
        Kind kind,
        int status,
        int retryAfter,
        int size,
        @Nullable Target target) {
    static final Answer OK = new Answer(Kind.WHOLE, 200, -1, 8, null);

    enum Kind {
        WHOLE,
        CHUNKED,
        /** Then the connection is closed without a word. */
        CLOSES,
        /** The headers come in two parts, with a while between them. */
        SLOW,
        TRUNCATED,
        REDIRECT,
        RESET_UNREAD,
        RESET_READ,
        HANGS
    }

    enum Target {
        SAME_SERVICE,
        OTHER_SERVICE,
        OWN_ADDRESS,
        DEAD_PORT,
        UNRESOLVABLE
    }

    /** Whether the instance may rightly be told of as one that failed. */
    boolean mayBeFailure() {
        return switch (kind) {
            case RESET_UNREAD, RESET_READ, HANGS, SLOW -> true;
            default -> status == 500 || status >= 502 && status <= 504;
        };
    }

    /** Whether it may rightly be told of as one that did well. */
    boolean mayBeSuccess() {
        return switch (kind) {
            case RESET_UNREAD, RESET_READ, HANGS -> false;
            default ->
                !(status == 408 || status == 421 || status == 429 || status == 500)
                        && !(status >= 502 && status <= 504);
        };
    }

    /** Whether an OkHttp that nobody guides takes it so, whatever the method. */
    boolean isOrderToSendAgain() {
        return status == 408 || status == 503 && retryAfter == 0;
    }

    boolean isPlain() {
        return (kind == Kind.WHOLE || kind == Kind.CHUNKED) && status < 400;
    }

    @Override
    public String toString() {
        String said = kind == Kind.RESET_UNREAD || kind == Kind.RESET_READ || kind == Kind.HANGS
                ? kind.name()
                : kind + " " + status;
        String where = target == null ? "" : " to " + target;
        return said + where + (retryAfter < 0 ? "" : " Retry-After " + retryAfter);
    }
}
