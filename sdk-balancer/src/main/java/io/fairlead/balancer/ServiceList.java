// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.PickContext;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceDiscovery;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.LimitedTasks;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One service as this process knows it: its watch, its store, and the roster every call reads the choice of. Calls read
 * one volatile field and never wait; lists and the evaluator change things under one lock, under which neither the
 * registry nor a user's callback is called (a policy's {@code newPicker} is).
 */
final class ServiceList implements SnapshotListener {
    private static final Duration STORE_AFTER = Duration.ofMillis(500);

    /** Threads for the calls that have waited for the first list. */
    private static final int WAITERS_AT_ONCE = 16;

    private final String service;
    private final BalancerOptions options;
    private final BalancingPolicy policy;
    private final ServiceStages stages;
    private final Freshness freshness;
    private final FirstListWaiters waiters;
    private final Roster roster;
    private final @Nullable ActiveChecks checks;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long usedNanos;
    private @Nullable Subscription subscription; // guarded by lock
    private boolean closed; // guarded by lock

    ServiceList(String service, BalancingPolicy policy, BalancerOptions options) {
        this.service = service;
        this.policy = policy;
        this.options = options;
        this.stages = ServiceStages.of(service, options.pipeline(), options.environment());
        this.usedNanos = now();
        this.freshness = new Freshness(now());
        this.waiters = new FirstListWaiters(new LimitedTasks(
                options.environment().executor(),
                WAITERS_AT_ONCE,
                failure -> options.environment().listener().onCallbackFailed("call to '" + service + "'", failure)));
        this.roster = new Roster(service, policy, options);
        this.checks = options.checksFor(service);
    }

    /** Starts the watch; once. */
    void start(ServiceDiscovery discovery) {
        if (options.store() != null) {
            var unused = options.environment()
                    .scheduler()
                    .schedule(this::useStored, STORE_AFTER.toNanos(), TimeUnit.NANOSECONDS);
        }
        Subscription started = discovery.watch(service, this);
        lock.lock();
        try {
            if (!closed) {
                subscription = started;
                return;
            }
        } finally {
            lock.unlock();
        }
        started.close();
    }

    void close() {
        Subscription ending;
        lock.lock();
        try {
            closed = true;
            ending = subscription;
            subscription = null;
        } finally {
            lock.unlock();
        }
        if (ending != null) {
            ending.close();
        }
        if (checks != null) {
            checks.close();
        }
    }

    String service() {
        return service;
    }

    /** When the cache was last told of a use. */
    long usedNanos() {
        return usedNanos;
    }

    void use(long nowNanos) {
        usedNanos = nowNanos;
    }

    Choice choice() {
        return roster.choice();
    }

    ServiceStages stages() {
        return stages;
    }

    /** Waits for the registry's first answer; true when it has come. */
    boolean awaitFirstList(long nanos) {
        return freshness.await(nanos);
    }

    boolean isReady() {
        return freshness.isReady();
    }

    /** Calls that wait for the first list without a thread. */
    FirstListWaiters waiters() {
        return waiters;
    }

    /** Whether this service never had an instance: probably a misspelt name. */
    boolean isUnknown() {
        return !roster.isEverKnown();
    }

    @Nullable
    RegistryException interruption() {
        return freshness.interruption();
    }

    @Override
    public void onSnapshot(ServiceSnapshot next) {
        int held;
        boolean afterInterruption;
        News news;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            long nowNanos = now();
            afterInterruption = freshness.isStale();
            held = roster.adopt(next, afterInterruption, nowNanos);
            freshness.listed(next.revision(), nowNanos);
            news = roster.news(nowNanos);
            SnapshotStore store = options.store();
            if (store != null) {
                store.save(new ServiceSnapshot(service, next.revision(), roster.instances()));
            }
        } finally {
            lock.unlock();
        }
        waiters.announce();
        options.environment().listener().onSnapshot(next);
        tell(news);
        if (held > 0) {
            String reason = afterInterruption ? "missing after an interruption" : "most vanished at once";
            options.environment().listener().onInstancesHeld(service, held, reason);
        }
    }

    @Override
    public void onInterrupted(RegistryException cause) {
        freshness.interrupted(cause);
        useStored();
    }

    @Override
    public void onConfirmed() {
        freshness.confirmed(now());
    }

    /** The registry does not answer and there is no list yet: better yesterday's than none. */
    private void useStored() {
        SnapshotStore store = options.store();
        if (store != null && !isReady()) {
            store.load(service, this::adoptStored);
        }
    }

    private void adoptStored(ServiceSnapshot stored) {
        News news;
        lock.lock();
        try {
            if (closed || isReady() || stored.isEmpty()) {
                return;
            }
            int unused = roster.adopt(stored, false, now());
            freshness.restored(stored.revision());
            news = roster.news(now());
        } finally {
            lock.unlock();
        }
        waiters.announce();
        options.environment().listener().onSnapshot(stored);
        tell(news);
    }

    /** An instance refused a connection. */
    void onRefused(InstanceState refusing) {
        roster.onRefused(refusing);
    }

    /** Once a second. */
    void evaluate() {
        News news;
        lock.lock();
        try {
            long nowNanos = now();
            roster.evaluate(freshness.isOlderThan(options.outagePolicy().maxAge(), nowNanos), nowNanos);
            news = roster.news(nowNanos);
        } finally {
            lock.unlock();
        }
        tell(news);
    }

    /** Guards and listeners hear without the lock. */
    private void tell(News news) {
        news.tell(service, options.environment().listener());
        if (checks != null) {
            checks.follow(news.members());
        }
    }

    /** What was wrong with the address of one the latest list lost, or null when it lost none. */
    @Nullable
    String lastRejection() {
        lock.lock();
        try {
            return roster.lastRejection();
        } finally {
            lock.unlock();
        }
    }

    Explanation explain(PickContext context, int most) {
        lock.lock();
        try {
            return roster.explain(service, context, most, now());
        } finally {
            lock.unlock();
        }
    }

    DryRun rehearse(IntFunction<PickContext> contexts, int picks) {
        lock.lock();
        try {
            return roster.rehearse(service, contexts, picks, now());
        } finally {
            lock.unlock();
        }
    }

    ServiceStatus status() {
        lock.lock();
        try {
            long nowNanos = now();
            RegistryException cause = freshness.interruption();
            return new ServiceStatus(
                    service,
                    policy.name(),
                    isReady(),
                    freshness.age(nowNanos),
                    freshness.isStale(),
                    cause == null ? null : cause.getMessage(),
                    freshness.revision(),
                    choice().panic(),
                    stages.retries().balanceMillis() / 1000.0,
                    roster.views(nowNanos));
        } finally {
            lock.unlock();
        }
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
