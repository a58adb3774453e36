// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import org.jspecify.annotations.Nullable;

/**
 * One attempt has ended. An immutable value.
 *
 * @param instance where it went
 * @param number which attempt of its call it was, from 1
 * @param kind why it was made
 * @param outcome what it said about the instance
 * @param status the HTTP status of the response, 0 when there was none or the client does not say
 * @param error what was thrown instead of a response, or null
 * @param latencyNanos until headers or failure, in nanoseconds
 * @param route what routing had to do with it; null when its service has no routes
 */
public record AttemptEvent(
        ServiceInstance instance,
        int number,
        Kind kind,
        Outcome outcome,
        int status,
        @Nullable Exception error,
        long latencyNanos,
        @Nullable RouteFacts route) {

    /** Why an attempt was made. */
    public enum Kind {
        /** The call's first. */
        FIRST,
        /** After one that failed. */
        RETRY,
        /** Beside one that is slow. */
        HEDGE
    }
}
