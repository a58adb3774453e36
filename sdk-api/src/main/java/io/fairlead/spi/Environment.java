// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.CallEvent;
import io.fairlead.api.EventListener;
import io.fairlead.api.Ticker;
import io.fairlead.spi.kit.SystemThreads;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * What the host lends to a registry or a balancer. An immutable value; every part is safe for any thread.
 *
 * @param ticker the only source of time
 * @param scheduler runs short tasks later; nothing may block on it
 * @param executor runs tasks that may block on a registry or in a user's callback
 * @param random the only source of randomness; must be thread-safe
 * @param listener hears what happens
 */
public record Environment(
        Ticker ticker,
        ScheduledExecutorService scheduler,
        Executor executor,
        RandomGenerator random,
        EventListener listener) {

    /**
     * Rejects nulls and isolates the listener: what it throws never reaches the caller. A ticker that is set back by
     * seconds or more goes on from where it was.
     */
    public Environment {
        ticker = SteadyTicker.of(Objects.requireNonNull(ticker, "ticker"));
        Objects.requireNonNull(scheduler, "scheduler");
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(random, "random");
        listener = IsolatedListener.of(Objects.requireNonNull(listener, "listener"));
    }

    /**
     * The system's clock and randomness, and daemon threads of its own that end by themselves when idle, so there is
     * nothing to close. Each call makes a new one. Its listeners are those that the class path brings, as {@code fairlead-balancer}
     * brings one that writes a log; {@link #withListener} takes their place.
     */
    public static Environment system() {
        return new Environment(
                Ticker.system(),
                SystemThreads.scheduler(),
                SystemThreads.executor(),
                SystemThreads.random(),
                FoundListeners.ALL);
    }

    /** Whether an {@link AttemptEvent} would reach anybody. */
    public boolean hearsAttempts() {
        return IsolatedListener.hearsAttempts(listener);
    }

    /** Whether a {@link CallEvent} would reach anybody. */
    public boolean hearsCalls() {
        return IsolatedListener.hearsCalls(listener);
    }

    /** This environment with one more event listener, which is told after those there are. */
    public Environment andListener(EventListener more) {
        return withListener(IsolatedListener.both(listener, Objects.requireNonNull(more, "listener")));
    }

    /** This environment with another event listener. */
    public Environment withListener(EventListener other) {
        return new Environment(ticker, scheduler, executor, random, other);
    }
}
