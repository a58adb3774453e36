// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The guards of the class path, with the permits they have out counted, so that a test can see that none is left out. Safe
 * for any thread.
 */
public final class CountingGuards implements InstanceGuard.Factory {
    private final InstanceGuard.Factory usual =
            ServiceLoader.load(InstanceGuard.Factory.class).findFirst().orElseThrow();
    private final AtomicInteger permits = new AtomicInteger();

    /** Guards of the first factory that {@link ServiceLoader} finds; there must be one. */
    public CountingGuards() {}

    /** Permits granted and not given back yet. */
    public int permits() {
        return permits.get();
    }

    @Override
    public InstanceGuard newGuard(ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment environment) {
        InstanceGuard guard = usual.newGuard(instance, cap, environment);
        return new InstanceGuard() {
            @Override
            public @Nullable Object tryAcquire(long nowNanos) {
                @Nullable Object permit = guard.tryAcquire(nowNanos);
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
            public void retryAfter(Duration hint, long nowNanos) {
                guard.retryAfter(hint, nowNanos);
            }

            /** Asked for each attempt, so that every permit is counted. */
            @Override
            public boolean admitsWhileClosed() {
                return false;
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
