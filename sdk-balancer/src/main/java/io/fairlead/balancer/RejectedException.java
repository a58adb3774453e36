// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.CallRejectedException;
import java.io.IOException;
import java.time.Duration;

/**
 * A call was rejected on this side by a stage of the attempt pipeline: rate limit, throttle, the service's guard, a
 * concurrency limit, or its deadline. An {@link IOException}, because an HTTP client takes anything else for a crash. Carries no
 * stack trace, because it is thrown when there is trouble enough; the cause has the same message.
 */
public final class RejectedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final CallRejectedException rejection;

    /** Of what the stage said. */
    public RejectedException(CallRejectedException rejection) {
        super(rejection.getMessage(), rejection);
        this.rejection = rejection;
    }

    /** The service called. */
    public String service() {
        return rejection.service();
    }

    /** Which stage rejected it. */
    public CallRejectedException.Stage stage() {
        return rejection.stage();
    }

    /** When a later call can pass; zero when that is not a matter of time. */
    public Duration retryAfter() {
        return rejection.retryAfter();
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
