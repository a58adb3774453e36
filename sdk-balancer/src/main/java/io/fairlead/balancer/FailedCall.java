// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

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
