// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks on at most so many borrowed threads of an executor at once; the others wait in order. Safe for any thread; no
 * lock is held while a task runs.
 *
 * <p>A task ends only itself, whatever it throws, an {@link Error} too. An executor that refuses, as one that can not make
 * a thread does, loses nothing: {@link #execute} returns, the task keeps its place, and the executor is asked again by
 * the next {@code execute} and, with a scheduler, every 100 ms. Only when that refuses too, as without
 * memory, {@code execute} throws, and the task is not taken.
 */
public final class LimitedTasks implements Executor {
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Executor executor;
    private final @Nullable ScheduledExecutorService scheduler;
    private final int width;
    private final Consumer<Throwable> onFailure;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<@Nullable Retry> retry = new AtomicReference<>();
    private volatile boolean refusing; // a refusal is told once, until the executor accepts

    /**
     * On {@code executor}, without a timer: what it refuses waits for the next {@link #execute}.
     *
     * @param width most threads at once, 1 or more
     * @param onFailure hears what tasks throw, and refusals; what it throws itself is dropped
     */
    public LimitedTasks(Executor executor, int width, Consumer<Throwable> onFailure) {
        this(executor, null, width, onFailure);
    }

    /**
     * On {@code executor}; {@code scheduler}, if any, has it asked again after a refusal.
     *
     * @param width most threads at once, 1 or more
     * @param onFailure hears what tasks throw, and refusals; what it throws itself is dropped
     */
    public LimitedTasks(
            Executor executor, @Nullable ScheduledExecutorService scheduler, int width, Consumer<Throwable> onFailure) {
        if (width < 1) {
            throw new IllegalArgumentException("width: " + width + " (expected: 1 or more)");
        }
        this.executor = executor;
        this.scheduler = scheduler;
        this.width = width;
        this.onFailure = onFailure;
    }

    @Override
    public void execute(Runnable task) {
        waiting.add(Objects.requireNonNull(task, "task"));
        Throwable refused = start();
        if (refused != null && waiting.remove(task)) {
            if (refused instanceof Error failure) {
                throw failure;
            }
            throw refused instanceof RuntimeException failure ? failure : new RejectedExecutionException(refused);
        }
    }

    /** What refused, when nobody is left who would ask again. */
    private @Nullable Throwable start() {
        if (!takeSlot()) {
            return null;
        }
        Slot slot = null;
        try {
            slot = new Slot();
            executor.execute(slot);
            refusing = false;
            return null;
        } catch (Throwable refused) {
            // An executor may throw and run it all the same: whoever claims the slot first gives it back.
            if (slot == null || slot.claim()) {
                running.decrementAndGet();
            }
            if (!refusing) {
                refusing = true;
                tell(refused);
            }
            return retryLater() ? null : refused;
        }
    }

    private boolean takeSlot() {
        for (int now = running.get(); now < width; now = running.get()) {
            if (running.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    private boolean isStuck() {
        return !waiting.isEmpty() && running.get() == 0;
    }

    /** False when there should be somebody who asks again, and is not. */
    private boolean retryLater() {
        if (scheduler == null || !isStuck()) {
            return true;
        }
        Retry mine = null;
        try {
            mine = new Retry();
            if (retry.compareAndSet(null, mine)) {
                var unused = scheduler.scheduleWithFixedDelay(mine, RETRY_NANOS, RETRY_NANOS, TimeUnit.NANOSECONDS);
            }
            return true;
        } catch (Throwable noTimer) {
            retry.compareAndSet(mine, null);
            tell(noTimer);
            return false;
        }
    }

    private void tell(Throwable failure) {
        try {
            onFailure.accept(failure);
        } catch (Throwable dropped) {
            // Nobody is left to tell; the next task must run.
        }
    }

    /** One borrowed thread. */
    private final class Slot implements Runnable {
        private final AtomicBoolean claimed = new AtomicBoolean();

        boolean claim() {
            return claimed.compareAndSet(false, true);
        }

        @Override
        public void run() {
            if (!claim()) {
                return;
            }
            try {
                do {
                    try {
                        drain();
                    } finally {
                        running.decrementAndGet();
                    }
                    // Somebody may have added a task when no slot was free.
                } while (!waiting.isEmpty() && takeSlot());
            } catch (Throwable ours) {
                tell(ours);
                boolean unused = retryLater();
            }
        }

        private void drain() {
            for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
                try {
                    task.run();
                } catch (Throwable failure) {
                    tell(failure);
                }
            }
        }
    }

    /** Asks again until somebody works; periodic, so that it needs no memory. What it throws ends it. */
    private final class Retry implements Runnable {
        @Override
        public void run() {
            if (retry.get() != this) {
                throw new CancellationException();
            }
            if (isStuck()) {
                Throwable unused = start();
            }
            if (!isStuck()) {
                retry.set(null);
                // A refusal in between has seen this one and relied on it.
                boolean unused = retryLater();
                throw new CancellationException();
            }
        }
    }
}
