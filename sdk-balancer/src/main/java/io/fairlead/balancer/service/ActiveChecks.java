// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.HealthProbe;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The balancer's own checks of one service's instances: one loop for each that is listed and not draining, from the list
 * that brings it to the one that lacks it. Safe for any thread; under the lock loops are only started and stopped.
 */
public final class ActiveChecks {
    /** What every check of a balancer shares: the name resolution that the address policy judges, and a bound. */
    public record Shared(AddressPolicy addresses, Executor workers, Environment environment) {}

    private final HealthCheck check;
    private final HealthProbe probe;
    private final Shared shared;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<InstanceState, CheckLoop> loops = new IdentityHashMap<>(); // guarded by lock
    private boolean closed; // guarded by lock

    ActiveChecks(HealthCheck check, HealthProbe probe, Shared shared) {
        this.check = check;
        this.probe = probe;
        this.shared = shared;
    }

    /** The checks of a service's instances, or null when nobody asked for any. */
    static @Nullable ActiveChecks of(HealthPolicy health, Shared shared) {
        if (!health.hasCheck()) {
            return null;
        }
        HealthCheck check =
                health.check().failuresBeforeCritical(health.failures()).successesBeforePassing(health.successes());
        return new ActiveChecks(check, HealthProbe.of(check.kind()), shared);
    }

    /** Checks these instances and no others. */
    void follow(List<InstanceState> members) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            Set<InstanceState> gone = new HashSet<>(loops.keySet());
            for (InstanceState state : members) {
                if (state.instance().status() == InstanceStatus.DRAINING) {
                    continue;
                }
                gone.remove(state);
                loops.computeIfAbsent(state, added -> new CheckLoop(check, probe, added, shared))
                        .start();
            }
            for (InstanceState state : gone) {
                CheckLoop ending = loops.remove(state);
                if (ending != null) {
                    ending.stop();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            loops.values().forEach(CheckLoop::stop);
            loops.clear();
        } finally {
            lock.unlock();
        }
    }
}
