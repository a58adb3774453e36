// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.fairlead.spi.Environment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

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

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
        if (running.get() < WIDTH) {
            begin();
        }
        lookLater();
    }

    private void begin() {
        running.incrementAndGet();
        try {
            environment.executor().execute(this::drain);
        } catch (Throwable refused) {
            running.decrementAndGet(); // the next look begins again
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
            begin();
        }
    }

    private void lookLater() {
        if (waiting.isEmpty() || !looking.compareAndSet(false, true)) {
            return;
        }
        long before = taken.get();
        try {
            var unused = environment.scheduler().schedule(() -> look(before), LOOK_NANOS, TimeUnit.NANOSECONDS);
        } catch (Throwable refused) {
            looking.set(false);
        }
    }

    private void look(long before) {
        looking.set(false);
        if (taken.get() == before && !waiting.isEmpty()) {
            for (int more = Math.max(1, running.get()); more > 0; more--) {
                begin();
            }
        }
        lookLater();
    }
}
