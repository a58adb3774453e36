// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceDiscovery;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Picker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final double PANIC_BELOW = 0.5;
    private static final double PANIC_UNTIL = 0.6;
    private static final int CALM_EVALUATIONS = 2;
    private static final Duration STORE_AFTER = Duration.ofMillis(500);
    private static final Duration RETIRED = Duration.ofSeconds(60);
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
    private final ListKeeper keeper; // guarded by lock
    private final Map<String, InstanceState> states = new LinkedHashMap<>(); // guarded by lock
    private final Cache<String, InstanceState> retired;
    private int calmEvaluations; // guarded by lock
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
        this.keeper = new ListKeeper(options.outagePolicy());
        this.budget = new RetryBudget(
                options.retryRatio(),
                options.retriesPerSecond(),
                options.environment().ticker());
        this.freshNanos = now();
        this.retired = Caffeine.newBuilder()
                .expireAfterWrite(RETIRED)
                .ticker(options.environment().ticker()::nanos)
                .executor(options.environment().executor())
                .build();
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
        ServiceSnapshot kept;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            long nowNanos = now();
            afterInterruption = interruption != null || fromStore;
            fromStore = false;
            held = keeper.adopt(next, afterInterruption, nowNanos);
            interruption = null;
            freshNanos = nowNanos;
            snapshot = next;
            reconcile(nowNanos);
            rebuild(nowNanos);
            everKnown |= !next.isEmpty();
            kept = new ServiceSnapshot(service, next.revision(), keeper.instances());
        } finally {
            lock.unlock();
        }
        ready.countDown();
        SnapshotStore store = options.store();
        if (store != null) {
            store.save(kept);
        }
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
            keeper.adopt(stored, false, nowNanos);
            fromStore = true;
            snapshot = stored;
            reconcile(nowNanos);
            rebuild(nowNanos);
            everKnown = true;
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
            median.refresh(states.values());
            boolean changed = dirty.getAndSet(false);
            if (keeper.holdsAny()) {
                boolean allRefuse = states.values().stream()
                        .filter(InstanceState::isSuspect)
                        .allMatch(InstanceState::isRefusing);
                if (allRefuse) {
                    keeper.releaseAll();
                }
                if (allRefuse || keeper.expire(nowNanos)) {
                    reconcile(nowNanos);
                    changed = true;
                }
            }
            if (isTooOld(nowNanos)) {
                keeper.forgetAll();
                reconcile(nowNanos);
                changed = true;
            }
            boolean warmupCounts = warmupCounts(nowNanos);
            for (InstanceState state : states.values()) {
                changed |= state.refreshWeight(nowNanos, warmupCounts);
            }
            if (changed || choice.panic()) {
                rebuild(nowNanos);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isTooOld(long nowNanos) {
        Duration maxAge = options.outagePolicy().maxAge();
        return maxAge != null && interruption != null && !states.isEmpty() && nowNanos - freshNanos >= maxAge.toNanos();
    }

    ServiceStatus status() {
        lock.lock();
        try {
            long nowNanos = now();
            List<InstanceView> views = new ArrayList<>();
            states.values().forEach(state -> views.add(state.view(nowNanos)));
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

    /** Keeps, adds and retires state by identity. */
    private void reconcile(long nowNanos) {
        Map<String, InstanceState> before = new LinkedHashMap<>(states);
        boolean first = !everKnown;
        states.clear();
        for (ServiceInstance instance : keeper.instances()) {
            String key = ListKeeper.key(instance);
            InstanceState state = before.remove(key);
            if (state == null) {
                state = retired.asMap().remove(key);
            }
            if (state == null) {
                state = new InstanceState(instance, options.guards(), quota, median, options.environment());
                if (!first) {
                    state.warmUp(nowNanos, options.slowStart().toNanos());
                }
            } else {
                state.update(instance);
            }
            state.setSuspect(keeper.holds(instance));
            states.put(key, state);
        }
        before.forEach((key, state) -> {
            state.retire();
            retired.put(key, state);
        });
        quota.setInstances(states.size());
        boolean warmupCounts = warmupCounts(nowNanos);
        states.values().forEach(state -> state.refreshWeight(nowNanos, warmupCounts));
    }

    /** When most instances are new, being new says nothing. */
    private boolean warmupCounts(long nowNanos) {
        long warming = states.values().stream()
                .filter(state -> state.isWarming(nowNanos))
                .count();
        return warming * 2 <= states.size();
    }

    private void rebuild(long nowNanos) {
        List<InstanceState> serving = new ArrayList<>();
        List<InstanceState> usable = new ArrayList<>();
        int healthy = 0;
        for (InstanceState state : states.values()) {
            InstanceStatus status = state.instance().status();
            if (status == InstanceStatus.DRAINING) {
                continue;
            }
            serving.add(state);
            if (status.isUsable()) {
                usable.add(state);
                healthy += state.guardAllows(nowNanos) ? 1 : 0;
            }
        }
        boolean panic = judgePanic(serving.size(), healthy);
        List<InstanceState> chosen = panic ? serving : usable;
        if (serving.isEmpty()) {
            // Only draining instances are left: they still answer, which is better than nothing.
            serving.addAll(states.values());
            chosen = serving;
        }
        Choice previous = choice;
        Picker picker = chosen.isEmpty()
                ? null
                : policy.newPicker(List.<Candidate>copyOf(chosen), previous.picker(), options.environment());
        choice = new Choice(
                picker,
                chosen.toArray(InstanceState[]::new),
                serving.toArray(InstanceState[]::new),
                states.size(),
                panic);
        if (panic != previous.panic()) {
            options.environment().listener().onPanic(service, panic);
        }
    }

    private boolean judgePanic(int serving, int healthy) {
        double ratio = serving == 0 ? 1 : (double) healthy / serving;
        if (!choice.panic()) {
            calmEvaluations = 0;
            return ratio < PANIC_BELOW;
        }
        calmEvaluations = ratio >= PANIC_UNTIL ? calmEvaluations + 1 : 0;
        return calmEvaluations < CALM_EVALUATIONS;
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
