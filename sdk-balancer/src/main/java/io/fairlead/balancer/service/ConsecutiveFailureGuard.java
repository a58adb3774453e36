// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.GuardState;
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
 * Back, its next failure takes it out again; a success clears that. Each 30 s in service take one doubling back.
 * Lock-free: a permit is the stay that granted it, so a late result of an earlier stay decides nothing.
 */
public final class ConsecutiveFailureGuard implements InstanceGuard {
    private static final int MAX_FAILURES = 5;
    private static final int MAX_UNREACHABLE = 2;
    private static final int PROBES_NEEDED = 2;
    private static final long BASE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long CAP_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long FORGET_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long PROBE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** One stay in a state; transitions replace it whole. */
    private static final class Stay {
        final GuardState state;
        final String reason;
        final int ejections;
        final long sinceNanos;
        final long untilNanos;
        final AtomicInteger failures = new AtomicInteger();
        final AtomicInteger unreachable = new AtomicInteger();
        final AtomicInteger successes = new AtomicInteger();
        final AtomicReference<@Nullable Probe> probe = new AtomicReference<>();
        /** Just back and nothing learned yet. */
        volatile boolean onTrial;

        Stay(GuardState state, String reason, int ejections, long sinceNanos, long untilNanos) {
            this.state = state;
            this.reason = reason;
            this.ejections = ejections;
            this.sinceNanos = sinceNanos;
            this.untilNanos = untilNanos;
        }

        boolean isWaitOver(long nowNanos) {
            return nowNanos - untilNanos >= 0;
        }

        boolean mayProbe(@Nullable Probe underWay, long nowNanos) {
            return underWay == null || nowNanos - underWay.sinceNanos >= PROBE_TIMEOUT_NANOS;
        }
    }

    /** The permit of one probe; given back at most once, forfeited after a time. */
    private record Probe(Stay stay, long sinceNanos) {}

    private final ServiceInstance instance;
    private final EjectionCap cap;
    private final Environment environment;
    private final AtomicReference<Stay> stay;

    public ConsecutiveFailureGuard(ServiceInstance instance, EjectionCap cap, Environment environment) {
        this.instance = instance;
        this.cap = cap;
        this.environment = environment;
        this.stay = new AtomicReference<>(
                new Stay(GuardState.CLOSED, "", 0, environment.ticker().nanos(), 0));
    }

    @Override
    public @Nullable Object tryAcquire(long nowNanos) {
        Stay now = current();
        if (now.state == GuardState.CLOSED) {
            return now;
        }
        if (now.state == GuardState.OPEN) {
            if (!now.isWaitOver(nowNanos)) {
                return null;
            }
            change(now, new Stay(GuardState.HALF_OPEN, now.reason, now.ejections, nowNanos, 0), "time for a probe");
            return tryAcquire(nowNanos);
        }
        Probe before = now.probe.get();
        if (!now.mayProbe(before, nowNanos)) {
            return null;
        }
        Probe mine = new Probe(now, nowNanos);
        return now.probe.compareAndSet(before, mine) ? mine : null;
    }

    @Override
    public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
        if (permit instanceof Probe probe) {
            if (stay.get() == probe.stay && probe.stay.probe.compareAndSet(probe, null)) {
                countProbe(probe.stay, outcome, nowNanos);
            }
        } else if (stay.get() == permit) {
            countClosed((Stay) permit, outcome, nowNanos);
        }
    }

    @Override
    public void trip(String reason, long nowNanos) {
        Stay now = current();
        if (now.state == GuardState.CLOSED) {
            eject(now, reason, nowNanos);
        } else if (now.state == GuardState.HALF_OPEN) {
            open(now, reason, nowNanos);
        }
    }

    @Override
    public boolean isAvailable(long nowNanos) {
        Stay now = current();
        return switch (now.state) {
            case OPEN -> now.isWaitOver(nowNanos);
            case HALF_OPEN -> now.mayProbe(now.probe.get(), nowNanos);
            default -> true;
        };
    }

    @Override
    public boolean admitsWhileClosed() {
        return true;
    }

    @Override
    public long unreportedNanos(Object permit, long nowNanos) {
        Stay now = current();
        boolean isCalm = permit == now && now.state == GuardState.CLOSED && now.failures.get() == 0 && !now.onTrial;
        return isCalm ? Long.MAX_VALUE >> 1 : 0;
    }

    @Override
    public Description describe(long nowNanos) {
        Stay now = current();
        long wait = now.state == GuardState.OPEN ? Math.max(0, now.untilNanos - nowNanos) : 0;
        return new Description(now.state, now.reason, wait);
    }

    private Stay current() {
        return Objects.requireNonNull(stay.get());
    }

    private void countClosed(Stay then, Outcome outcome, long nowNanos) {
        if (outcome == Outcome.SUCCESS) {
            if (then.failures.get() != 0) {
                then.failures.set(0);
                then.unreachable.set(0);
                then.onTrial = false;
            }
        } else if (outcome.isFailure()) {
            int failures = then.failures.incrementAndGet();
            int refused = outcome == Outcome.UNREACHABLE ? then.unreachable.incrementAndGet() : 0;
            if (refused >= MAX_UNREACHABLE) {
                eject(then, why(then, refused, "refused connections"), nowNanos);
            } else if (failures >= MAX_FAILURES) {
                eject(then, why(then, failures, "failures"), nowNanos);
            }
        }
    }

    private static String why(Stay then, int count, String what) {
        return then.onTrial ? "failed right after its return" : count + " " + what + " in a row";
    }

    private void countProbe(Stay then, Outcome outcome, long nowNanos) {
        if (outcome.isFailure()) {
            open(then, "probe failed", nowNanos);
        } else if (outcome == Outcome.SUCCESS && then.successes.incrementAndGet() >= PROBES_NEEDED) {
            close(then, nowNanos);
        }
    }

    private void eject(Stay then, String reason, long nowNanos) {
        if (cap.tryEject(reason) && !open(then, reason, nowNanos) && current().state == GuardState.CLOSED) {
            cap.restore("another thread brought it back");
        }
    }

    private boolean open(Stay then, String reason, long nowNanos) {
        long forgiven = then.state == GuardState.CLOSED ? (nowNanos - then.sinceNanos) / FORGET_NANOS : 0;
        int ejections = (int) Math.max(0, then.ejections - Math.max(0, forgiven)) + 1;
        long nanos = Math.min(CAP_NANOS, BASE_NANOS << Math.min(ejections - 1, 8));
        long jittered = (long) (nanos * (0.8 + 0.4 * environment.random().nextDouble()));
        return change(then, new Stay(GuardState.OPEN, reason, ejections, nowNanos, nowNanos + jittered), reason);
    }

    private void close(Stay then, long nowNanos) {
        Stay closed = new Stay(GuardState.CLOSED, "", then.ejections, nowNanos, 0);
        closed.failures.set(MAX_FAILURES - 1);
        closed.unreachable.set(MAX_UNREACHABLE - 1);
        closed.onTrial = true;
        change(then, closed, PROBES_NEEDED + " probes succeeded");
    }

    private boolean change(Stay from, Stay to, String reason) {
        if (!stay.compareAndSet(from, to)) {
            return false;
        }
        if (to.state == GuardState.CLOSED) {
            cap.restore(reason);
        }
        environment.listener().onGuardChanged(instance, from.state, to.state, reason);
        return true;
    }
}
