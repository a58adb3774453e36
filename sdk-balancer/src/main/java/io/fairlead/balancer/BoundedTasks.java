// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs at most so many tasks at once on an executor's threads; the others wait their turn without a thread. Tasks must
 * not throw. Safe for any thread; the lock is never held while a task runs.
 */
final class BoundedTasks implements Executor {
    private final Executor executor;
    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Runnable> waiting = new ArrayDeque<>(); // guarded by lock
    private int running; // guarded by lock

    BoundedTasks(Executor executor, int limit) {
        this.executor = executor;
        this.limit = limit;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            waiting.add(task);
            if (running >= limit) {
                return;
            }
            running++;
        } finally {
            lock.unlock();
        }
        executor.execute(this::work);
    }

    private void work() {
        for (Runnable task = next(); task != null; task = next()) {
            task.run();
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
