// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.HealthProbe;
import io.fairlead.spi.kit.HealthStreak;
import io.fairlead.spi.kit.RepeatedTask;
import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Checks one instance again and again. The first check falls anywhere within the first interval and the others within a
 * tenth of their time, so that the checks of many instances and clients spread. One check at a time, on a worker.
 */
final class CheckLoop {
    private static final double JITTER = 0.1;

    private final HealthCheck check;
    private final HealthProbe probe;
    private final InstanceState state;
    private final ActiveChecks.Shared shared;
    private final Environment environment;
    private final HealthStreak streak;
    private boolean started; // guarded by the lock of ActiveChecks
    private volatile boolean stopped;
    private volatile @Nullable RepeatedTask rounds;

    CheckLoop(HealthCheck check, HealthProbe probe, InstanceState state, ActiveChecks.Shared shared) {
        this.check = check;
        this.probe = probe;
        this.state = state;
        this.shared = shared;
        this.environment = shared.environment();
        // Well until shown otherwise; one that left while its check failed has to show that it is well.
        this.streak = new HealthStreak(
                check, state.condition().failedCheck() == null ? InstanceStatus.PASSING : InstanceStatus.CRITICAL);
    }

    /** Once; later calls change nothing. */
    void start() {
        if (!started) {
            rounds = RepeatedTask.start(
                    environment.scheduler(),
                    shared.workers(),
                    Math.max(1, (long)
                            (check.interval().toNanos() * environment.random().nextDouble())),
                    this::round,
                    failure -> environment
                            .listener()
                            .onCallbackFailed(
                                    "health checks of " + state.instance().id(), failure));
            started = true;
        }
    }

    void stop() {
        stopped = true;
        RepeatedTask ending = rounds;
        if (ending != null) {
            ending.close();
        }
    }

    /** Nanoseconds until the next. */
    private long round() {
        if (stopped) {
            return -1;
        }
        InstanceStatus seen;
        String failure = "";
        try {
            ServiceInstance instance = state.instance();
            seen = probe.check(instance, address(instance), check);
        } catch (Exception failed) {
            seen = InstanceStatus.CRITICAL;
            failure = failed.getMessage() == null ? failed.getClass().getSimpleName() : failed.getMessage();
        }
        if (stopped) {
            return -1;
        }
        if (streak.learn(seen)) {
            boolean failing = streak.status() == InstanceStatus.CRITICAL;
            state.condition()
                    .checked(
                            failing ? evidence(failure) : null,
                            environment.ticker().nanos());
        }
        double factor = 1 + JITTER * (2 * environment.random().nextDouble() - 1);
        return (long) (check.interval().toNanos() * factor);
    }

    private String evidence(String failure) {
        int failures = check.failuresBeforeCritical();
        return failures + (failures == 1 ? " check failed: " : " checks in a row failed: ") + failure;
    }

    /** The first of the host's addresses that may be called. */
    private InetAddress address(ServiceInstance instance) throws IOException {
        String objection = "";
        String host = check.endpoint().hostOf(instance);
        for (InetAddress address : InetAddress.getAllByName(host)) {
            objection = shared.addresses().objection(address);
            if (objection == null) {
                return address;
            }
        }
        throw new IOException(host + ": " + objection);
    }
}
