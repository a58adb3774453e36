// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.io.IOException;

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
