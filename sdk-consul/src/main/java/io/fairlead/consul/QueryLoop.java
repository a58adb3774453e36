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
    /** How long after its deadline a query counts as lost, and how often that is looked at. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Follower follower;
    private final ConsulHttp http;
    private final QuerySlots slots;
    private final Duration usualHold;
    private final Environment environment;
    private final WatchLoop loop;
    private final AtomicBoolean counted = new AtomicBoolean();
    private volatile @Nullable QueuedSlot waiting;

    // The rest belongs to the loop's queue.
    private final Backoff backoff;
    private final Pace pace = new Pace();
    private long index;
    private boolean unreachable;
    private boolean toldToStayAway;
    private @Nullable CompletableFuture<?> held;
    private boolean answersByItself;
    private boolean outdated;

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

        /** Bytes of an answer; a longer one is none. */
        default int longest() {
            return ConsulHttp.MAX_BYTES;
        }

        /** Nanoseconds to the next query at least, after an answer. */
        default long pause(ConsulHttp.Answer answer) {
            return 0;
        }

        /** Nanoseconds to the next query at least, after a failure. */
        default long pause(RegistryException cause) {
            return Backoff.leastNanos(cause);
        }
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
        this.loop = new WatchLoop(what, http.thrifty(), LATE_NANOS, this);
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
            boolean sleeping = held == null && waiting == null;
            if (sleeping && backoff.failures() > 0 && !toldToStayAway) {
                loop.nextWithin(environment.random().nextLong(WAKE_SPREAD_NANOS));
            }
        });
    }

    /** Something changed: asks without waiting for a slot, unless a query is held that tells. */
    void readSoon() {
        loop.run(() -> {
            if (held != null && answersByItself) {
                return;
            }
            outdated = true;
            if (held == null && waiting != null) {
                round();
            }
        });
    }

    /** Runs while nothing is known against the last answer and it is not asked for another; on the queue. */
    void whileWaiting(Runnable task) {
        loop.run(() -> {
            if (waitsToBeHeld() && !outdated) {
                task.run();
            }
        });
    }

    /** Somebody else has found out that there are no answers: it is a failure of this loop too, if it does not ask now. */
    void fail(RegistryException cause) {
        loop.run(() -> {
            QueuedSlot queued = waiting;
            if (held == null && queued != null && queued.leaves()) {
                throw cause;
            }
        });
    }

    private boolean waitsToBeHeld() {
        QueuedSlot queued = waiting;
        return held == null && queued != null && queued.queue == slots.held();
    }

    /** Takes a slot of a queue, or waits for one; it is given back once, whatever comes of it. */
    @Override
    public void round() {
        CompletableFuture<?> query = held;
        if (query != null) {
            held = null;
            query.cancel(true);
            throw new IllegalStateException("a query had no end");
        }
        SlotQueue queue = index == 0 || outdated ? slots.unheld() : slots.held();
        QueuedSlot queued = waiting;
        if (queued != null && (queued.queue == queue || !queued.leaves())) {
            return;
        }
        QueuedSlot slot = new QueuedSlot(queue);
        waiting = slot;
        try {
            queue.enter(slot);
        } catch (Throwable notEntered) {
            waiting = null;
            throw notEntered;
        }
    }

    /** One slot of a queue, had or waited for. */
    private final class QueuedSlot implements Runnable {
        private final SlotQueue queue;
        private final AtomicBoolean over = new AtomicBoolean();

        QueuedSlot(SlotQueue queue) {
            this.queue = queue;
        }

        /** On the thread of whoever left: nothing of ours may fail there. */
        @Override
        public void run() {
            try {
                loop.run(this::ask, this::release);
            } catch (Throwable lost) {
                waiting = null;
                release();
            }
        }

        /** Gives up the wait; false when it is over. */
        boolean leaves() {
            boolean left = queue.leave(this);
            if (left) {
                waiting = null;
            }
            return left;
        }

        private void ask() {
            waiting = null;
            try {
                QueryLoop.this.ask(this);
            } catch (Throwable notAsked) {
                release();
                throw notAsked;
            }
        }

        void release() {
            if (over.compareAndSet(false, true)) {
                queue.release();
            }
        }
    }

    private void ask(QueuedSlot slot) {
        Duration hold = slots.hold(usualHold);
        // Consul adds up to a sixteenth of the wait.
        boolean now = index == 0 || slot.queue == slots.unheld();
        Duration deadline =
                now ? FIRST_DEADLINE : hold.multipliedBy(17).dividedBy(16).plus(MARGIN);
        loop.next(deadline.toNanos() + LATE_NANOS);
        outdated = false;
        answersByItself = !now;
        CompletableFuture<ConsulHttp.Answer> query =
                http.get(follower.path(now ? 0 : index, hold), deadline, follower.longest());
        held = query;
        query.whenComplete((answer, failure) -> {
            slot.release();
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
        loop.next(Math.max(pace.next(environment.ticker().nanos()), follower.pause(answer)));
        if (recovered) {
            follower.recovered();
        }
    }

    @Override
    public long failed(Throwable thrown) {
        index = 0;
        RegistryException known = known(thrown);
        long least = follower.pause(known);
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
