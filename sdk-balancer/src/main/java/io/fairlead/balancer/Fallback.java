// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What to answer when a call has failed for good: no instance, rejected on this side, out of time, or still failing after
 * its last attempt. Not asked when the caller cancelled, nor for 4xx responses. Its answer is counted as a fallback, never
 * as a success of the service.
 *
 * <p>An answer from somewhere else, a cache or a constant. Calling the same service again from here defeats the guards.
 *
 * @param <R> the client's response
 */
@FunctionalInterface
public interface Fallback<R> {
    /**
     * The answer; within {@link FailedCall#remaining}. What it throws is added to the original failure as suppressed, and
     * that is thrown; or the failed response is returned as it is.
     */
    R answer(FailedCall<R> failed) throws IOException;

    /**
     * A call that has failed, as its fallback sees it.
     *
     * @param spec what was called
     * @param cause what it failed with; null when it ended with a response
     * @param response the last response, open for as long as the fallback runs; null when it ended with an exception
     * @param attempts how many attempts were made, 0 when it was rejected before the first
     * @param remaining time left before the deadline, never negative; null without a deadline
     * @param <R> the client's response
     */
    public record FailedCall<R>(
            CallSpec spec,
            @Nullable Exception cause,
            @Nullable R response,
            int attempts,
            @Nullable Duration remaining) {}
}
