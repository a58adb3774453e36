// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.world;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Runs the balancer's tasks as events of the simulation, each at its moment, on the simulation's thread. */
public final class LoopScheduler extends AbstractExecutorService
        implements ScheduledExecutorService, EventQueue.Target {
    private final EventQueue queue;
    private final int target;
    private final List<Task<?>> tasks = new ArrayList<>();
    private final List<Integer> free = new ArrayList<>();

    public LoopScheduler(EventQueue queue) {
        this.queue = queue;
        this.target = queue.register(this);
    }

    @Override
    public void happen(int slot) {
        Task<?> task = tasks.get(slot);
        if (!task.fire()) {
            tasks.set(slot, null);
            free.add(slot);
        }
    }

    @Override
    public void execute(Runnable command) {
        schedule(command, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return add(new Task<>(command, null, unit.toNanos(delay), 0));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return add(new Task<>(callable, unit.toNanos(delay)));
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long first, long period, TimeUnit unit) {
        return add(new Task<>(command, null, unit.toNanos(first), unit.toNanos(period)));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long first, long delay, TimeUnit unit) {
        return scheduleAtFixedRate(command, first, delay, unit);
    }

    /** Does nothing: there are no threads to stop. */
    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }

    private <V> Task<V> add(Task<V> task) {
        if (free.isEmpty()) {
            task.slot = tasks.size();
            tasks.add(task);
        } else {
            task.slot = free.remove(free.size() - 1);
            tasks.set(task.slot, task);
        }
        queue.schedule(task.atNanos, target, task.slot);
        return task;
    }

    private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
        private final long periodNanos;
        private long atNanos;
        private int slot;

        Task(Runnable command, V result, long delayNanos, long periodNanos) {
            super(command, result);
            this.periodNanos = periodNanos;
            this.atNanos = queue.nanos() + Math.max(0, delayNanos);
        }

        Task(Callable<V> callable, long delayNanos) {
            super(callable);
            this.periodNanos = 0;
            this.atNanos = queue.nanos() + Math.max(0, delayNanos);
        }

        /** Runs it; true when it is to run again. */
        boolean fire() {
            if (!isPeriodic()) {
                run();
                return false;
            }
            if (!runAndReset()) {
                return false;
            }
            atNanos += periodNanos;
            queue.schedule(atNanos, target, slot);
            return true;
        }

        @Override
        public boolean isPeriodic() {
            return periodNanos > 0;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(atNanos - queue.nanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
