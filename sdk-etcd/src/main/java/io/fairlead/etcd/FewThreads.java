// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.spi.Environment;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs many short tasks on few borrowed threads of an executor: three, and more only when none of them gets on for 50 ms,
 * as when they block in a listener; then twice as many each time. Without it, five hundred watches that hear news at once
 * take a thread each. Safe for any thread.
 */
final class FewThreads implements Executor {
    private static final int WIDTH = 3;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Environment environment;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean looking = new AtomicBoolean();

    FewThreads(Environment environment) {
        this.environment = environment;
    }

    /** @throws RuntimeException or an error when there is no thread for it and no timer to ask again: it is not taken */
    @Override
    public void execute(Runnable task) {
        waiting.add(task);
        Throwable refused = running.get() < WIDTH ? begin() : null;
        boolean looked = lookAgain();
        if (refused != null && !looked && running.get() == 0 && waiting.remove(task)) {
            if (refused instanceof Error failure) {
                throw failure;
            }
            throw refused instanceof RuntimeException failure ? failure : new RejectedExecutionException(refused);
        }
    }

    private @Nullable Throwable begin() {
        running.incrementAndGet();
        try {
            environment.executor().execute(this::drain);
            return null;
        } catch (Throwable refused) {
            running.decrementAndGet(); // the next look begins again
            return refused;
        }
    }

    private void drain() {
        try {
            for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
                taken.incrementAndGet();
                try {
                    task.run();
                } catch (Throwable failure) {
                    environment.listener().onCallbackFailed("etcd", failure);
                }
            }
        } finally {
            running.decrementAndGet();
        }
        // Somebody may have added a task when this thread still counted.
        if (!waiting.isEmpty() && running.get() == 0) {
            Throwable unused = begin();
        }
    }

    /** False when nobody will look, and should. */
    private boolean lookAgain() {
        if (waiting.isEmpty() || !looking.compareAndSet(false, true)) {
            return true;
        }
        try {
            var unused = environment
                    .scheduler()
                    .scheduleWithFixedDelay(new Look(), LOOK_NANOS, LOOK_NANOS, TimeUnit.NANOSECONDS);
            return true;
        } catch (Throwable refused) {
            looking.set(false);
            return false;
        }
    }

    /** Looks while anything waits; periodic, so that it needs no memory. What it throws ends it. */
    private final class Look implements Runnable {
        private long before = taken.get();

        @Override
        public void run() {
            if (waiting.isEmpty()) {
                looking.set(false);
                // A task in between has seen this one and relied on it.
                boolean unused = lookAgain();
                throw new CancellationException();
            }
            long now = taken.get();
            if (now == before) {
                for (int more = Math.max(1, running.get()); more > 0; more--) {
                    Throwable unused = begin();
                }
            }
            before = now;
        }
    }
}
