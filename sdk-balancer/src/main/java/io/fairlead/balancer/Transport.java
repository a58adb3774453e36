// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.io.IOException;

/**
 * What one HTTP client must tell the attempt pipeline. Used by the calling thread only.
 *
 * @param <R> the client's response
 */
public interface Transport<R> {
    /**
     * Sends the call to the attempt's instance and returns at the response headers. The pipeline completes the attempt;
     * the transport must see that {@link Attempt#close} is called when the body of a returned response is closed.
     */
    R send(Attempt attempt) throws IOException;

    /** What a response means. */
    Verdict judge(R response);

    /** What a failure means. */
    Verdict judge(IOException failure);

    /** Closes a response that will not be used. */
    void discard(R response);

    /** Whether the caller gave up, so that nothing more is sent. */
    default boolean isCancelled() {
        return false;
    }
}
