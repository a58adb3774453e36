// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.Outcome;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A breaker on virtual time, spoken to in the words of the cases: S and F are calls of no duration. */
final class Breaker implements CircuitBreakerListener {
    final VirtualTime time;
    final CircuitBreaker breaker;
    final List<String> events = new ArrayList<>();

    Breaker(CircuitBreakerConfig config) {
        this(config, new VirtualTime());
    }

    Breaker(CircuitBreakerConfig config, VirtualTime time) {
        this.time = time;
        this.breaker = CircuitBreaker.builder("b")
                .config(config)
                .listener(this)
                .ticker(time)
                .random(time.environment().random())
                .build();
    }

    static CircuitBreakerConfig time(int buckets, int minimum, int failureRate) {
        CircuitBreakerConfig defaults = CircuitBreakerConfig.defaults();
        return defaults.withWindow(CircuitBreakerConfig.Window.time(buckets, Duration.ofSeconds(1)))
                .withTrip(new CircuitBreakerConfig.Trip(minimum, failureRate, 100, Duration.ZERO, 0, 0, false))
                .withOpen(new CircuitBreakerConfig.Open(Duration.ofSeconds(5), Duration.ofSeconds(60), 2, 0));
    }

    static CircuitBreakerConfig count(int calls, int minimum, int failureRate) {
        return time(1, minimum, failureRate).withWindow(CircuitBreakerConfig.Window.count(calls));
    }

    Object acquire() {
        return breaker.tryAcquire(time.nanos());
    }

    CircuitBreaker.Recorded release(Object permit, Outcome outcome, Duration took) {
        return breaker.release(permit, outcome, took.toNanos(), time.nanos());
    }

    /** One call for each letter: S success, F failure, R refused connection, I ignored; others are skipped. */
    Breaker play(String calls) {
        for (char call : calls.toCharArray()) {
            Outcome outcome = switch (call) {
                case 'S' -> Outcome.SUCCESS;
                case 'F' -> Outcome.FAILURE;
                case 'R' -> Outcome.UNREACHABLE;
                case 'I' -> Outcome.IGNORED;
                default -> null;
            };
            if (outcome != null) {
                Object permit = acquire();
                if (permit == null) {
                    throw new AssertionError("rejected at " + call + " of " + calls + ", " + breaker.state());
                }
                release(permit, outcome, Duration.ZERO);
            }
        }
        return this;
    }

    Breaker slow(Outcome outcome, Duration took) {
        release(acquire(), outcome, took);
        return this;
    }

    Breaker plus(Duration duration) {
        time.advance(duration);
        return this;
    }

    CircuitState state() {
        return breaker.state();
    }

    /** Failure rate, successes, calls, failures, rejections. */
    List<Object> metrics() {
        CircuitBreakerMetrics metrics = breaker.metrics(time.nanos());
        return List.of(
                metrics.failureRate(), metrics.successful(), metrics.calls(), metrics.failed(), metrics.notPermitted());
    }

    @Override
    public void onTransition(String name, CircuitState from, CircuitState to, String reason) {
        events.add(from + ">" + to);
    }

    @Override
    public void onThresholdExceeded(String name, String reason) {
        events.add("exceeded");
    }
}
