// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The guard of last resort, when no circuit breaker is on the class path: five failures or two refused connections in a
 * row take the instance out for 5 s, doubling to 60 s, ±20 %; then one probe at a time, and two successes bring it back.
 * Lock-free: a permit is the state that granted it, so a late result of an earlier state decides nothing.
 */
final class ConsecutiveFailureGuard implements InstanceGuard {
    private static final int MAX_FAILURES = 5;
    private static final int MAX_UNREACHABLE = 2;
    private static final int PROBES_NEEDED = 2;
    private static final long BASE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long CAP_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long PROBE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** One generation of the guard; transitions replace it whole. */
    private static final class State {
        final String name;
        final int ejections;
        final long untilNanos;
        final AtomicInteger failures = new AtomicInteger();
        final AtomicInteger unreachable = new AtomicInteger();
        final AtomicInteger successes = new AtomicInteger();
        final AtomicReference<@Nullable Long> probeSince = new AtomicReference<>();

        State(String name, int ejections, long untilNanos) {
            this.name = name;
            this.ejections = ejections;
            this.untilNanos = untilNanos;
        }
    }

    private final ServiceInstance instance;
    private final EjectionCap cap;
    private final Environment environment;
    private final AtomicReference<State> state = new AtomicReference<>(new State("CLOSED", 0, 0));

    ConsecutiveFailureGuard(ServiceInstance instance, EjectionCap cap, Environment environment) {
        this.instance = instance;
        this.cap = cap;
        this.environment = environment;
    }

    @Override
    public @Nullable Object tryAcquire(long nowNanos) {
        State now = current();
        if (now.name.equals("CLOSED")) {
            return now;
        }
        if (now.name.equals("OPEN")) {
            if (nowNanos - now.untilNanos < 0) {
                return null;
            }
            State half = new State("HALF_OPEN", now.ejections, 0);
            if (state.compareAndSet(now, half)) {
                changed(now, half, "time for a probe");
            }
            return tryAcquire(nowNanos);
        }
        Long since = now.probeSince.get();
        boolean free = since == null || nowNanos - since >= PROBE_TIMEOUT_NANOS;
        return free && now.probeSince.compareAndSet(since, nowNanos) ? now : null;
    }

    @Override
    public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
        State then = (State) permit;
        if (state.get() != then) {
            return;
        }
        if (then.name.equals("CLOSED")) {
            countClosed(then, outcome, nowNanos);
        } else {
            then.probeSince.set(null);
            countProbe(then, outcome, nowNanos);
        }
    }

    @Override
    public boolean isAvailable(long nowNanos) {
        State now = current();
        if (now.name.equals("CLOSED")) {
            return true;
        }
        if (now.name.equals("OPEN")) {
            return nowNanos - now.untilNanos >= 0;
        }
        Long since = now.probeSince.get();
        return since == null || nowNanos - since >= PROBE_TIMEOUT_NANOS;
    }

    @Override
    public Description describe(long nowNanos) {
        State now = current();
        long wait = now.name.equals("OPEN") ? Math.max(0, now.untilNanos - nowNanos) : 0;
        return new Description(now.name, now.ejections == 0 ? "" : "ejected " + now.ejections + " times", wait);
    }

    private State current() {
        return Objects.requireNonNull(state.get());
    }

    private void countClosed(State then, Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            then.failures.set(0);
            then.unreachable.set(0);
        } else if (outcome.isFailure()) {
            int failures = then.failures.incrementAndGet();
            int refused = outcome == Outcome.UNREACHABLE ? then.unreachable.incrementAndGet() : 0;
            if (failures >= MAX_FAILURES || refused >= MAX_UNREACHABLE) {
                String reason = refused >= MAX_UNREACHABLE ? refused + " refused connections" : failures + " failures";
                if (cap.tryEject(reason)) {
                    open(then, reason + " in a row", nowNanos);
                }
            }
        }
    }

    private void countProbe(State then, Outcome outcome, long nowNanos) {
        if (outcome.isFailure()) {
            open(then, "probe failed", nowNanos);
        } else if (outcome == Outcome.SUCCESS && then.successes.incrementAndGet() >= PROBES_NEEDED) {
            State closed = new State("CLOSED", 0, 0);
            if (state.compareAndSet(then, closed)) {
                changed(then, closed, PROBES_NEEDED + " probes succeeded");
                cap.restore("probes succeeded");
            }
        }
    }

    private void open(State then, String reason, long nowNanos) {
        int ejections = then.ejections + 1;
        long nanos = Math.min(CAP_NANOS, BASE_NANOS << Math.min(ejections - 1, 8));
        long jittered = (long) (nanos * (0.8 + 0.4 * environment.random().nextDouble()));
        State open = new State("OPEN", ejections, nowNanos + jittered);
        if (state.compareAndSet(then, open)) {
            changed(then, open, reason);
        }
    }

    private void changed(State from, State to, String reason) {
        environment.listener().onGuardChanged(instance, from.name, to.name, reason);
    }
}
