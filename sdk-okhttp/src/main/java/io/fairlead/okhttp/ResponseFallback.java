// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.Fallback.FailedCall;
import java.io.IOException;
import okhttp3.Request;
import okhttp3.Response;

/** What to answer to a request when its call has failed for good. Called on the caller's thread or a worker. */
@FunctionalInterface
public interface ResponseFallback {
    /**
     * The answer; {@code failed} carries the failure or the last response, which may be handed on. What this throws is
     * suppressed in the original failure.
     */
    Response answer(Request request, FailedCall<Response> failed) throws IOException;
}
