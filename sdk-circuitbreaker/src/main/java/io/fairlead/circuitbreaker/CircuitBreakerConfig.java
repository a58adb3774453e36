// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.time.Duration;
import java.util.Objects;

/**
 * When a {@link CircuitBreaker} trips, for how long, and how it comes back. An immutable value; start from
 * {@link #defaults()} or {@link #perInstance()} and change parts with the {@code with…} methods.
 *
 * @param window which calls are looked at
 * @param trip what makes it open
 * @param open how long it stays open
 * @param halfOpen how it is probed
 */
public record CircuitBreakerConfig(Window window, Trip trip, Open open, HalfOpen halfOpen) {
    /** Refuses null for any part. */
    public CircuitBreakerConfig {
        Objects.requireNonNull(window, "window: null (expected: a Window)");
        Objects.requireNonNull(trip, "trip: null (expected: a Trip)");
        Objects.requireNonNull(open, "open: null (expected: an Open)");
        Objects.requireNonNull(halfOpen, "halfOpen: null (expected: a HalfOpen)");
    }

    /** For use alone: 10 × 1 s, 20 calls, half of them failed, open 5 s doubling to 60 s ± 20 %, three probes. */
    public static CircuitBreakerConfig defaults() {
        return new CircuitBreakerConfig(
                Window.time(10, Duration.ofSeconds(1)),
                new Trip(20, 50, 100, Duration.ZERO, 0, 0, false),
                new Open(Duration.ofSeconds(5), Duration.ofSeconds(60), 2, 20),
                HalfOpen.of(3, 3, false, Duration.ofSeconds(30)));
    }

    /** For one instance: the same, or five failures or two refused connections in a row; one probe at a time, two in all. */
    public static CircuitBreakerConfig perInstance() {
        CircuitBreakerConfig alone = defaults();
        return alone.withTrip(alone.trip.consecutive(5, 2))
                .withHalfOpen(HalfOpen.of(2, 1, true, Duration.ofSeconds(30)));
    }

    /** This configuration with another window. */
    public CircuitBreakerConfig withWindow(Window value) {
        return new CircuitBreakerConfig(value, trip, open, halfOpen);
    }

    /** This configuration with another rule for tripping. */
    public CircuitBreakerConfig withTrip(Trip value) {
        return new CircuitBreakerConfig(window, value, open, halfOpen);
    }

    /** This configuration with another open time. */
    public CircuitBreakerConfig withOpen(Open value) {
        return new CircuitBreakerConfig(window, trip, value, halfOpen);
    }

    /** This configuration with another way of probing. */
    public CircuitBreakerConfig withHalfOpen(HalfOpen value) {
        return new CircuitBreakerConfig(window, trip, open, value);
    }

    /**
     * Which calls are looked at: the last {@code size} ones, or those of the last {@code size} buckets of time.
     *
     * @param size calls (1 to 100,000) or buckets (1 to 120)
     * @param bucket length of a bucket, 10 ms to 1 h; zero for a window of calls
     */
    public record Window(int size, Duration bucket) {
        /** Validates both. */
        public Window {
            boolean time = !bucket.isZero();
            requireRange(time ? "window buckets" : "window calls", size, 1, time ? 120 : 100_000);
            if (time && (bucket.compareTo(Duration.ofMillis(10)) < 0 || bucket.compareTo(Duration.ofHours(1)) > 0)) {
                throw new IllegalArgumentException("window bucket: " + bucket + " (expected: PT0.01S..PT1H)");
            }
        }

        /** The calls of the last {@code buckets} × {@code bucket}. */
        public static Window time(int buckets, Duration bucket) {
            if (bucket.isZero()) {
                throw new IllegalArgumentException("window bucket: PT0S (expected: PT0.01S..PT1H)");
            }
            return new Window(buckets, bucket);
        }

        /** The last {@code calls} calls. */
        public static Window count(int calls) {
            return new Window(calls, Duration.ZERO);
        }

        boolean isTime() {
            return !bucket.isZero();
        }
    }

    /**
     * What makes it open; rates trip at or above their threshold, once there are enough calls.
     *
     * @param minimumCalls calls before a rate is judged, 1 to 100,000; at most the size of a window of calls
     * @param failureRate percent of calls that failed, 1 to 100
     * @param slowRate percent of calls that were slow, 1 to 100
     * @param slowAfter a call longer than this is slow; zero when slow calls are not judged
     * @param consecutiveFailures failures in a row that trip it whatever the rate; 0 for never
     * @param consecutiveRefused refused connections in a row that trip it; 0 for never
     * @param countInFlight whether a call under way for longer than {@code slowAfter} counts as slow before it ends; costs
     *     an object a call
     */
    public record Trip(
            int minimumCalls,
            int failureRate,
            int slowRate,
            Duration slowAfter,
            int consecutiveFailures,
            int consecutiveRefused,
            boolean countInFlight) {
        /** Validates every part. */
        public Trip {
            requireRange("minimumCalls", minimumCalls, 1, 100_000);
            requireRange("failureRate", failureRate, 1, 100);
            requireRange("slowRate", slowRate, 1, 100);
            if (!slowAfter.isZero()) {
                requirePositive("slowAfter", slowAfter);
            } else if (countInFlight) {
                throw new IllegalArgumentException("slowAfter: PT0S (expected: above zero to count calls in flight)");
            }
            requireRange("consecutiveFailures", consecutiveFailures, 0, 100_000);
            requireRange("consecutiveRefused", consecutiveRefused, 0, 100_000);
        }

        /** This rule with slow calls judged: longer than {@code after}, {@code rate} percent of them. */
        public Trip slow(Duration after, int rate) {
            return new Trip(
                    minimumCalls, failureRate, rate, after, consecutiveFailures, consecutiveRefused, countInFlight);
        }

        /** This rule, with calls under way for longer than {@code slowAfter} counted as slow before they end. */
        public Trip countingInFlight() {
            return new Trip(
                    minimumCalls, failureRate, slowRate, slowAfter, consecutiveFailures, consecutiveRefused, true);
        }

        /** This rule with other numbers of failures and refused connections in a row. */
        public Trip consecutive(int failures, int refused) {
            return new Trip(minimumCalls, failureRate, slowRate, slowAfter, failures, refused, countInFlight);
        }
    }

    /**
     * How long it stays open: {@code base} multiplied with each opening in a row, up to {@code cap}, give or take. The row
     * ends when it has stayed closed for one window of time, or for {@code base} with a window of calls.
     *
     * @param base the first time
     * @param cap the longest, before jitter
     * @param multiplier by how much the time grows, 1 to 10
     * @param jitter percent by which the time varies either way, 0 to 50
     */
    public record Open(Duration base, Duration cap, double multiplier, int jitter) {
        /** Validates every part. */
        public Open {
            requirePositive("open base", base);
            requirePositive("open cap", cap);
            if (cap.compareTo(base) < 0) {
                throw new IllegalArgumentException("open cap: " + cap + " (expected: at least the base, " + base + ")");
            }
            if (!(multiplier >= 1 && multiplier <= 10)) {
                throw new IllegalArgumentException("open multiplier: " + multiplier + " (expected: 1..10)");
            }
            requireRange("open jitter", jitter, 0, 50);
        }
    }

    /**
     * How it is probed.
     *
     * @param calls probes whose results decide, 1 to 1,000
     * @param concurrent probes under way at once, 1 to {@code calls}
     * @param early whether it decides as soon as the outcome can not change any more
     * @param probeTimeout a probe that has not ended by then gives its permit to another
     * @param maxDuration how long it may be half-open without a decision; zero for any time
     * @param whenOver the state that follows then, {@code OPEN} or {@code CLOSED}, when the next call asks
     */
    public record HalfOpen(
            int calls,
            int concurrent,
            boolean early,
            Duration probeTimeout,
            Duration maxDuration,
            CircuitState whenOver) {
        /** Validates every part. */
        public HalfOpen {
            requireRange("halfOpen calls", calls, 1, 1_000);
            requireRange("halfOpen concurrent", concurrent, 1, calls);
            requirePositive("probeTimeout", probeTimeout);
            if (!maxDuration.isZero()) {
                requirePositive("halfOpen maxDuration", maxDuration);
            }
            if (whenOver != CircuitState.OPEN && whenOver != CircuitState.CLOSED) {
                throw new IllegalArgumentException("halfOpen whenOver: " + whenOver + " (expected: OPEN or CLOSED)");
            }
        }

        /** Half-open for as long as it takes: lost probes are issued again, so that it can not last forever. */
        public static HalfOpen of(int calls, int concurrent, boolean early, Duration probeTimeout) {
            return new HalfOpen(calls, concurrent, early, probeTimeout, Duration.ZERO, CircuitState.OPEN);
        }

        /** This, for at most so long; then {@code OPEN} again, or {@code CLOSED}. With few calls it starves probing. */
        public HalfOpen atMost(Duration duration, CircuitState then) {
            return new HalfOpen(calls, concurrent, early, probeTimeout, duration, then);
        }
    }

    private static void requireRange(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }

    static Duration requirePositive(String what, Duration value) {
        if (value.isZero() || value.isNegative() || value.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: above zero, at most a year)");
        }
        return value;
    }
}
