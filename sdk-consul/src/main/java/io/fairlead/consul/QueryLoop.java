// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.Backoff;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks again and again with held queries: each answers when something changed or the wait is over. Everything runs on one
 * serial queue; no thread waits. Whatever a step throws ends that step only: the follower is told and the next one runs.
 */
final class QueryLoop {
    private static final long WAKE_SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Duration FIRST_DEADLINE = Duration.ofSeconds(3);
    private static final Duration MARGIN = Duration.ofSeconds(3);
    private static final long SLOW_RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** How long after it was due a step counts as lost, and how often that is looked at. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Follower follower;
    private final ConsulHttp http;
    private final QuerySlots slots;
    private final Duration usualHold;
    private final Environment environment;
    private final SerialTasks work;
    private volatile boolean closed;
    private volatile @Nullable ScheduledFuture<?> guard;

    // The rest belongs to the serial queue.
    private final Backoff backoff;
    private final Pace pace = new Pace();
    private long index;
    private boolean sleeping;
    private boolean waitsForTurn;
    private boolean unreachable;
    private boolean toldToStayAway;
    private long dueNanos;
    private @Nullable ScheduledFuture<?> alarm;
    private @Nullable CompletableFuture<?> held;

    /** Who wants to know. All methods are called on the serial queue. */
    interface Follower {
        /** What is asked; held for {@code hold} unless {@code index} is 0. */
        String path(long index, Duration hold);

        /**
         * Takes an answer.
         *
         * @return the index to wait from, 0 to ask without waiting
         * @throws RegistryException when the answer is none
         */
        long answered(ConsulHttp.Answer answer);

        /** There is no answer; it is asked again after a while. */
        void interrupted(RegistryException cause);

        /** There are answers again. */
        void recovered();
    }

    QueryLoop(
            String what,
            Follower follower,
            ConsulHttp http,
            QuerySlots slots,
            Duration usualHold,
            Environment environment) {
        this.follower = follower;
        this.http = http;
        this.slots = slots;
        this.usualHold = usualHold;
        this.environment = environment;
        this.backoff = Backoff.ofRegistry(environment.random());
        this.work =
                new SerialTasks(http.tasks(), failure -> environment.listener().onCallbackFailed(what, failure));
    }

    void start() {
        slots.watchOpened();
        dueNanos = environment.ticker().nanos();
        guard = environment
                .scheduler()
                .scheduleWithFixedDelay(this::guard, LATE_NANOS, LATE_NANOS, TimeUnit.NANOSECONDS);
        step(this::nextQuery);
    }

    void close() {
        closed = true;
        slots.watchClosed();
        cancel(guard);
        work.execute(() -> {
            CompletableFuture<?> query = held;
            if (query != null) {
                query.cancel(true);
            }
            cancel(alarm);
        });
    }

    /** Another loop of this agent works again: no use sleeping on. */
    void wake() {
        step(() -> {
            if (sleeping && backoff.failures() > 0 && !toldToStayAway) {
                sleepFor(environment.random().nextLong(WAKE_SPREAD_NANOS));
            }
        });
    }

    private void step(Runnable step) {
        work.execute(() -> {
            if (closed) {
                return;
            }
            try {
                step.run();
            } catch (Throwable thrown) {
                failed(thrown);
            }
        });
    }

    private void guard() {
        try {
            step(this::lookAfter);
        } catch (Throwable none) {
            // A scheduler forgets what throws; the next round comes.
        }
    }

    /** A step that could not even be followed by another, as without memory, is followed by one from here. */
    private void lookAfter() {
        if (!waitsForTurn && environment.ticker().nanos() - dueNanos > LATE_NANOS) {
            CompletableFuture<?> query = held;
            held = null;
            if (query != null) {
                query.cancel(true);
            }
            throw new IllegalStateException("a query was due and was not sent, or had no end");
        }
    }

    /** Takes a turn; the slot is given back whatever comes of it. */
    private void query() {
        sleeping = false;
        waitsForTurn = true;
        Lane lane = index == 0 ? slots.unheld() : slots.held();
        lane.enter(() -> work.execute(() -> {
            waitsForTurn = false;
            if (closed) {
                lane.release();
                return;
            }
            try {
                ask(lane);
            } catch (Throwable thrown) {
                lane.release();
                failed(thrown);
            }
        }));
    }

    private void ask(Lane lane) {
        Duration hold = slots.hold(usualHold);
        // Consul adds up to a sixteenth of the wait.
        Duration deadline = index == 0
                ? FIRST_DEADLINE
                : hold.multipliedBy(17).dividedBy(16).plus(MARGIN);
        dueNanos = environment.ticker().nanos() + deadline.toNanos();
        CompletableFuture<ConsulHttp.Answer> query = http.get(follower.path(index, hold), deadline);
        held = query;
        query.whenComplete((answer, failure) -> {
            lane.release();
            step(() -> {
                if (held != query) {
                    return;
                }
                held = null;
                if (failure == null) {
                    answered(answer);
                } else {
                    failed(failure);
                }
            });
        });
    }

    private void answered(ConsulHttp.Answer answer) {
        index = follower.answered(answer);
        boolean recovered = backoff.failures() > 0;
        backoff.reset();
        toldToStayAway = false;
        unreachable = false;
        nextQuery();
        if (recovered) {
            follower.recovered();
        }
    }

    private void failed(Throwable thrown) {
        index = 0;
        long least = SLOW_RETRY_NANOS;
        try {
            RegistryException known = known(thrown);
            boolean permanent = known.reason() == Reason.UNAUTHORIZED || known.reason() == Reason.REJECTED;
            least = permanent ? SLOW_RETRY_NANOS : known.retryAfter().toNanos();
            toldToStayAway = !known.retryAfter().isZero();
            boolean silent = known.reason() == Reason.UNREACHABLE;
            if (unreachable && !silent) {
                // It is coming back: soon it will have a leader.
                backoff.reset();
            }
            unreachable = silent;
            follower.interrupted(known);
        } finally {
            sleepFor(Math.max(least, backoff.nextNanos()));
        }
    }

    private RegistryException known(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause instanceof RegistryException registry ? registry : http.unreachable(cause);
    }

    private void nextQuery() {
        sleepFor(pace.next(environment.ticker().nanos()));
    }

    private void sleepFor(long nanos) {
        cancel(alarm);
        sleeping = true;
        dueNanos = environment.ticker().nanos() + nanos;
        alarm = environment.scheduler().schedule(() -> step(this::awake), nanos, TimeUnit.NANOSECONDS);
    }

    private void awake() {
        if (sleeping) {
            query();
        }
    }

    private static void cancel(@Nullable ScheduledFuture<?> pending) {
        if (pending != null) {
            pending.cancel(false);
        }
    }
}
