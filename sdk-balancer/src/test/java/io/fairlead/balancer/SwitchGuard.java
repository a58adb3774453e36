// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A guard that a test opens and closes, with the manners of a real one. */
public class SwitchGuard implements InstanceGuard {
    public static final Duration WAIT = Duration.ofSeconds(5);

    private final ServiceInstance instance;
    private final EjectionCap cap;
    private final Environment environment;
    /** Ignores votes, which a guard may. */
    private final boolean deaf;

    private boolean open;
    private long openedNanos;

    public SwitchGuard(ServiceInstance instance, EjectionCap cap, Environment environment) {
        this.instance = instance;
        this.cap = cap;
        this.environment = environment;
        this.deaf = instance.id().hashCode() % 4 == 0;
    }

    @Override
    public void trip(String reason, long nowNanos) {
        if (!deaf && !open && cap.tryEject(reason)) {
            open(nowNanos);
        }
    }

    /** It objects without asking for a seat, as a guard may that is a limit. */
    public void object(long nowNanos) {
        if (!open) {
            open(nowNanos);
        }
    }

    private void open(long nowNanos) {
        open = true;
        openedNanos = nowNanos;
        environment.listener().onGuardChanged(instance, GuardState.CLOSED, GuardState.OPEN, "opened by the test");
    }

    public void close() {
        if (open) {
            open = false;
            cap.restore("closed by the test");
            environment.listener().onGuardChanged(instance, GuardState.OPEN, GuardState.CLOSED, "closed by the test");
        }
    }

    @Override
    public @Nullable Object tryAcquire(long nowNanos) {
        return isAvailable(nowNanos) ? this : null;
    }

    @Override
    public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

    @Override
    public boolean isAvailable(long nowNanos) {
        return !open || nowNanos - openedNanos >= WAIT.toNanos();
    }

    @Override
    public boolean admitsWhileClosed() {
        return true;
    }

    @Override
    public Description describe(long nowNanos) {
        return new Description(open ? GuardState.OPEN : GuardState.CLOSED, open ? "opened by the test" : "", 0);
    }
}
