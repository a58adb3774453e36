// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A step done again and again, each time after a pause it names itself. Nothing but {@link #close}, a negative pause or a
 * scheduler that was shut down ends it: what the step throws, an {@link Error} too, a refusing executor and a failing
 * scheduler each cost one round, are told, and the next comes after {@link #FALLBACK_NANOS}. Two steps never run at once.
 * Safe for any thread.
 */
public final class RepeatedTask implements AutoCloseable {
    /** The pause after a round that failed: 1 s. */
    public static final long FALLBACK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long SCHEDULER_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** A round that an executor took and has not begun when it is looked at twice, so far apart, is handed over again. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

    static {
        // A class that is first needed when there is no memory can not be found then.
        LockSupport.parkNanos(0);
    }

    private final ScheduledExecutorService scheduler;
    private final Executor executor;
    private final Step step;
    private final Consumer<Throwable> onFailure;
    private volatile boolean closed;
    private volatile @Nullable Future<?> next;
    private volatile @Nullable Future<?> looks;
    private volatile @Nullable Round handed; // over to the executor, and not begun
    private @Nullable Round doubted; // belongs to the looks

    /** What is done each time. */
    @FunctionalInterface
    public interface Step {
        /**
         * Does it once, on the executor.
         *
         * @return nanoseconds until the next time; negative ends it
         */
        long run() throws Exception;
    }

    private RepeatedTask(
            ScheduledExecutorService scheduler, Executor executor, Step step, Consumer<Throwable> onFailure) {
        this.scheduler = scheduler;
        this.executor = executor;
        this.step = step;
        this.onFailure = onFailure;
    }

    /**
     * Begins.
     *
     * @param executor runs the steps
     * @param firstNanos nanoseconds until the first step; 0 hands it to the executor at once
     * @param onFailure hears what a step throws and who refused it; what it throws itself is dropped
     * @throws java.util.concurrent.RejectedExecutionException when the scheduler does not take the first round; nothing
     *     goes on then
     */
    public static RepeatedTask start(
            ScheduledExecutorService scheduler,
            Executor executor,
            long firstNanos,
            Step step,
            Consumer<Throwable> onFailure) {
        RepeatedTask task = new RepeatedTask(scheduler, executor, step, onFailure);
        try {
            task.begin(firstNanos);
            task.looks = scheduler.scheduleWithFixedDelay(task::look, LOOK_NANOS, LOOK_NANOS, TimeUnit.NANOSECONDS);
        } catch (Throwable refused) {
            task.close();
            throw refused;
        }
        // It may have ended in between, and found no looks to cancel.
        if (task.closed) {
            task.close();
        }
        return task;
    }

    private void begin(long firstNanos) {
        Round first = new Round();
        if (firstNanos > 0) {
            schedule(first, firstNanos);
            return;
        }
        try {
            handed = first;
            executor.execute(first);
        } catch (Throwable refused) {
            tell(refused);
            schedule(first, FALLBACK_NANOS);
        }
    }

    /** No step begins any more; one that runs ends by itself. Idempotent, never blocks. */
    @Override
    public void close() {
        closed = true;
        cancel(next);
        cancel(looks);
    }

    private static void cancel(@Nullable Future<?> pending) {
        if (pending != null) {
            pending.cancel(false);
        }
    }

    /** Without memory an executor may take a round and forget it. Periodic, so that a look needs no memory. */
    private void look() {
        try {
            Round waiting = handed;
            if (waiting != null && waiting == doubted) {
                executor.execute(waiting);
            }
            doubted = waiting;
        } catch (Throwable refused) {
            // A timer forgets what throws; the next look comes.
        }
    }

    private void schedule(Round round, long nanos) {
        next = scheduler.schedule(round::handOver, nanos, TimeUnit.NANOSECONDS);
        // close() may have come in between, and found nothing to cancel.
        if (closed) {
            close();
        }
    }

    /** Keeps the thread it has until the scheduler takes the next round: nobody else would ever ask again. */
    private void scheduleNext(long nanos) {
        Round round = null;
        while (!closed) {
            try {
                round = round == null ? new Round() : round;
                schedule(round, nanos);
                return;
            } catch (Throwable refused) {
                tell(refused);
                if (scheduler.isShutdown()) {
                    return;
                }
                LockSupport.parkNanos(SCHEDULER_RETRY_NANOS);
            }
        }
    }

    private void tell(Throwable failure) {
        try {
            onFailure.accept(failure);
        } catch (Throwable dropped) {
            // Nobody is left to tell; the next round must come.
        }
    }

    /** One round. It is taken once, also when a scheduler or an executor throws and runs it all the same. */
    private final class Round implements Runnable {
        private final AtomicBoolean taken = new AtomicBoolean();

        void handOver() {
            if (closed) {
                return;
            }
            try {
                handed = this;
                executor.execute(this);
            } catch (Throwable refused) {
                handed = null;
                tell(refused);
                if (take()) {
                    scheduleNext(FALLBACK_NANOS);
                }
            }
        }

        private boolean take() {
            return taken.compareAndSet(false, true);
        }

        @Override
        public void run() {
            if (closed || !take()) {
                return;
            }
            handed = null;
            long pause;
            try {
                pause = step.run();
            } catch (Throwable failure) {
                tell(failure);
                pause = FALLBACK_NANOS;
            }
            if (pause >= 0) {
                scheduleNext(pause);
            } else {
                close();
            }
        }
    }
}
