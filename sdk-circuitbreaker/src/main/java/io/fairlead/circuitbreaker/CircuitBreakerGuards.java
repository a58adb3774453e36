// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Guards each instance with a {@link CircuitBreaker} of its own. Found by {@link java.util.ServiceLoader} with
 * {@link CircuitBreakerConfig#perInstance()}; hand one with another configuration to the balancer's builder. A breaker
 * trips only when the balancer allows one more ejection; otherwise it stays closed and notes the suppressed trip.
 */
public final class CircuitBreakerGuards implements InstanceGuard.Factory {
    private final BreakerRules rules;

    /** For {@link java.util.ServiceLoader}: the defaults for instances. */
    public CircuitBreakerGuards() {
        this(CircuitBreakerConfig.perInstance());
    }

    /** Breakers of this configuration. */
    public CircuitBreakerGuards(CircuitBreakerConfig config) {
        this.rules = new BreakerRules(config);
    }

    @Override
    public InstanceGuard newGuard(ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment environment) {
        return new Guard(instance, rules, cap, environment);
    }

    @Override
    public boolean adoptsGuardsOf(InstanceGuard.Factory other) {
        return other instanceof CircuitBreakerGuards;
    }

    /** Thresholds and times change; the state and what was counted stay, unless the window has another shape. */
    @Override
    public Runnable adoption(InstanceGuard guard) {
        return guard instanceof Guard mine
                ? () -> new Operator(mine.circuit, mine.environment.ticker().nanos()).adopt(rules)
                : () -> {};
    }

    /** Whether the breakers have the same configuration. */
    @Override
    public boolean equals(Object other) {
        return other instanceof CircuitBreakerGuards guards && guards.rules.config.equals(rules.config);
    }

    @Override
    public int hashCode() {
        return rules.config.hashCode();
    }

    /** With its configuration. */
    @Override
    public String toString() {
        return "CircuitBreakerGuards[" + rules.config + ']';
    }

    private static final class Guard implements InstanceGuard, TripGate, CircuitBreakerListener {
        private final ServiceInstance instance;
        private final EjectionCap cap;
        private final Environment environment;
        private final Circuit circuit;
        private volatile String reason = "";
        /** Just back: the next result decides, so that one failure is enough to take it out again. */
        private volatile boolean onTrial;

        Guard(ServiceInstance instance, BreakerRules rules, EjectionCap cap, Environment environment) {
            this.instance = instance;
            this.cap = cap;
            this.environment = environment;
            Counting closed = new Counting(
                    CircuitState.CLOSED, rules, 0, environment.ticker().nanos());
            this.circuit = new Circuit(closed, environment.random(), new Notices(instance.id(), this), this);
        }

        @Override
        public @Nullable Object tryAcquire(long nowNanos) {
            return circuit.tryAcquire(nowNanos);
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            boolean trial = onTrial;
            boolean late = circuit.release(permit, outcome, latencyNanos, nowNanos) == CircuitBreaker.Recorded.LATE;
            if (trial && !late && outcome != Outcome.IGNORED) {
                onTrial = false;
                if (outcome.isFailure()) {
                    circuit.trip("failed right after its return", nowNanos);
                }
            }
        }

        @Override
        public void trip(String why, long nowNanos) {
            circuit.trip(why, nowNanos);
        }

        @Override
        public boolean isAvailable(long nowNanos) {
            return circuit.current().isAvailable(nowNanos);
        }

        @Override
        public void retryAfter(Duration hint, long nowNanos) {
            new Operator(circuit, nowNanos).retryAfter(hint);
        }

        @Override
        public boolean admitsWhileClosed() {
            return true;
        }

        @Override
        public long unreportedNanos(Object permit, long nowNanos) {
            return onTrial ? 0 : circuit.unreportedNanos(permit, nowNanos);
        }

        @Override
        public long unreported() {
            return cap.unreported();
        }

        @Override
        public Description describe(long nowNanos) {
            return circuit.describe(reason, nowNanos);
        }

        @Override
        public boolean mayTrip(String why) {
            return cap.tryEject(why);
        }

        @Override
        public void closed(String why) {
            cap.restore(why);
        }

        @Override
        public void onTransition(String name, CircuitState from, CircuitState to, String why) {
            reason = to == CircuitState.CLOSED ? "" : why;
            onTrial = from == CircuitState.HALF_OPEN && to == CircuitState.CLOSED;
            environment.listener().onGuardChanged(instance, from.guardState(), to.guardState(), why);
        }

        @Override
        public void onTripSuppressed(String name, String why) {
            reason = "too many others are out: " + why;
        }
    }
}
