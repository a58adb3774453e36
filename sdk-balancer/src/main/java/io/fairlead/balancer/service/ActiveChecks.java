// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.HealthProbe;
import io.fairlead.spi.kit.HealthStreak;
import io.fairlead.spi.kit.RepeatedTask;
import java.io.IOException;
import java.net.InetAddress;
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
    private final Map<InstanceState, Loop> loops = new IdentityHashMap<>(); // guarded by lock
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
                loops.computeIfAbsent(state, added -> new Loop(check, probe, added, shared))
                        .start();
            }
            for (InstanceState state : gone) {
                Loop ending = loops.remove(state);
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
            loops.values().forEach(Loop::stop);
            loops.clear();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Checks one instance again and again. The first check falls anywhere within the first interval and the others within a
     * tenth of their time, so that the checks of many instances and clients spread. One check at a time, on a worker.
     */
    private static final class Loop {
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

        Loop(HealthCheck check, HealthProbe probe, InstanceState state, ActiveChecks.Shared shared) {
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
                        Math.max(1, (long) (check.interval().toNanos()
                                * environment.random().nextDouble())),
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

    /** The checks of one service, whose options may change. Any thread reads and closes; the service's updates change. */
    static final class Current {
        private final Shared shared;
        private volatile @Nullable ActiveChecks checks;
        private volatile boolean closed;
        private boolean ended; // belongs to the updates, until it is told

        Current(HealthPolicy health, Shared shared) {
            this.shared = shared;
            this.checks = of(health, shared);
        }

        /** Takes up other options; checks that stay the same go on. */
        void change(HealthPolicy next, HealthPolicy before) {
            boolean isSame = next.check().equals(before.check())
                    && next.failures() == before.failures()
                    && next.successes() == before.successes();
            if (isSame || closed) {
                return;
            }
            ActiveChecks ending = checks;
            checks = of(next, shared);
            ended |= ending != null && checks == null;
            if (ending != null) {
                ending.close();
            }
            if (closed) {
                close();
            }
        }

        void close() {
            closed = true;
            ActiveChecks ending = checks;
            if (ending != null) {
                ending.close();
            }
        }

        /** Whether there are none any more since this was last asked; then what they found does not count any more. */
        boolean takeEnded() {
            boolean taken = ended;
            ended = false;
            return taken;
        }

        /** Checks these instances and no others. */
        void follow(List<InstanceState> members) {
            ActiveChecks following = checks;
            if (following != null && !closed) {
                following.follow(members);
            }
        }
    }
}
