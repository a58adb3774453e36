// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.spi.InstanceGuard;

/** Lets everything through: what a policy does when nothing is ejected. Stateless. */
public final class NoGuard implements InstanceGuard {
    private static final Object PERMIT = new Object();

    @Override
    public Object tryAcquire(long nowNanos) {
        return PERMIT;
    }

    @Override
    public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

    @Override
    public boolean isAvailable(long nowNanos) {
        return true;
    }

    @Override
    public Description describe(long nowNanos) {
        return new Description(GuardState.CLOSED, "", 0);
    }
}
