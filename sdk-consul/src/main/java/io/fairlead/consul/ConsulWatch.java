// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.BackendWatch;
import io.fairlead.spi.Backoff;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RejectedEntries;
import io.fairlead.spi.SerialTasks;
import io.fairlead.spi.SnapshotFeed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one service with held queries: each answers when something changed or the wait is over. The index is what the
 * last answer said, forgotten after every failure and whenever it goes backwards, because a restarted Consul holds a query
 * with an index from its former life for the whole wait. Everything runs on one serial queue; no thread waits.
 */
final class ConsulWatch implements BackendWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulWatch.class);
    private static final long LEAST_GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long WAKE_SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Duration FIRST_DEADLINE = Duration.ofSeconds(3);
    private static final Duration MARGIN = Duration.ofSeconds(3);
    private static final long SLOW_RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String service;
    private final ConsulHttp http;
    private final ConsulOptions options;
    private final Environment environment;
    private final SnapshotFeed feed;
    private final Runnable onRecovered;
    private final SerialTasks work;
    private volatile boolean closed;

    // The rest belongs to the serial queue.
    private final Backoff backoff;
    private final RejectedEntries rejected;
    private long index;
    private long lastQueryNanos;
    private boolean sleeping;
    private @Nullable ScheduledFuture<?> alarm;
    private @Nullable CompletableFuture<?> held;

    ConsulWatch(
            String service,
            ConsulHttp http,
            ConsulOptions options,
            Environment environment,
            SnapshotFeed feed,
            Runnable onRecovered) {
        this.service = service;
        this.http = http;
        this.options = options;
        this.environment = environment;
        this.feed = feed;
        this.onRecovered = onRecovered;
        this.rejected = new RejectedEntries(
                service,
                environment.listener(),
                (entry, reason) -> LOG.warn("rejected instance {} of '{}': {}", entry, service, reason));
        this.backoff = Backoff.ofRegistry(environment.random());
        this.work = new SerialTasks(
                environment.executor(),
                failure -> environment.listener().onCallbackFailed("watch of '" + service + "'", failure));
    }

    @Override
    public void start() {
        work.execute(this::query);
    }

    @Override
    public void close() {
        closed = true;
        work.execute(() -> {
            CompletableFuture<?> query = held;
            if (query != null) {
                query.cancel(true);
            }
            ScheduledFuture<?> pending = alarm;
            if (pending != null) {
                pending.cancel(false);
            }
        });
    }

    /** Another watch of this agent works again: no use sleeping on. */
    void wake() {
        work.execute(() -> {
            if (sleeping) {
                sleepFor(environment.random().nextLong(WAKE_SPREAD_NANOS));
            }
        });
    }

    /** The path and query of a health query; also for a single read. */
    static String path(String service, ConsulOptions options, long index) {
        StringBuilder path = new StringBuilder("/v1/health/service/").append(ConsulHttp.encode(service));
        path.append('?');
        if (index > 0) {
            path.append("index=")
                    .append(index)
                    .append("&wait=")
                    .append(ConsulFormat.go(options.hold()))
                    .append('&');
        }
        if (options.datacenter() != null) {
            path.append("dc=").append(ConsulHttp.encode(options.datacenter())).append('&');
        }
        switch (options.consistency()) {
            case STALE -> path.append("stale&");
            case CONSISTENT -> path.append("consistent&");
            case DEFAULT -> {
                // what the server does by itself
            }
        }
        path.setLength(path.length() - 1);
        return path.toString();
    }

    private void query() {
        if (closed) {
            return;
        }
        sleeping = false;
        lastQueryNanos = environment.ticker().nanos();
        // Consul adds up to a sixteenth of the wait.
        Duration deadline = index == 0
                ? FIRST_DEADLINE
                : options.hold().multipliedBy(17).dividedBy(16).plus(MARGIN);
        CompletableFuture<ConsulHttp.Answer> query = http.get(path(service, options, index), deadline);
        held = query;
        query.whenComplete((answer, failure) -> work.execute(() -> {
            if (closed) {
                return;
            }
            if (failure == null) {
                answered(answer);
            } else {
                failed(failure);
            }
        }));
    }

    private void answered(ConsulHttp.Answer answer) {
        try {
            if (!answer.hasLeader()) {
                throw new RegistryException(Reason.UNAVAILABLE, options + " has no leader");
            }
            long next = Math.max(1, answer.index());
            if (index > 0 && next < index) {
                long before = index;
                index = 0;
                feed.interrupt(new RegistryException(
                        Reason.INVALID_ANSWER,
                        options + ": the index of '" + service + "' went back from " + before + " to " + next));
                nextQuery();
                return;
            }
            boolean unchanged = next == index && feed.interruption() == null && feed.last() != null;
            index = next;
            if (unchanged) {
                feed.confirm();
            } else {
                feed.publish(HealthAnswer.read(service, answer.body(), rejected::tell));
            }
        } catch (RegistryException odd) {
            failed(odd);
            return;
        }
        boolean recovered = backoff.failures() > 0;
        backoff.reset();
        nextQuery();
        if (recovered) {
            onRecovered.run();
        }
    }

    private void failed(Throwable failure) {
        index = 0;
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        RegistryException known = cause instanceof RegistryException registry ? registry : http.unreachable(cause);
        feed.interrupt(known);
        long wait = backoff.nextNanos();
        boolean permanent = known.reason() == Reason.UNAUTHORIZED || known.reason() == Reason.REJECTED;
        sleepFor(permanent ? Math.max(wait, SLOW_RETRY_NANOS) : wait);
    }

    private void nextQuery() {
        long gap = LEAST_GAP_NANOS - (environment.ticker().nanos() - lastQueryNanos);
        sleepFor(Math.max(0, gap));
    }

    private void sleepFor(long nanos) {
        ScheduledFuture<?> pending = alarm;
        if (pending != null) {
            pending.cancel(false);
        }
        sleeping = true;
        alarm = environment.scheduler().schedule(() -> work.execute(this::awake), nanos, TimeUnit.NANOSECONDS);
    }

    private void awake() {
        if (sleeping) {
            query();
        }
    }

    /** A single read. */
    static List<ServiceInstance> readOnce(String service, ConsulHttp http, ConsulOptions options, Duration deadline) {
        ConsulHttp.Answer answer = http.getNow(path(service, options, 0), deadline);
        return HealthAnswer.read(service, answer.body(), (entry, reason) -> {});
    }
}
