// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
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
import java.util.zip.CRC32C;
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
    private static final long WAKE_SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Duration FIRST_DEADLINE = Duration.ofSeconds(3);
    private static final Duration MARGIN = Duration.ofSeconds(3);
    private static final long SLOW_RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String service;
    private final ConsulHttp http;
    private final ConsulOptions options;
    private final QuerySlots slots;
    private final Environment environment;
    private final SnapshotFeed feed;
    private final Runnable onRecovered;
    private final SerialTasks work;
    private volatile boolean closed;

    // The rest belongs to the serial queue.
    private final Backoff backoff;
    private final RejectedEntries rejected;
    private final Pace pace = new Pace();
    private long index;
    private Seen seen = new Seen(0, 0);
    private boolean sleeping;
    private boolean toldToStayAway;
    private @Nullable ScheduledFuture<?> alarm;
    private @Nullable CompletableFuture<?> held;

    /** What the last list was read from. The index alone does not tell: it stands still when a token changes. */
    private record Seen(long index, long checksum) {}

    ConsulWatch(
            String service,
            ConsulHttp http,
            ConsulOptions options,
            QuerySlots slots,
            Environment environment,
            SnapshotFeed feed,
            Runnable onRecovered) {
        this.service = service;
        this.http = http;
        this.options = options;
        this.slots = slots;
        this.environment = environment;
        this.feed = feed;
        this.onRecovered = onRecovered;
        this.rejected = new RejectedEntries(
                service,
                environment.listener(),
                (entry, reason) -> LOG.warn("rejected instance {} of '{}': {}", entry, service, reason));
        this.backoff = Backoff.ofRegistry(environment.random());
        this.work = new SerialTasks(
                http.tasks(),
                failure -> environment.listener().onCallbackFailed("watch of '" + service + "'", failure));
    }

    @Override
    public void start() {
        slots.watchOpened();
        work.execute(this::nextQuery);
    }

    @Override
    public void close() {
        closed = true;
        slots.watchClosed();
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
            if (sleeping && backoff.failures() > 0 && !toldToStayAway) {
                sleepFor(environment.random().nextLong(WAKE_SPREAD_NANOS));
            }
        });
    }

    /** Takes a turn; the slot is given back whatever comes of it. */
    private void query() {
        sleeping = false;
        Lane lane = index == 0 ? slots.unheld() : slots.held();
        lane.enter(() -> work.execute(() -> {
            if (closed) {
                lane.release();
            } else {
                ask(lane);
            }
        }));
    }

    private void ask(Lane lane) {
        Duration hold = slots.hold(options.hold());
        // Consul adds up to a sixteenth of the wait.
        Duration deadline = index == 0
                ? FIRST_DEADLINE
                : hold.multipliedBy(17).dividedBy(16).plus(MARGIN);
        CompletableFuture<ConsulHttp.Answer> query =
                http.get(HealthQuery.path(service, options, index, hold), deadline);
        held = query;
        query.whenComplete((answer, failure) -> {
            lane.release();
            work.execute(() -> {
                if (closed) {
                    return;
                }
                if (failure == null) {
                    answered(answer);
                } else {
                    failed(failure);
                }
            });
        });
    }

    private void answered(ConsulHttp.Answer answer) {
        try {
            if (!answer.isCurrent()) {
                throw new RegistryException(Reason.UNAVAILABLE, options + " has no leader, or lost touch with it");
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
            Seen now = new Seen(next, checksum(answer.body()));
            if (now.equals(seen) && feed.interruption() == null) {
                feed.confirm();
            } else {
                feed.publish(instances(answer, next));
            }
            index = next;
            seen = now;
        } catch (RegistryException odd) {
            failed(odd);
            return;
        }
        boolean recovered = backoff.failures() > 0;
        backoff.reset();
        toldToStayAway = false;
        nextQuery();
        if (recovered) {
            onRecovered.run();
        }
    }

    /** Without a token, or with one of fewer rights, Consul leaves out what may not be read and says nothing of it. */
    private List<ServiceInstance> instances(ConsulHttp.Answer answer, long next) {
        List<ServiceInstance> instances = HealthAnswer.read(service, answer.body(), rejected::tell);
        ServiceSnapshot last = feed.last();
        boolean stands = answer.index() > 0 && next == seen.index;
        int missing = last == null || !stands ? 0 : last.instances().size() - instances.size();
        if (missing > 0) {
            throw new RegistryException(
                    Reason.UNAUTHORIZED,
                    options + ": " + missing + " instances of '" + service
                            + "' are missing though its index stands still" + " at " + next
                            + " (expected: a token that may read them)");
        }
        if (instances.isEmpty() && answer.isCutByAcl()) {
            throw new RegistryException(
                    Reason.UNAUTHORIZED,
                    options + ": the token may read no instance of '" + service
                            + "' (expected: service:read, node:read)");
        }
        return instances;
    }

    private static long checksum(byte[] body) {
        CRC32C checksum = new CRC32C();
        checksum.update(body);
        return checksum.getValue();
    }

    private void failed(Throwable failure) {
        index = 0;
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        RegistryException known = cause instanceof RegistryException registry ? registry : http.unreachable(cause);
        feed.interrupt(known);
        boolean permanent = known.reason() == Reason.UNAUTHORIZED || known.reason() == Reason.REJECTED;
        long least = permanent ? SLOW_RETRY_NANOS : known.retryAfter().toNanos();
        toldToStayAway = !known.retryAfter().isZero();
        sleepFor(Math.max(least, backoff.nextNanos()));
    }

    private void nextQuery() {
        sleepFor(pace.next(environment.ticker().nanos()));
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
        if (sleeping && !closed) {
            query();
        }
    }

    /** A single read. */
    static List<ServiceInstance> readOnce(String service, ConsulHttp http, ConsulOptions options, Duration deadline) {
        ConsulHttp.Answer answer = http.getNow(HealthQuery.path(service, options, 0, options.hold()), deadline);
        return HealthAnswer.read(service, answer.body(), (entry, reason) -> {});
    }
}
