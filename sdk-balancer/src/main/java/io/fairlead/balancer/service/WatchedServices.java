// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Registry;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.RepeatedTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The services a balancer watches: each from its first use until it has been idle, and evaluated once a second meanwhile.
 * Safe for any thread.
 */
public final class WatchedServices implements AutoCloseable {
    private static final int MAX_SERVICES = 10_000;
    private static final Duration UNKNOWN_REMEMBERED = Duration.ofSeconds(2);
    private static final long EVALUATION_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** A sweep that takes longer than this hangs in a callback; another sweep is started. */
    private static final long HANGING_NANOS = TimeUnit.SECONDS.toNanos(3);
    /** Names that the registry has answered for with nobody, watched at once. */
    private static final int MOST_UNKNOWN = 64;
    /** Names that the registry has not answered for, watched at once: who chooses names may choose many. */
    private static final int MOST_UNANSWERED = 1_024;

    private static final Duration UNANSWERED_REMEMBERED = Duration.ofSeconds(30);

    private final Registry registry;
    private final Environment environment;
    private final UnaryOperator<String> serviceOf;
    private final Function<String, ServiceSetup.Given> options;
    private final NoInstanceMessages messages;
    private final Cache<String, WatchedService> lists;
    private final ConcurrentHashMap<String, WatchedService> recentlyUsed = new ConcurrentHashMap<>();
    private final Queue<WatchedService> evicted = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable RepeatedTask> evaluator = new AtomicReference<>();
    private final AtomicReference<@Nullable Sweep> sweep = new AtomicReference<>();
    private volatile boolean closed;
    private final AtomicInteger changes = new AtomicInteger();

    /** One look at every service, begun at a time. */
    private record Sweep(long sinceNanos) {}

    public WatchedServices(
            Registry registry,
            Environment environment,
            Duration idleAfter,
            UnaryOperator<String> serviceOf,
            Function<String, ServiceSetup.Given> options) {
        this.registry = registry;
        this.environment = environment;
        this.serviceOf = serviceOf;
        this.options = options;
        this.messages = new NoInstanceMessages(registry, this::existing);
        this.lists = Caffeine.newBuilder()
                .maximumSize(MAX_SERVICES)
                .expireAfterAccess(idleAfter)
                .ticker(environment.ticker()::nanos)
                .executor(environment.executor())
                .scheduler(Scheduler.forScheduledExecutorService(environment.scheduler()))
                .<String, WatchedService>evictionListener((service, list, cause) -> {
                    if (list != null) {
                        recentlyUsed.remove(list.service(), list);
                        evicted.add(list);
                        handOver(this::closeEvicted);
                    }
                })
                .build();
    }

    /** The service a host names, if it is watched; no use of it. */
    @Nullable
    public WatchedService peek(String service) {
        return lists.policy().getIfPresentQuietly(serviceOf.apply(service));
    }

    /** Sorted. */
    public List<String> names() {
        return lists.asMap().keySet().stream().sorted().toList();
    }

    /** Watched services that exist. */
    List<String> existing() {
        return lists.asMap().values().stream()
                .filter(list -> !list.isUnknown())
                .map(WatchedService::service)
                .sorted()
                .toList();
    }

    /**
     * Other options for every service, or for none. By one thread at a time.
     *
     * @param next the options of a service
     * @param swap makes them those of services that are watched from now on
     * @throws IllegalArgumentException when a user's code throws, and IllegalStateException when it hangs, before anything
     *     has changed
     */
    public void change(Function<String, ServiceOptions> next, Runnable swap) {
        requireOpen();
        Map<WatchedService, ServiceSetup.Next> built = build(next);
        swap.run();
        changes.incrementAndGet();
        built.forEach((list, setup) -> orDrop(list, list.putInForce(setup)));
        for (WatchedService list : lists.asMap().values()) {
            if (!built.containsKey(list)) {
                takeUp(list);
            }
        }
    }

    private Map<WatchedService, ServiceSetup.Next> build(Function<String, ServiceOptions> next) {
        Map<WatchedService, ServiceSetup.Next> built = new LinkedHashMap<>();
        RuntimeException first = null;
        for (WatchedService list : sorted()) {
            try {
                built.put(list, list.build(next.apply(list.service())));
            } catch (RefusedOption thrown) {
                IllegalArgumentException refused = thrown.of("'" + list.service() + "'");
                if (first == null) {
                    first = refused;
                } else {
                    first.addSuppressed(refused);
                }
            } catch (IllegalStateException hanging) {
                if (first != null) {
                    hanging.addSuppressed(first);
                }
                throw hanging;
            }
        }
        if (first != null) {
            throw first;
        }
        return built;
    }

    private List<WatchedService> sorted() {
        return lists.asMap().values().stream()
                .sorted(Comparator.comparing(WatchedService::service))
                .toList();
    }

    /** A service that appeared while options changed takes up the new ones, or its next use makes it anew under them. */
    private @Nullable RefusedOption takeUp(WatchedService list) {
        return orDrop(list, list.takeUp(() -> options.apply(list.service()).service()));
    }

    private @Nullable RefusedOption orDrop(WatchedService list, @Nullable RefusedOption refused) {
        if (refused != null) {
            drop(list);
        }
        return refused;
    }

    /** Whether this thread runs a policy or a guard of a service, within a change of it. */
    public boolean isUpdatingHere() {
        return lists.asMap().values().stream().anyMatch(WatchedService::isUpdatingHere);
    }

    /** Ends every watch. Idempotent; takes no lock that a callback could hold. */
    @Override
    public void close() {
        closed = true;
        endEvaluation();
        recentlyUsed.clear();
        lists.asMap().values().forEach(WatchedService::close);
        lists.invalidateAll();
        // Otherwise the cache's next clean-up, minutes ahead, would keep the timer's thread alive.
        lists.cleanUp();
        closeEvicted();
    }

    private void endEvaluation() {
        RepeatedTask ending = evaluator.getAndSet(null);
        if (ending != null) {
            ending.close();
        }
    }

    /**
     * The service a host names, watched from now on. Touches the cache at most once a second for each service: its
     * bookkeeping of uses is too dear for every call, and a second is exact enough to find idle services.
     */
    public WatchedService of(String service, long nowNanos) {
        WatchedService recent = recentlyUsed.get(service);
        if (recent != null && nowNanos - recent.usedNanos() < RECENT_NANOS) {
            return recent;
        }
        WatchedService known = lists.getIfPresent(service);
        if (known == null) {
            return watch(serviceOf.apply(service));
        }
        known.use(nowNanos);
        if (recent != known) {
            recentlyUsed.put(service, known);
        }
        return known;
    }

    /** The cache's function only makes the object; the registry is asked outside it. */
    private WatchedService watch(String service) {
        WatchedService known = lists.getIfPresent(service);
        if (known != null) {
            known.use(now());
            return known;
        }
        requireOpen();
        makeRoom(service);
        int before = changes.get();
        WatchedService made = new WatchedService(service, options.apply(service), messages);
        WatchedService raced = lists.asMap().putIfAbsent(service, made);
        if (raced != null) {
            return raced;
        }
        try {
            // A reconfiguration that ran meanwhile may not have seen this new service.
            RefusedOption refused = changes.get() == before ? null : takeUp(made);
            if (refused != null) {
                throw new IllegalStateException("new options of '" + service + "'", refused);
            }
            evaluateFromNowOn();
            made.start(registry);
            requireOpen();
        } catch (Throwable refused) {
            drop(made);
            throw refused;
        }
        return made;
    }

    private void requireOpen() {
        if (closed) {
            endEvaluation();
            throw new IllegalStateException("Fairlead over " + registry.description()
                    + " is closed (expected: an open one; let calls end before close)");
        }
    }

    /** Names that prove to be nobody's make room for new ones; while too many wait for an answer, none is added. */
    private void makeRoom(String service) {
        List<WatchedService> unknown = new ArrayList<>();
        int unanswered = 0;
        for (WatchedService list : lists.asMap().values()) {
            if (!list.isReady()) {
                unanswered++;
            } else if (list.isUnknown()) {
                unknown.add(list);
            }
        }
        if (unanswered >= MOST_UNANSWERED) {
            throw new NoInstanceException(
                    service,
                    NoInstanceException.Reason.NOT_READY,
                    "No list of '" + service + "' yet: " + registry.description() + " has not answered for "
                            + unanswered + " other names (expected: fewer than " + MOST_UNANSWERED + " at once)");
        }
        long nowNanos = now();
        unknown.sort(Comparator.comparingLong((WatchedService list) -> nowNanos - list.usedNanos())
                .reversed());
        unknown.stream().limit(Math.max(0, unknown.size() - MOST_UNKNOWN + 1)).forEach(this::drop);
    }

    /** Within the cache's own lock nothing is closed; what the executor refuses, the next sweep does. */
    private void handOver(Runnable task) {
        try {
            environment.executor().execute(task);
        } catch (Throwable refused) {
            // Not told from here: that would call a user's code within the cache.
        }
    }

    private void closeEvicted() {
        for (WatchedService list = evicted.poll(); list != null; list = evicted.poll()) {
            list.close();
        }
    }

    private void drop(WatchedService list) {
        lists.asMap().remove(list.service(), list);
        recentlyUsed.values().removeIf(recent -> recent == list);
        list.close();
    }

    private void evaluateFromNowOn() {
        if (evaluator.get() != null) {
            return;
        }
        RepeatedTask mine = RepeatedTask.start(
                environment.scheduler(),
                environment.executor(),
                EVALUATION_NANOS,
                () -> {
                    environment.executor().execute(this::evaluate);
                    return EVALUATION_NANOS;
                },
                failure -> environment.listener().onCallbackFailed("evaluation of services", failure));
        if (!evaluator.compareAndSet(null, mine)) {
            mine.close();
        }
    }

    /** A callback of one service that hangs keeps one thread, and no other service's evaluation. */
    private void evaluate() {
        long nowNanos = now();
        Sweep before = sweep.get();
        Sweep mine = new Sweep(nowNanos);
        boolean isBusy = before != null && nowNanos - before.sinceNanos < HANGING_NANOS;
        if (closed || isBusy || !sweep.compareAndSet(before, mine)) {
            return;
        }
        try {
            closeEvicted();
            recentlyUsed.values().removeIf(list -> nowNanos - list.usedNanos() >= 2 * RECENT_NANOS);
            lists.asMap().values().forEach(this::evaluate);
        } finally {
            sweep.compareAndSet(mine, null);
        }
    }

    private void evaluate(WatchedService list) {
        try {
            if (isForgotten(list)) {
                drop(list);
            } else {
                list.evaluate();
            }
        } catch (Throwable failure) {
            environment.listener().onCallbackFailed("evaluation of '" + list.service() + "'", failure);
        }
    }

    /** What never was a service is not watched for as long as one. */
    private boolean isForgotten(WatchedService list) {
        Duration remembered = list.isReady() ? UNKNOWN_REMEMBERED : UNANSWERED_REMEMBERED;
        return list.isUnknown() && now() - list.usedNanos() >= remembered.toNanos();
    }

    private long now() {
        return environment.ticker().nanos();
    }
}
