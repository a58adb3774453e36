// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.fairlead.api.Registry;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The services a balancer watches: each from its first use until it has been idle, and evaluated once a second meanwhile.
 * Safe for any thread.
 */
final class WatchedServices implements AutoCloseable {
    private static final int MAX_SERVICES = 10_000;
    private static final Duration UNKNOWN_REMEMBERED = Duration.ofSeconds(2);
    private static final long EVALUATION_SECONDS = 1;
    private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Registry registry;
    private final BalancerOptions options;
    private final ServiceHosts hosts;
    private final Function<String, BalancingPolicy> policies;
    private final Cache<String, ServiceList> lists;
    private final ConcurrentHashMap<String, ServiceList> recentlyUsed = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ScheduledFuture<?> evaluator; // guarded by lock
    private volatile boolean closed;

    WatchedServices(
            Registry registry,
            BalancerOptions options,
            ServiceHosts hosts,
            Function<String, BalancingPolicy> policies) {
        this.registry = registry;
        this.options = options;
        this.hosts = hosts;
        this.policies = policies;
        Environment environment = options.environment();
        this.lists = Caffeine.newBuilder()
                .maximumSize(MAX_SERVICES)
                .expireAfter(Expiry.<String, ServiceList>accessing((service, list) -> lifetime(list)))
                .ticker(environment.ticker()::nanos)
                .executor(environment.executor())
                .scheduler(Scheduler.forScheduledExecutorService(environment.scheduler()))
                .<String, ServiceList>evictionListener((service, list, cause) -> {
                    if (list != null) {
                        recentlyUsed.remove(list.service(), list);
                        environment.executor().execute(list::close);
                    }
                })
                .build();
    }

    /** The service a host names, if it is watched; no use of it. */
    @Nullable
    ServiceList peek(String service) {
        return lists.policy().getIfPresentQuietly(hosts.serviceOf(service));
    }

    /** Sorted. */
    List<String> names() {
        return lists.asMap().keySet().stream().sorted().toList();
    }

    /** Watched services that exist. */
    List<String> existing() {
        return lists.asMap().values().stream()
                .filter(list -> !list.isUnknown())
                .map(ServiceList::service)
                .sorted()
                .toList();
    }

    /** Ends every watch. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (evaluator != null) {
                evaluator.cancel(false);
                evaluator = null;
            }
        } finally {
            lock.unlock();
        }
        recentlyUsed.clear();
        lists.asMap().values().forEach(ServiceList::close);
        lists.invalidateAll();
        // Else the cache's next clean-up, planned for minutes ahead, keeps the timer's thread.
        lists.cleanUp();
    }

    /**
     * The service a host names, watched from now on. The cache, which keeps accounts of every use, is asked once a second and service; that is exact enough to idle.
     */
    ServiceList of(String service, long nowNanos) {
        ServiceList recent = recentlyUsed.get(service);
        if (recent != null && nowNanos - recent.usedNanos() < RECENT_NANOS) {
            return recent;
        }
        ServiceList known = lists.getIfPresent(service);
        if (known == null) {
            return watch(hosts.serviceOf(service));
        }
        known.use(nowNanos);
        if (recent != known) {
            recentlyUsed.put(service, known);
        }
        return known;
    }

    /** The cache's function only makes the object; the registry is asked outside it. */
    private ServiceList watch(String service) {
        ServiceList made = new ServiceList(service, policies.apply(service), options);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("Fairlead over " + registry.description() + " is closed");
            }
            ServiceList raced = lists.asMap().putIfAbsent(service, made);
            if (raced != null) {
                return raced;
            }
            if (evaluator == null) {
                evaluator = options.environment()
                        .scheduler()
                        .scheduleWithFixedDelay(
                                this::evaluate, EVALUATION_SECONDS, EVALUATION_SECONDS, TimeUnit.SECONDS);
            }
        } finally {
            lock.unlock();
        }
        try {
            made.start(registry);
        } catch (RuntimeException refused) {
            lists.asMap().remove(service, made);
            throw refused;
        }
        return made;
    }

    private void evaluate() {
        for (ServiceList list : lists.asMap().values()) {
            try {
                list.evaluate();
            } catch (RuntimeException failure) {
                options.environment().listener().onCallbackFailed("evaluation of '" + list.service() + "'", failure);
            }
        }
    }

    private Duration lifetime(ServiceList list) {
        return list.isReady() && list.isUnknown() ? UNKNOWN_REMEMBERED : options.idleAfter();
    }
}
