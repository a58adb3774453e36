// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import java.time.Duration;
import java.util.Locale;

/**
 * A call was ended on this side, by a stage of the attempt pipeline rather than by an instance. Never counted against an
 * instance. Carries no stack trace, because it is thrown when there is trouble enough.
 */
public final class CallRejectedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Which stage said no, from the outside in. */
    public enum Stage {
        /** The call's time was over. */
        DEADLINE,
        /** More calls than the rate limit allows. */
        RATE_LIMIT,
        /** The service sheds load, so a part of the calls is not even sent. */
        THROTTLE,
        /** The service's guard, a circuit breaker, is open. */
        SERVICE_GUARD,
        /** Every instance that could take the call has as many in flight as its limit allows. */
        CONCURRENCY_LIMIT
    }

    private final String service;
    private final Stage stage;
    private final Duration retryAfter;
    private final int attempts;

    /**
     * For a call to {@code service} of which nothing was sent.
     *
     * @param detail what was found and what was allowed
     * @param retryAfter when a later call can pass; zero when that is not a matter of time
     */
    public CallRejectedException(String service, Stage stage, String detail, Duration retryAfter) {
        this(service, stage, detail, retryAfter, 0);
    }

    /**
     * For a call to {@code service}.
     *
     * @param detail what was found and what was allowed
     * @param retryAfter when a later call can pass; zero when that is not a matter of time
     * @param attempts how many were begun before
     */
    public CallRejectedException(String service, Stage stage, String detail, Duration retryAfter, int attempts) {
        super(detail, null, true, false);
        this.service = service;
        this.stage = stage;
        this.retryAfter = retryAfter;
        this.attempts = attempts;
    }

    /** The service called. */
    public String service() {
        return service;
    }

    /** Which stage rejected it. */
    public Stage stage() {
        return stage;
    }

    /** When a later call can pass; zero when that is not a matter of time. */
    public Duration retryAfter() {
        return retryAfter;
    }

    /** How many attempts the call had begun; 0 says that no instance had to do with it. Above 0 only for {@link Stage#DEADLINE}. */
    public int attempts() {
        return attempts;
    }

    @Override
    public String getMessage() {
        String when = retryAfter.isZero()
                ? ""
                : String.format(
                        Locale.ROOT, "; try again in %.3f s", retryAfter.getSeconds() + retryAfter.getNano() / 1e9);
        return "call to '" + service + "' rejected by " + stage + ": " + super.getMessage() + when;
    }
}
