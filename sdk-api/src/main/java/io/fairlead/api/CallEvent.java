// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import org.jspecify.annotations.Nullable;

/**
 * One call has ended, as its caller sees it. An immutable value.
 *
 * @param service the service called
 * @param result how it ended
 * @param attempts how many attempts were begun
 * @param nanos from the call to the headers or the failure it ended with, in nanoseconds, with whatever it waited for on this side
 * @param status the HTTP status of the response it ended with, 0 when there was none or the client does not say
 * @param error what its caller was thrown, or null
 */
public record CallEvent(
        String service,
        Result result,
        int attempts,
        long nanos,
        int status,
        @Nullable Throwable error) {

    /** How a call ended. */
    public enum Result {
        /** With a response that is the service's answer; a 404 is one. */
        SUCCESS,
        /** With an error of the last attempt: a failed response, or an exception after at least one attempt. */
        FAILURE,
        /** A stage of the pipeline ended it before any attempt. */
        REJECTED,
        /** There was no instance for its first attempt. */
        NO_INSTANCE,
        /** A fallback answered. */
        FALLBACK,
        /** Its caller gave up. */
        CANCELLED
    }
}
