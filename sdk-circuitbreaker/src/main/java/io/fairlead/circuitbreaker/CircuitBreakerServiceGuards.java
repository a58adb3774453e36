// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import io.fairlead.api.Outcome;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import org.jspecify.annotations.Nullable;

/**
 * Guards each service as a whole with one breaker. Found by {@link java.util.ServiceLoader} with
 * {@link CircuitBreakerConfig#defaults()}; hand one with another configuration to the balancer's builder. Unless asked to
 * reject it only measures, for one bad shard of a service would close all of it. Safe for any thread.
 */
public final class CircuitBreakerServiceGuards implements ServiceGuard.Factory {
    private final BreakerRules rules;

    /** For {@link java.util.ServiceLoader}: the defaults. */
    public CircuitBreakerServiceGuards() {
        this(CircuitBreakerConfig.defaults());
    }

    /** Breakers of this configuration. */
    public CircuitBreakerServiceGuards(CircuitBreakerConfig config) {
        this.rules = new BreakerRules(config);
    }

    @Override
    public ServiceGuard newGuard(String service, boolean rejects, Environment environment) {
        return new Guard(service, rules, rejects ? CircuitState.CLOSED : CircuitState.METRICS_ONLY, environment);
    }

    /** Thresholds and times change; the state and what was counted stay, unless the window has another shape. */
    @Override
    public @Nullable Runnable adoption(ServiceGuard guard) {
        return guard instanceof Guard mine
                ? () -> new Operator(mine.circuit, mine.environment.ticker().nanos()).adopt(rules)
                : null;
    }

    /** Whether the breakers have the same configuration. */
    @Override
    public boolean equals(Object other) {
        return other instanceof CircuitBreakerServiceGuards guards && guards.rules.config.equals(rules.config);
    }

    @Override
    public int hashCode() {
        return rules.config.hashCode();
    }

    /** With its configuration. */
    @Override
    public String toString() {
        return "CircuitBreakerServiceGuards[" + rules.config + ']';
    }

    private static final class Guard implements ServiceGuard, CircuitBreakerListener {
        private final Environment environment;
        private final Circuit circuit;
        private volatile String reason = "";

        Guard(String service, BreakerRules rules, CircuitState first, Environment environment) {
            this.environment = environment;
            Counting counting =
                    new Counting(first, rules, 0, environment.ticker().nanos());
            this.circuit = new Circuit(counting, environment.random(), new Notices(service, this), TripGate.OPEN);
        }

        @Override
        public @Nullable Object tryAcquire(long nowNanos) {
            return circuit.tryAcquire(nowNanos);
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            circuit.release(permit, outcome, latencyNanos, nowNanos);
        }

        @Override
        public InstanceGuard.Description describe(long nowNanos) {
            return circuit.describe(reason, nowNanos);
        }

        @Override
        public void onTransition(String service, CircuitState from, CircuitState to, String why) {
            reason = to == CircuitState.CLOSED ? "" : why;
            environment.listener().onServiceGuardChanged(service, from.guardState(), to.guardState(), why);
        }

        @Override
        public void onThresholdExceeded(String service, String why) {
            if (circuit.current().state == CircuitState.METRICS_ONLY) {
                reason = "would have opened: " + why;
            }
        }
    }
}
