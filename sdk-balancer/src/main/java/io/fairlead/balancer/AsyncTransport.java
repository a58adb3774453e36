// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.concurrent.CompletionStage;

/**
 * How a client sends one attempt without waiting. As a lambda: {@code attempt -> client.sendAsync(request(attempt), …)}.
 * Called by one thread at a time, not always the same; must not block.
 *
 * @param <R> the client's response
 */
@FunctionalInterface
public interface AsyncTransport<R> extends Judge<R> {
    /**
     * Sends the call to the attempt's instance. The stage is cancelled, as a future, when its result is no longer wanted.
     */
    CompletionStage<R> send(Attempt attempt);
}
