// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.Backoff;
import io.fairlead.spi.Environment;
import io.fairlead.spi.WatchLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Asks again and again with held queries: each answers when something changed or the wait is over. One {@link WatchLoop}
 * carries it, on the few threads of the client; the follower is told of whatever a step throws.
 */
final class QueryLoop implements WatchLoop.Rounds {
    private static final long WAKE_SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final Duration FIRST_DEADLINE = Duration.ofSeconds(3);
    private static final Duration MARGIN = Duration.ofSeconds(3);
    private static final long SLOW_RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** How long after its deadline a query counts as lost, and how often that is looked at. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Follower follower;
    private final ConsulHttp http;
    private final QuerySlots slots;
    private final Duration usualHold;
    private final Environment environment;
    private final WatchLoop loop;
    private final AtomicBoolean counted = new AtomicBoolean();
    private volatile boolean waitsForTurn;

    // The rest belongs to the loop's queue.
    private final Backoff backoff;
    private final Pace pace = new Pace();
    private long index;
    private boolean unreachable;
    private boolean toldToStayAway;
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
        Environment thrifty = new Environment(
                environment.ticker(),
                environment.scheduler(),
                http.tasks(),
                environment.random(),
                environment.listener());
        this.loop = new WatchLoop(what, thrifty, LATE_NANOS, this);
    }

    void start() {
        counted.set(true);
        slots.watchOpened();
        try {
            loop.start();
        } catch (Throwable refused) {
            close();
            throw refused;
        }
    }

    void close() {
        if (counted.compareAndSet(true, false)) {
            slots.watchClosed();
        }
        loop.close();
    }

    /** Another loop of this agent works again: no use sleeping on. */
    void wake() {
        loop.run(() -> {
            boolean sleeping = held == null && !waitsForTurn;
            if (sleeping && backoff.failures() > 0 && !toldToStayAway) {
                loop.nextWithin(environment.random().nextLong(WAKE_SPREAD_NANOS));
            }
        });
    }

    /** Takes a turn; its slot is given back once, whatever comes of it. */
    @Override
    public void round() {
        CompletableFuture<?> query = held;
        if (query != null) {
            held = null;
            query.cancel(true);
            throw new IllegalStateException("a query had no end");
        }
        if (waitsForTurn) {
            return;
        }
        Lane lane = index == 0 ? slots.unheld() : slots.held();
        Turn turn = new Turn(lane);
        waitsForTurn = true;
        try {
            lane.enter(turn);
        } catch (Throwable notEntered) {
            waitsForTurn = false;
            throw notEntered;
        }
    }

    /** One place in a lane. */
    private final class Turn implements Runnable {
        private final Lane lane;
        private final AtomicBoolean over = new AtomicBoolean();

        Turn(Lane lane) {
            this.lane = lane;
        }

        /** On the thread of whoever left: nothing of ours may fail there. */
        @Override
        public void run() {
            try {
                loop.run(this::ask, this::release);
            } catch (Throwable lost) {
                waitsForTurn = false;
                release();
            }
        }

        private void ask() {
            waitsForTurn = false;
            try {
                QueryLoop.this.ask(this);
            } catch (Throwable notAsked) {
                release();
                throw notAsked;
            }
        }

        void release() {
            if (over.compareAndSet(false, true)) {
                lane.release();
            }
        }
    }

    private void ask(Turn turn) {
        Duration hold = slots.hold(usualHold);
        // Consul adds up to a sixteenth of the wait.
        Duration deadline = index == 0
                ? FIRST_DEADLINE
                : hold.multipliedBy(17).dividedBy(16).plus(MARGIN);
        loop.next(deadline.toNanos() + LATE_NANOS);
        CompletableFuture<ConsulHttp.Answer> query = http.get(follower.path(index, hold), deadline);
        held = query;
        query.whenComplete((answer, failure) -> {
            turn.release();
            loop.run(() -> {
                if (held != query) {
                    return;
                }
                held = null;
                if (failure != null) {
                    throw known(failure);
                }
                answered(answer);
            });
        });
    }

    private void answered(ConsulHttp.Answer answer) {
        index = follower.answered(answer);
        boolean recovered = backoff.failures() > 0;
        backoff.reset();
        toldToStayAway = false;
        unreachable = false;
        loop.next(pace.next(environment.ticker().nanos()));
        if (recovered) {
            follower.recovered();
        }
    }

    @Override
    public long failed(Throwable thrown) {
        index = 0;
        RegistryException known = known(thrown);
        boolean permanent = known.reason() == Reason.UNAUTHORIZED || known.reason() == Reason.REJECTED;
        long least = permanent ? SLOW_RETRY_NANOS : known.retryAfter().toNanos();
        toldToStayAway = !known.retryAfter().isZero();
        boolean silent = known.reason() == Reason.UNREACHABLE;
        if (unreachable && !silent) {
            // It is coming back: soon it will have a leader.
            backoff.reset();
        }
        unreachable = silent;
        follower.interrupted(known);
        return Math.max(least, backoff.nextNanos());
    }

    private RegistryException known(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause instanceof RegistryException registry ? registry : http.unreachable(cause);
    }

    @Override
    public void ended() {
        CompletableFuture<?> query = held;
        if (query != null) {
            query.cancel(true);
        }
    }
}
