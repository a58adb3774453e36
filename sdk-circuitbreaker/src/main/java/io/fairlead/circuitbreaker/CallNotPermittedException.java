// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.time.Duration;
import java.util.Locale;

/** A {@link CircuitBreaker} rejected a call. Carries no stack trace, because it is thrown when there is trouble enough. */
public final class CallNotPermittedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String breaker;
    private final CircuitState state;
    private final Duration remaining;

    CallNotPermittedException(String breaker, CircuitState state, Duration remaining) {
        super(null, null, false, false);
        this.breaker = breaker;
        this.state = state;
        this.remaining = remaining;
    }

    /** Name of the breaker. */
    public String breaker() {
        return breaker;
    }

    /** State it was in. */
    public CircuitState state() {
        return state;
    }

    /** Time until it lets a probe through; zero when that is not a matter of time. */
    public Duration remaining() {
        return remaining;
    }

    @Override
    public String getMessage() {
        String wait = remaining.isZero()
                ? ""
                : String.format(Locale.ROOT, ", next probe in %.1f s", remaining.toNanos() / 1e9);
        return "circuit breaker '" + breaker + "' is " + state + " and does not permit this call" + wait;
    }
}
