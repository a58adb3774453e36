// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;

/** The guards of the class path, with the permits they have out counted. */
final class CountingGuards implements InstanceGuard.Factory {
    private final InstanceGuard.Factory usual =
            ServiceLoader.load(InstanceGuard.Factory.class).findFirst().orElseThrow();
    private final AtomicInteger permits = new AtomicInteger();

    int permits() {
        return permits.get();
    }

    @Override
    public InstanceGuard newGuard(ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment environment) {
        InstanceGuard guard = usual.newGuard(instance, cap, environment);
        return new InstanceGuard() {
            @Override
            public Object tryAcquire(long nowNanos) {
                Object permit = guard.tryAcquire(nowNanos);
                permits.addAndGet(permit == null ? 0 : 1);
                return permit;
            }

            @Override
            public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
                permits.decrementAndGet();
                guard.release(permit, outcome, latencyNanos, nowNanos);
            }

            @Override
            public void trip(String reason, long nowNanos) {
                guard.trip(reason, nowNanos);
            }

            @Override
            public boolean isAvailable(long nowNanos) {
                return guard.isAvailable(nowNanos);
            }

            @Override
            public Description describe(long nowNanos) {
                return guard.describe(nowNanos);
            }
        };
    }
}
