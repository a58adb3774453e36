// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceDiscovery;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.BalancingPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One service as this process knows it: the instances, their state, and the picker every call reads. Calls read one
 * volatile field and never wait; lists, ejections and the evaluator change things under one lock, under which neither
 * the registry nor a user's callback is called (a policy's {@code newPicker} is).
 */
final class ServiceList implements SnapshotListener, EjectionQuota.Listener {
    private static final Duration STORE_AFTER = Duration.ofMillis(500);
    private static final long WARM_AFTER_EJECTION_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String service;
    private final BalancerOptions options;
    private final BalancingPolicy policy;
    private final RetryBudget budget;
    private final PeerMedian median = new PeerMedian();
    private final EjectionQuota quota = new EjectionQuota(this);
    private final CountDownLatch ready = new CountDownLatch(1);
    private final AtomicBoolean dirty = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();
    private final Membership membership; // guarded by lock
    private final AddressFilter addresses; // guarded by lock
    private final Chooser chooser; // guarded by lock
    private @Nullable Subscription subscription; // guarded by lock
    private boolean closed; // guarded by lock
    private boolean fromStore; // guarded by lock

    private volatile Choice choice = Choice.NOTHING;
    private volatile @Nullable ServiceSnapshot snapshot;
    private volatile @Nullable RegistryException interruption;
    private volatile boolean everKnown;
    private volatile long freshNanos;

    ServiceList(String service, BalancingPolicy policy, BalancerOptions options) {
        this.service = service;
        this.policy = policy;
        this.options = options;
        this.addresses = new AddressFilter(
                service, options.addressPolicy(), options.environment().listener());
        this.budget = new RetryBudget(
                options.retryRatio(),
                options.retriesPerSecond(),
                options.environment().ticker());
        this.freshNanos = now();
        this.chooser = new Chooser(policy, options.environment());
        this.membership =
                new Membership(options.outagePolicy(), options.environment(), addresses::isAllowed, this::newcomer);
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
    }

    String service() {
        return service;
    }

    Choice choice() {
        return choice;
    }

    RetryBudget budget() {
        return budget;
    }

    /** Waits for the registry's first answer; true when it has come. */
    boolean awaitFirstList(long nanos) {
        if (ready.getCount() == 0) {
            return true;
        }
        try {
            return ready.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean isReady() {
        return ready.getCount() == 0;
    }

    /** Whether this service never had an instance: probably a misspelt name. */
    boolean isUnknown() {
        return !everKnown;
    }

    @Nullable
    RegistryException interruption() {
        return interruption;
    }

    @Override
    public void onSnapshot(ServiceSnapshot next) {
        int held;
        boolean afterInterruption;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            long nowNanos = now();
            afterInterruption = interruption != null || fromStore;
            fromStore = false;
            held = adopt(next, afterInterruption, nowNanos);
            interruption = null;
            freshNanos = nowNanos;
            SnapshotStore store = options.store();
            if (store != null) {
                store.save(new ServiceSnapshot(service, next.revision(), membership.instances()));
            }
        } finally {
            lock.unlock();
        }
        ready.countDown();
        options.environment().listener().onSnapshot(next);
        if (held > 0) {
            String reason = afterInterruption ? "missing after an interruption" : "most vanished at once";
            options.environment().listener().onInstancesHeld(service, held, reason);
        }
    }

    @Override
    public void onInterrupted(RegistryException cause) {
        interruption = cause;
        useStored();
    }

    /** The registry does not answer and there is no list yet: better yesterday's than none. */
    private void useStored() {
        SnapshotStore store = options.store();
        if (store != null && !isReady()) {
            store.load(service, this::adoptStored);
        }
    }

    private void adoptStored(ServiceSnapshot stored) {
        lock.lock();
        try {
            if (closed || isReady() || stored.isEmpty()) {
                return;
            }
            long nowNanos = now();
            adopt(stored, false, nowNanos);
            fromStore = true;
            ready.countDown();
        } finally {
            lock.unlock();
        }
        options.environment().listener().onSnapshot(stored);
    }

    @Override
    public void onConfirmed() {
        freshNanos = now();
    }

    @Override
    public void onEjectionChanged(InstanceState state, boolean ejected) {
        if (!ejected) {
            state.restored(now(), options.slowStart().isZero() ? 0 : WARM_AFTER_EJECTION_NANOS);
        }
        dirty.set(true);
    }

    /** An instance refused a connection: when every suspect does, they are gone indeed. */
    void onRefused(InstanceState refusing) {
        if (refusing.isSuspect()) {
            dirty.set(true);
        }
    }

    /** Once a second: lets suspects go, moves slow start on, judges panic. */
    void evaluate() {
        lock.lock();
        try {
            long nowNanos = now();
            List<InstanceState> members = membership.members();
            median.refresh(members);
            boolean changed = dirty.getAndSet(false);
            if (membership.holdsAny()) {
                boolean allRefuse =
                        members.stream().filter(InstanceState::isSuspect).allMatch(InstanceState::isRefusing);
                if (allRefuse) {
                    membership.releaseAll();
                }
                changed |= membership.expire(nowNanos) || allRefuse;
            }
            if (isTooOld(nowNanos)) {
                membership.forgetAll();
                changed = true;
            }
            changed |= refreshWeights(nowNanos);
            if (changed || choice.panic()) {
                rebuild(nowNanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What was wrong with the address of one the latest list lost, or null when it lost none. */
    @Nullable
    String lastRejection() {
        lock.lock();
        try {
            return addresses.lastRejection();
        } finally {
            lock.unlock();
        }
    }

    private boolean isTooOld(long nowNanos) {
        Duration maxAge = options.outagePolicy().maxAge();
        return maxAge != null
                && interruption != null
                && !membership.members().isEmpty()
                && nowNanos - freshNanos >= maxAge.toNanos();
    }

    ServiceStatus status() {
        lock.lock();
        try {
            long nowNanos = now();
            List<InstanceView> views = new ArrayList<>();
            membership.members().forEach(state -> views.add(state.view(nowNanos)));
            RegistryException cause = interruption;
            ServiceSnapshot last = snapshot;
            return new ServiceStatus(
                    service,
                    policy.name(),
                    isReady(),
                    Duration.ofNanos(Math.max(0, nowNanos - freshNanos)),
                    cause != null || fromStore,
                    cause == null ? null : cause.getMessage(),
                    last == null ? 0 : last.revision(),
                    choice.panic(),
                    budget.balanceMillis() / 1000.0,
                    views);
        } finally {
            lock.unlock();
        }
    }

    private int adopt(ServiceSnapshot next, boolean afterInterruption, long nowNanos) {
        addresses.begin();
        int held = membership.adopt(next, afterInterruption, nowNanos);
        snapshot = next;
        boolean unused = refreshWeights(nowNanos);
        rebuild(nowNanos);
        everKnown |= !next.isEmpty();
        return held;
    }

    private InstanceState newcomer(ServiceInstance instance) {
        InstanceState state = new InstanceState(instance, options.guards(), quota, median, options.environment());
        if (everKnown) {
            state.warmUp(now(), options.slowStart().toNanos());
        }
        return state;
    }

    /** Recomputes effective weights; true when one changed. When most instances are new, being new says nothing. */
    private boolean refreshWeights(long nowNanos) {
        List<InstanceState> members = membership.members();
        int warming = 0;
        for (InstanceState state : members) {
            warming += state.isWarming(nowNanos) ? 1 : 0;
        }
        boolean warmupCounts = warming * 2 <= members.size();
        boolean changed = false;
        for (InstanceState state : members) {
            changed |= state.refreshWeight(nowNanos, warmupCounts);
        }
        return changed;
    }

    private void rebuild(long nowNanos) {
        List<InstanceState> members = membership.members();
        quota.setInstances(members.size());
        Choice previous = choice;
        choice = chooser.choose(members, previous, nowNanos);
        if (choice.panic() != previous.panic()) {
            options.environment().listener().onPanic(service, choice.panic());
        }
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
