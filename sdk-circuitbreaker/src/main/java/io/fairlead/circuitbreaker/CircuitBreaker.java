// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.Outcome;
import io.fairlead.api.Ticker;
import io.fairlead.circuitbreaker.SlidingWindow.Totals;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Stops calls to what keeps failing and finds out when it is well again. Usable alone, through {@link #call}, or through
 * the permit methods by whoever measures calls already. Safe for any thread; while closed, acquiring is one volatile read
 * and recording one atomic addition, without lock or allocation.
 *
 * <p>A permit <em>is</em> the stay in the state that granted it. A result that comes after the state changed is late: it
 * is counted as such and decides nothing. Every permit is given back once, whatever happened: success, failure, or
 * {@link Outcome#IGNORED} for what should not be learned from. Time is monotonic and may step back. There is no timer: an
 * open breaker becomes half-open when the first call after the wait asks. States set by an operator
 * ({@link #force}) are left only by an operator.
 */
public final class CircuitBreaker {
    private final String name;
    private final CircuitBreakerConfig config;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final CircuitBreakerListener listener;
    private final TripGate gate;
    private final AtomicReference<Generation> current;
    private final AtomicLong late = new AtomicLong();
    private final AtomicLong suppressed = new AtomicLong();

    /** What became of a result. */
    public enum Recorded {
        /** Counted, or given back uncounted if it was ignored. */
        RECORDED,
        /** Admitted by an earlier state, or given back before: counted only as late. */
        LATE
    }

    CircuitBreaker(
            String name,
            CircuitBreakerConfig config,
            Ticker ticker,
            RandomGenerator random,
            CircuitBreakerListener listener,
            TripGate gate) {
        this.name = name;
        this.config = config;
        this.ticker = ticker;
        this.random = random;
        this.listener = listener;
        this.gate = gate;
        this.current = new AtomicReference<>(closed(0, ticker.nanos()));
    }

    /** A closed breaker on the system's clock. */
    public static CircuitBreaker of(String name, CircuitBreakerConfig config) {
        return of(name, config, CircuitBreakerListener.NONE);
    }

    /** A closed breaker on the system's clock with a listener. */
    public static CircuitBreaker of(String name, CircuitBreakerConfig config, CircuitBreakerListener listener) {
        RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        return of(name, config, listener, Ticker.system(), random);
    }

    /** A closed breaker on a clock and with randomness of the caller's; both must be thread-safe. */
    public static CircuitBreaker of(
            String name,
            CircuitBreakerConfig config,
            CircuitBreakerListener listener,
            Ticker ticker,
            RandomGenerator random) {
        return new CircuitBreaker(name, config, ticker, random, listener, TripGate.OPEN);
    }

    /**
     * Runs {@code task} if the breaker permits. Whatever it throws counts as a failure, {@link InterruptedException}
     * excepted, which is ignored; the exception reaches the caller.
     *
     * @throws CallNotPermittedException when the breaker rejects
     */
    public <T> T call(Callable<T> task) throws Exception {
        long startNanos = ticker.nanos();
        Object permit = acquire(startNanos);
        Outcome outcome = Outcome.FAILURE;
        try {
            T result = task.call();
            outcome = Outcome.SUCCESS;
            return result;
        } catch (InterruptedException interrupted) {
            outcome = Outcome.IGNORED;
            throw interrupted;
        } finally {
            long nowNanos = ticker.nanos();
            release(permit, outcome, nowNanos - startNanos, nowNanos);
        }
    }

    /**
     * A permit.
     *
     * @throws CallNotPermittedException when the breaker rejects
     */
    public Object acquire(long nowNanos) {
        Object permit = tryAcquire(nowNanos);
        if (permit == null) {
            throw new CallNotPermittedException(name, state(), remaining(nowNanos));
        }
        return permit;
    }

    /** A permit, or null when the breaker rejects. Neither way allocates while closed, open or latched. */
    public @Nullable Object tryAcquire(long nowNanos) {
        while (true) {
            Generation now = generation();
            switch (now.state) {
                case CLOSED, DISABLED, METRICS_ONLY -> {
                    return now;
                }
                case FORCED_OPEN -> {
                    now.notPermitted.getAndIncrement();
                    return null;
                }
                case HALF_OPEN -> {
                    Object probe = probesOf(now).tryIssue(now, nowNanos);
                    if (probe == null) {
                        now.notPermitted.getAndIncrement();
                    }
                    return probe;
                }
                case OPEN -> {
                    if (nowNanos - now.untilNanos < 0) {
                        now.notPermitted.getAndIncrement();
                        return null;
                    }
                    // Whoever wins takes the first probe of the new stay like everyone else: by asking it.
                    change(now, halfOpen(now.openings, nowNanos), "the wait is over");
                }
            }
        }
    }

    /** Whether {@link #tryAcquire} would grant a permit. Changes nothing. */
    public boolean isAvailable(long nowNanos) {
        Generation now = generation();
        return switch (now.state) {
            case CLOSED, DISABLED, METRICS_ONLY -> true;
            case FORCED_OPEN -> false;
            case HALF_OPEN -> probesOf(now).isAvailable(nowNanos);
            case OPEN -> nowNanos - now.untilNanos >= 0;
        };
    }

    /**
     * Gives a permit back.
     *
     * @param durationNanos how long the call took, to headers or failure
     */
    public Recorded release(Object permit, Outcome outcome, long durationNanos, long nowNanos) {
        boolean failed = outcome.isFailure();
        boolean slow = durationNanos > config.trip().slowAfter().toNanos();
        if (permit instanceof Probes.Probe probe) {
            return releaseProbe(probe, outcome, failed, slow, nowNanos);
        }
        Generation then = (Generation) permit;
        if (then != generation()) {
            late.getAndIncrement();
            return Recorded.LATE;
        }
        if (outcome != Outcome.IGNORED && then.state != CircuitState.DISABLED) {
            count(then, outcome, slow, nowNanos);
        }
        return Recorded.RECORDED;
    }

    /** The state now. An open breaker whose wait is over still says {@link CircuitState#OPEN} until a call asks. */
    public CircuitState state() {
        return generation().state;
    }

    /** Time until an open breaker lets a probe through; zero in every other case. */
    public Duration remaining(long nowNanos) {
        Generation now = generation();
        return now.state == CircuitState.OPEN
                ? Duration.ofNanos(Math.max(0, now.untilNanos - nowNanos))
                : Duration.ZERO;
    }

    /** Name, for messages. */
    public String name() {
        return name;
    }

    /** What has been counted. Changes nothing, however often it is read. */
    public CircuitBreakerMetrics metrics(long nowNanos) {
        Generation now = generation();
        Totals totals = totals(now, nowNanos);
        boolean enough = totals.calls() >= minimum(now);
        return new CircuitBreakerMetrics(
                enough ? 100.0 * totals.failed() / totals.calls() : -1,
                enough ? 100.0 * totals.slow() / totals.calls() : -1,
                totals.calls(),
                totals.failed(),
                totals.slow(),
                now.notPermitted.get(),
                late.get(),
                suppressed.get());
    }

    /**
     * Sets a state by hand: a latch ({@code FORCED_OPEN}, {@code DISABLED}, {@code METRICS_ONLY}) until the next call of
     * this or {@link #reset}, or an automatic state from which the breaker goes on by itself. Setting the state it is in
     * changes nothing.
     *
     * @throws IllegalArgumentException for HALF_OPEN from anywhere but OPEN: there would be nothing to probe
     */
    public void force(CircuitState wanted) {
        while (true) {
            Generation now = generation();
            if (now.state == wanted) {
                return;
            }
            if (wanted == CircuitState.HALF_OPEN && now.state != CircuitState.OPEN) {
                throw new IllegalArgumentException("state: HALF_OPEN from " + now.state + " (expected: from OPEN)");
            }
            long nowNanos = ticker.nanos();
            Generation next = switch (wanted) {
                case CLOSED -> closed(0, nowNanos);
                case OPEN -> open(1, nowNanos, openNanos(1));
                case HALF_OPEN -> halfOpen(now.openings, nowNanos);
                default -> new Generation(wanted, 0, nowNanos, 0, null);
            };
            if (change(now, next, "by hand")) {
                return;
            }
        }
    }

    /**
     * Opens for a given time, as after a {@code Retry-After}; an open breaker is only ever extended. Latches stay.
     */
    public void openFor(Duration time) {
        while (true) {
            Generation now = generation();
            long nowNanos = ticker.nanos();
            long untilNanos = nowNanos + time.toNanos();
            boolean longerAlready = now.state == CircuitState.OPEN && now.untilNanos - untilNanos >= 0;
            if (!now.state.isAutomatic() || longerAlready) {
                return;
            }
            boolean mayOpen = now.state != CircuitState.CLOSED || gate.mayTrip("asked to wait");
            if (!mayOpen || change(now, open(now.openings + 1, nowNanos, time.toNanos()), "asked to wait " + time)) {
                return;
            }
        }
    }

    /** Closed and empty, from whatever state. */
    public void reset() {
        while (true) {
            Generation now = generation();
            if (change(now, closed(0, ticker.nanos()), "reset")) {
                return;
            }
        }
    }

    /** A vote from outside: opens as if its own counts had said so, when the gate allows. Open and latched ones stay. */
    void trip(String reason, long nowNanos) {
        Generation now = generation();
        switch (now.state) {
            case CLOSED, METRICS_ONLY -> trip(now, reason, nowNanos);
            case HALF_OPEN -> {
                int openings = now.openings + 1;
                change(now, open(openings, nowNanos, openNanos(openings)), reason);
            }
            case OPEN, FORCED_OPEN, DISABLED -> {}
        }
    }

    private Recorded releaseProbe(Probes.Probe probe, Outcome outcome, boolean failed, boolean slow, long nowNanos) {
        Generation then = probe.generation;
        Probes probes = probesOf(then);
        if (then != generation()) {
            late.getAndIncrement();
            return Recorded.LATE;
        }
        if (outcome == Outcome.IGNORED) {
            return given(probes.giveBack(probe));
        }
        Totals totals = probes.count(probe, failed, slow);
        if (totals != null) {
            decide(then, totals, nowNanos);
        }
        return given(totals != null);
    }

    private Recorded given(boolean back) {
        if (!back) {
            late.getAndIncrement();
        }
        return back ? Recorded.RECORDED : Recorded.LATE;
    }

    private void count(Generation then, Outcome outcome, boolean slow, long nowNanos) {
        boolean worthJudging = then.window(config.window()).record(outcome.isFailure(), slow, nowNanos);
        String reason = inARow(then, outcome);
        if (reason == null && worthJudging) {
            reason = judge(totals(then, nowNanos), minimum(then));
        }
        if (reason != null) {
            trip(then, reason, nowNanos);
        }
    }

    private @Nullable String inARow(Generation then, Outcome outcome) {
        if (!outcome.isFailure()) {
            if (then.failuresInARow.get() != 0) {
                then.failuresInARow.set(0);
                then.refusedInARow.set(0);
            }
            return null;
        }
        CircuitBreakerConfig.Trip trip = config.trip();
        int failures = then.failuresInARow.incrementAndGet();
        int refused = outcome == Outcome.UNREACHABLE ? then.refusedInARow.incrementAndGet() : 0;
        if (trip.consecutiveRefused() > 0 && refused >= trip.consecutiveRefused()) {
            return refused + " refused connections in a row";
        }
        return trip.consecutiveFailures() > 0 && failures >= trip.consecutiveFailures()
                ? failures + " failures in a row"
                : null;
    }

    /** Why these totals are too bad, or null. Integers only: a rate is at its threshold or it is not. */
    private @Nullable String judge(Totals totals, int minimum) {
        CircuitBreakerConfig.Trip trip = config.trip();
        if (totals.calls() < minimum) {
            return null;
        }
        if (totals.failed() * 100L >= (long) trip.failureRate() * totals.calls()) {
            return totals.failed() + " of " + totals.calls() + " calls failed";
        }
        return totals.slow() > 0 && totals.slow() * 100L >= (long) trip.slowRate() * totals.calls()
                ? totals.slow() + " of " + totals.calls() + " calls were slow"
                : null;
    }

    private void trip(Generation then, String reason, long nowNanos) {
        if (then.state == CircuitState.METRICS_ONLY) {
            if (then.announced.compareAndSet(false, true)) {
                tell(() -> listener.onThresholdExceeded(name, reason));
            }
            return;
        }
        if (then != generation()) {
            return;
        }
        if (!gate.mayTrip(reason)) {
            suppressed.getAndIncrement();
            if (then.announced.compareAndSet(false, true)) {
                tell(() -> listener.onTripSuppressed(name, reason));
            }
            return;
        }
        // It must have stayed well for as long as it looks back before its past is forgotten.
        int openings = nowNanos - then.sinceNanos >= sustainedNanos() ? 1 : then.openings + 1;
        if (!change(then, open(openings, nowNanos, openNanos(openings)), reason) && state() == CircuitState.CLOSED) {
            gate.closed("another thread closed it");
        }
    }

    private void decide(Generation then, Totals totals, long nowNanos) {
        CircuitBreakerConfig.HalfOpen halfOpen = config.halfOpen();
        boolean complete = totals.calls() >= halfOpen.calls();
        String reason = judge(complete ? totals : asIfAllElseSucceeded(totals), halfOpen.calls());
        if (reason != null && (complete || halfOpen.early())) {
            int openings = then.openings + 1;
            change(then, open(openings, nowNanos, openNanos(openings)), "probes: " + reason);
        } else if (reason == null
                && (complete || halfOpen.early() && judge(asIfAllElseFailed(totals), halfOpen.calls()) == null)) {
            change(then, closed(then.openings, nowNanos), "probes succeeded");
        }
    }

    private Totals asIfAllElseSucceeded(Totals totals) {
        return new Totals(config.halfOpen().calls(), totals.failed(), totals.slow());
    }

    private Totals asIfAllElseFailed(Totals totals) {
        int missing = config.halfOpen().calls() - totals.calls();
        return new Totals(config.halfOpen().calls(), totals.failed() + missing, totals.slow() + missing);
    }

    private boolean change(Generation from, Generation to, String reason) {
        if (!current.compareAndSet(from, to)) {
            return false;
        }
        if (from.state != to.state) {
            if (to.state == CircuitState.CLOSED || !to.state.isAutomatic()) {
                gate.closed(reason);
            }
            tell(() -> listener.onTransition(name, from.state, to.state, reason));
        }
        return true;
    }

    private void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException listenersOwn) {
            // Documented: what a listener throws is dropped; the breaker must work on.
            return;
        }
    }

    private Totals totals(Generation generation, long nowNanos) {
        Probes probes = generation.probes;
        if (probes != null) {
            return probes.totals();
        }
        SlidingWindow window = generation.windowOrNull();
        return window == null ? Totals.NONE : window.totals(nowNanos);
    }

    private int minimum(Generation generation) {
        if (generation.state == CircuitState.HALF_OPEN) {
            return config.halfOpen().calls();
        }
        int minimum = config.trip().minimumCalls();
        return config.window().isTime()
                ? minimum
                : Math.min(minimum, config.window().size());
    }

    private long openNanos(int openings) {
        CircuitBreakerConfig.Open open = config.open();
        long base = open.base().toNanos();
        long cap = open.cap().toNanos();
        int doublings = Math.min(openings - 1, 32);
        long nanos = base > cap >> doublings ? cap : base << doublings;
        double factor = 1 + open.jitter() / 100.0 * (2 * random.nextDouble() - 1);
        return open.jitter() == 0 ? nanos : (long) (nanos * factor);
    }

    private long sustainedNanos() {
        CircuitBreakerConfig.Window window = config.window();
        return window.isTime()
                ? window.size() * window.bucket().toNanos()
                : config.open().base().toNanos();
    }

    private Generation generation() {
        return Objects.requireNonNull(current.get());
    }

    private static Probes probesOf(Generation generation) {
        return Objects.requireNonNull(generation.probes);
    }

    private static Generation closed(int openings, long nowNanos) {
        return new Generation(CircuitState.CLOSED, openings, nowNanos, 0, null);
    }

    private static Generation open(int openings, long nowNanos, long nanos) {
        return new Generation(CircuitState.OPEN, openings, nowNanos, nowNanos + nanos, null);
    }

    private Generation halfOpen(int openings, long nowNanos) {
        return new Generation(CircuitState.HALF_OPEN, openings, nowNanos, 0, new Probes(config.halfOpen()));
    }
}
