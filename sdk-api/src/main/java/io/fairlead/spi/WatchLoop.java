// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.spi.kit.RepeatedTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Carries a watch: rounds, each at a time the one before has planned, and the news in between, all on one serial queue, so
 * that no thread waits. Nothing but {@link #close} ends it. Whatever a round or news throws, an {@link Error} too, is handed
 * to {@link Rounds#failed}, and a round comes after the pause that it returns. A timer that fails costs time only: a regular
 * beat looks whether a planned round is overdue. Safe for any thread where nothing else is said.
 */
public final class WatchLoop implements AutoCloseable {
    private final String what;
    private final Environment environment;
    private final Rounds rounds;
    private final long beatNanos;
    private final SerialTasks queue;
    private final AtomicBoolean beating = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable ScheduledFuture<?> pulse;
    private @Nullable Plan plan; // belongs to the queue

    /** What is done. Every method is called on the queue, never two at once; none may block. */
    public interface Rounds {
        /**
         * Asks for news. It plans the next round, at the latest for when this one must have had an answer; when it plans
         * none, the next beat brings one.
         */
        void round();

        /**
         * A round, or news, threw. What this throws itself is told and followed by a round after 1 s.
         *
         * @return nanoseconds until the next round
         */
        long failed(Throwable failure);

        /** Once in a beat, while no round is overdue. */
        default void beat() {}

        /** Closed; nothing else is called any more. */
        default void ended() {}
    }

    /** A round at its time; taken once, and not when another has replaced it. */
    private final class Plan {
        final long atNanos;

        @Nullable
        ScheduledFuture<?> alarm;

        Plan(long atNanos) {
            this.atNanos = atNanos;
        }

        void due() {
            if (plan == this) {
                plan = null;
                rounds.round();
            }
        }
    }

    /**
     * Nothing runs before {@link #start}.
     *
     * @param what names it to the event listener when something fails
     * @param environment lends the executor of the queue, the timer and the clock
     * @param beatNanos nanoseconds between two looks at whether a round is overdue, above 0
     */
    public WatchLoop(String what, Environment environment, long beatNanos, Rounds rounds) {
        this.what = what;
        this.environment = environment;
        this.beatNanos = beatNanos;
        this.rounds = rounds;
        this.queue = new SerialTasks(environment, this::tell);
    }

    /**
     * The first round comes at once. Called once.
     *
     * @throws java.util.concurrent.RejectedExecutionException when the timer does not take the beat; nothing goes on then
     */
    public void start() {
        try {
            pulse = environment
                    .scheduler()
                    .scheduleWithFixedDelay(this::pulse, beatNanos, beatNanos, TimeUnit.NANOSECONDS);
        } catch (Throwable refused) {
            closed.set(true);
            throw refused;
        }
        run(() -> {
            if (plan == null) {
                rounds.round();
            }
        });
        // close() may have come in between, and found nothing to cancel.
        if (closed.get()) {
            cancel(pulse);
        }
    }

    /** Hands news to the queue; dropped once closed. */
    public void run(Runnable news) {
        run(news, () -> {});
    }

    /**
     * As {@link #run(Runnable)}, for news that hold something to be given back.
     *
     * @param whenClosed runs in its place once closed
     */
    public void run(Runnable news, Runnable whenClosed) {
        queue.execute(() -> {
            if (closed.get()) {
                whenClosed.run();
            } else {
                step(news);
            }
        });
    }

    /** Plans the next round in place of the one planned so far. For the queue only. */
    public void next(long nanos) {
        Plan before = plan;
        Plan planned = new Plan(environment.ticker().nanos() + nanos);
        // First: should the timer fail, the beat finds it overdue.
        plan = planned;
        cancel(before == null ? null : before.alarm);
        planned.alarm = environment.scheduler().schedule(() -> run(planned::due), nanos, TimeUnit.NANOSECONDS);
    }

    /** As {@link #next}, unless a round is planned for before. For the queue only. */
    public void nextWithin(long nanos) {
        Plan planned = plan;
        if (planned == null || planned.atNanos - environment.ticker().nanos() > nanos) {
            next(nanos);
        }
    }

    /** Nothing but {@link Rounds#ended} begins any more. Idempotent, never blocks. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        cancel(pulse);
        queue.execute(() -> {
            Plan last = plan;
            plan = null;
            cancel(last == null ? null : last.alarm);
            rounds.ended();
        });
    }

    private void step(Runnable news) {
        try {
            news.run();
        } catch (Throwable failure) {
            try {
                next(rounds.failed(failure));
            } catch (Throwable worse) {
                tell(worse);
                next(RepeatedTask.FALLBACK_NANOS);
            }
        }
    }

    /** Periodic, and so never ended by an executor or a timer that refused one task; a timer forgets what throws. */
    private void pulse() {
        // One waits at most: a queue that is held up grows by none.
        if (!beating.compareAndSet(false, true)) {
            return;
        }
        try {
            run(this::beat);
        } catch (Throwable refused) {
            beating.set(false);
        }
    }

    private void beat() {
        beating.set(false);
        Plan planned = plan;
        if (planned == null) {
            // Whoever should have planned one could not, as without memory.
            next(0);
        } else if (environment.ticker().nanos() - planned.atNanos > 0) {
            planned.due();
        } else {
            rounds.beat();
        }
    }

    private void tell(Throwable failure) {
        environment.listener().onCallbackFailed(what, failure);
    }

    private static void cancel(@Nullable ScheduledFuture<?> pending) {
        if (pending != null) {
            pending.cancel(false);
        }
    }
}
