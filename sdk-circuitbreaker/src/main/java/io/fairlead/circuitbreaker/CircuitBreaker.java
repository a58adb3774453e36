// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.Outcome;
import io.fairlead.api.Ticker;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stops calls to what keeps failing and finds out when it is well again. Usable alone, through {@link #call} and
 * {@link #callAsync}, or through the permit methods by whoever measures calls already. Safe for any thread; while closed,
 * acquiring is one volatile read and recording one atomic addition, without lock or allocation.
 *
 * <p>A permit <em>is</em> the stay in the state that granted it. A result that comes after the state changed is late: it
 * is counted as such and decides nothing. Every permit is given back once, whatever happened: success, failure, or
 * {@link Outcome#IGNORED} for what should not be learned from. Time is monotonic nanoseconds of the breaker's ticker and
 * may step back. There is no timer: an open breaker becomes half-open when the first call after the wait asks. States set
 * by an operator ({@link #force}) are left only by an operator.
 *
 * <p>Not for a service behind which one bad shard is a small part of the calls: it would close all of it. There, one
 * breaker per instance, or {@link CircuitState#METRICS_ONLY}.
 */
public final class CircuitBreaker {
    private final Circuit circuit;
    private final Ticker ticker;
    private final Classification classification;

    /** What became of a result. */
    public enum Recorded {
        /** Counted, or given back uncounted if it was ignored. */
        RECORDED,
        /** Admitted by an earlier state, or given back before: counted only as late. */
        LATE
    }

    CircuitBreaker(Circuit circuit, Ticker ticker, Classification classification) {
        this.circuit = circuit;
        this.ticker = ticker;
        this.classification = classification;
    }

    /** A closed breaker on the system's clock. */
    public static CircuitBreaker of(String name, CircuitBreakerConfig config) {
        return builder(name).config(config).build();
    }

    /** For a breaker of this name, which messages and events carry. */
    public static CircuitBreakerBuilder builder(String name) {
        return new CircuitBreakerBuilder(name);
    }

    /**
     * Runs {@code task} if the breaker permits, and classifies what it returns or throws, which reaches the caller in any
     * case.
     *
     * @throws CallNotPermittedException when the breaker rejects
     */
    public <T extends @Nullable Object> T call(Callable<T> task) throws Exception {
        long startNanos = ticker.nanos();
        Object permit = acquire(startNanos);
        T result;
        try {
            result = task.call();
        } catch (Throwable thrown) {
            end(permit, startNanos, null, thrown);
            throw thrown;
        }
        end(permit, startNanos, result, null);
        return result;
    }

    /**
     * Starts {@code task} if the breaker permits, and classifies how its stage ends. What the task throws, and the
     * rejection, arrive through the future too. A caller that cancels the future cancels the stage, if it is a future, and
     * is not learned from.
     */
    public <T extends @Nullable Object> CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<T>> task) {
        long startNanos = ticker.nanos();
        Object permit = tryAcquire(startNanos);
        return permit == null
                ? CompletableFuture.failedFuture(rejection(startNanos))
                : new PendingCall<T>(this, permit, startNanos).start(task);
    }

    /** Gives a permit back with the meaning of a call's end; a classifier that throws learns nothing and is counted. */
    void end(Object permit, long startNanos, @Nullable Object result, @Nullable Throwable thrown) {
        Outcome outcome = Outcome.IGNORED;
        try {
            outcome = classification.classify(result, thrown);
        } catch (Throwable classifiersOwn) {
            // Documented: the call's own end reaches the caller, not this.
            circuit.notices.count(Incident.CLASSIFIER_ERROR);
        } finally {
            long nowNanos = ticker.nanos();
            circuit.release(permit, outcome, nowNanos - startNanos, nowNanos);
        }
    }

    /**
     * A permit.
     *
     * @throws CallNotPermittedException when the breaker rejects
     */
    public Object acquire(long nowNanos) {
        Object permit = circuit.tryAcquire(nowNanos);
        if (permit == null) {
            throw rejection(nowNanos);
        }
        return permit;
    }

    private CallNotPermittedException rejection(long nowNanos) {
        return new CallNotPermittedException(name(), state(), remaining(nowNanos));
    }

    /**
     * A permit, or null when the breaker rejects. Neither way allocates while closed, open or latched, unless calls in
     * flight are counted.
     */
    public @Nullable Object tryAcquire(long nowNanos) {
        return circuit.tryAcquire(nowNanos);
    }

    /** Whether {@link #tryAcquire} would grant a permit. Changes nothing. */
    public boolean isAvailable(long nowNanos) {
        return circuit.current().isAvailable(nowNanos);
    }

    /**
     * Gives a permit back.
     *
     * @param durationNanos how long the call took, to headers or failure
     */
    public Recorded release(Object permit, Outcome outcome, long durationNanos, long nowNanos) {
        return circuit.release(permit, outcome, durationNanos, nowNanos);
    }

    /** Gives a permit back as if it had never been taken: the call was not made, or its caller gave it up. */
    public Recorded cancel(Object permit) {
        return circuit.release(permit, Outcome.IGNORED, 0, 0);
    }

    /** The state now. An open breaker whose wait is over still says {@link CircuitState#OPEN} until a call asks. */
    public CircuitState state() {
        return circuit.current().state;
    }

    /** Time until an open breaker lets a probe through; zero in every other case. */
    public Duration remaining(long nowNanos) {
        return circuit.current() instanceof Waiting waiting
                ? Duration.ofNanos(waiting.remainingNanos(nowNanos))
                : Duration.ZERO;
    }

    /** Name, for messages. */
    public String name() {
        return circuit.notices.name;
    }

    /** What has been counted. Changes nothing, however often it is read. */
    public CircuitBreakerMetrics metrics(long nowNanos) {
        return CircuitBreakerMetrics.of(circuit, nowNanos);
    }

    /**
     * Sets a state by hand: a latch ({@code FORCED_OPEN}, {@code DISABLED}, {@code METRICS_ONLY}) until the next call of
     * this or {@link #reset}, or an automatic state from which the breaker goes on by itself. Setting the state it is in
     * changes nothing.
     *
     * @throws IllegalArgumentException for HALF_OPEN from anywhere but OPEN: there would be nothing to probe
     */
    public void force(CircuitState wanted) {
        operator().force(wanted);
    }

    /** Opens for this long, whatever the configured times; an open breaker is only ever extended. Latches stay. */
    public void openFor(Duration time) {
        operator().openFor(CircuitBreakerConfig.requirePositive("open time", time));
    }

    /** Opens until this moment of the breaker's ticker, in nanoseconds, as {@link #openFor} does; nothing if it is past. */
    public void openUntil(long untilNanos) {
        long nanos = untilNanos - ticker.nanos();
        if (nanos > 0) {
            openFor(Duration.ofNanos(nanos));
        }
    }

    /**
     * What a server said in {@code Retry-After}, after the result that came with it was given back: an open breaker waits
     * at least that long, never less than it would have, and at most the configured cap. In other states it does nothing.
     */
    public void retryAfter(Duration hint) {
        operator().retryAfter(hint);
    }

    /** Closed and empty, from whatever state. */
    public void reset() {
        operator().reset();
    }

    /** Goes on under another configuration, closed and with nothing carried over; an operator's latch stays. */
    public void reconfigure(CircuitBreakerConfig config) {
        operator().reconfigure(new BreakerRules(config));
    }

    private Operator operator() {
        return new Operator(circuit, ticker.nanos());
    }
}
