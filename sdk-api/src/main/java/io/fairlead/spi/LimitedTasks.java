// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks on at most so many borrowed threads of an executor at once; the others wait in order. Safe for any thread;
 * the lock is never held while a task runs. A task that throws does not stop the next.
 */
public final class LimitedTasks implements Executor {
    private final Executor executor;
    private final int width;
    private final Consumer<Throwable> onFailure;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running; // guarded by lock

    /**
     * On {@code executor}.
     *
     * @param width most threads at once, 1 or more
     * @param onFailure hears what tasks throw
     */
    public LimitedTasks(Executor executor, int width, Consumer<Throwable> onFailure) {
        if (width < 1) {
            throw new IllegalArgumentException("width: " + width + " (expected: 1 or more)");
        }
        this.executor = executor;
        this.width = width;
        this.onFailure = onFailure;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            waiting.add(task);
            if (running == width) {
                return;
            }
            running++;
        } finally {
            lock.unlock();
        }
        executor.execute(this::drain);
    }

    private void drain() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (Throwable failure) {
                onFailure.accept(failure);
                if (failure instanceof VirtualMachineError fatal) {
                    throw fatal;
                }
            }
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            Runnable task = waiting.poll();
            running -= task == null ? 1 : 0;
            return task;
        } finally {
            lock.unlock();
        }
    }
}
