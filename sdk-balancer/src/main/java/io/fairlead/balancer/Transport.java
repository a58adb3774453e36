// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.io.IOException;
import java.time.Duration;

/**
 * How a client sends one attempt and waits for its answer. As a lambda: {@code attempt -> client.get(attempt.instance())}.
 * Used by the calling thread only, unless hedging is on and {@link #isConcurrent}.
 *
 * @param <R> the client's response
 */
@FunctionalInterface
public interface Transport<R> extends Judge<R> {
    /** Sends the call to the attempt's instance and returns at the response headers, or later. */
    R send(Attempt attempt) throws IOException;

    /**
     * The call has less time than it asked for, because a rule or the options of its service say so. Told at most once, before
     * the first attempt, so that one that is under way ends in time. Does nothing by default: then it ends when the client's
     * own timeouts end it, and nothing is sent after it. Not told where hedging applies: there {@link #abort} ends it.
     *
     * @param left from now until the end of the call
     */
    default void within(Duration left) {}

    /** Whether the caller gave up, so that nothing more is sent. False by default. */
    default boolean isCancelled() {
        return false;
    }

    /**
     * Whether two attempts of one call may be sent by two threads at once, neither of them the caller's, so that the call
     * can be hedged. True by default; asked only where hedging is on.
     */
    default boolean isConcurrent() {
        return true;
    }

    /** Stops an attempt that another one has overtaken; its thread is interrupted too. Does nothing by default. */
    default void abort(Attempt attempt) {}
}
