// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.kit.HealthProbe;
import io.fairlead.spi.kit.HealthStreak;
import io.fairlead.spi.kit.RepeatedTask;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs one instance's health check from its own process, for registries that run none. Critical until the first check
 * has passed; until then it is tried at least once a second.
 */
final class ProbeLoop {
    private static final long EAGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HealthCheck check;
    private final ServiceInstance instance;
    private final Environment environment;
    private final Runnable onChange;
    private final HealthProbe probe;
    private final HealthStreak streak;
    private volatile long criticalSinceNanos;
    private volatile boolean everPassed;
    private volatile boolean stopped;
    private volatile @Nullable RepeatedTask rounds;

    ProbeLoop(HealthCheck check, ServiceInstance instance, Environment environment, Runnable onChange) {
        this.check = check;
        this.instance = instance;
        this.environment = environment;
        this.onChange = onChange;
        this.streak = new HealthStreak(check, InstanceStatus.CRITICAL);
        this.probe = HealthProbe.of(check.kind());
        this.criticalSinceNanos = environment.ticker().nanos();
    }

    static boolean runs(HealthCheck.Kind kind) {
        return kind == HealthCheck.Kind.HTTP || kind == HealthCheck.Kind.TCP || kind == HealthCheck.Kind.GRPC;
    }

    void start() {
        rounds = RepeatedTask.start(environment.scheduler(), environment.executor(), 0, this::round, this::failed);
        // stop() may have come in between, and found nothing to close.
        if (stopped) {
            stop();
        }
    }

    void stop() {
        stopped = true;
        RepeatedTask ending = rounds;
        if (ending != null) {
            ending.close();
        }
    }

    InstanceStatus status() {
        return streak.status();
    }

    /** True when it has been critical, after having passed once, for longer than the check allows. */
    boolean isOverdueForRemoval() {
        var limit = check.deregisterAfter();
        return limit != null
                && everPassed
                && streak.status() == InstanceStatus.CRITICAL
                && environment.ticker().nanos() - criticalSinceNanos >= limit.toNanos();
    }

    /** Returns nanoseconds until the next. */
    private long round() {
        InstanceStatus seen;
        try {
            seen = probe.check(instance, InetAddress.getByName(check.endpoint().hostOf(instance)), check);
        } catch (Exception failed) {
            seen = InstanceStatus.CRITICAL;
        }
        if (stopped) {
            return -1;
        }
        learn(seen);
        long interval = check.interval().toNanos();
        return everPassed ? interval : Math.min(interval, EAGER_NANOS);
    }

    private void failed(Throwable failure) {
        environment.listener().onCallbackFailed("health check of '" + instance.id() + "'", failure);
    }

    private void learn(InstanceStatus seen) {
        boolean changed = streak.learn(seen);
        if (changed && seen == InstanceStatus.CRITICAL) {
            criticalSinceNanos = environment.ticker().nanos();
        }
        everPassed |= streak.status() != InstanceStatus.CRITICAL;
        if (changed || isOverdueForRemoval()) {
            onChange.run();
        }
    }
}
