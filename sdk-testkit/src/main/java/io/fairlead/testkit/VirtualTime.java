// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import io.fairlead.api.EventListener;
import io.fairlead.api.Ticker;
import io.fairlead.spi.Environment;
import io.fairlead.spi.SerialTasks;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A clock that moves only when told, and the scheduler and executor that obey it: a whole day of failures runs in
 * milliseconds, the same way each time. Scheduled tasks run inside {@link #advance} on the advancing thread, in order of
 * time; executor tasks run at once on the thread that submits them, one after another. Safe for any thread; meant for one.
 */
public final class VirtualTime extends AbstractExecutorService implements Ticker, ScheduledExecutorService {
    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Task<?>> due = new PriorityQueue<>(); // guarded by lock
    private final AtomicLong now;
    private long sequence; // guarded by lock

    /** Time starts at {@code originNanos}, any value: monotonic clocks may be negative and wrap. */
    public VirtualTime(long originNanos) {
        this.now = new AtomicLong(originNanos);
    }

    /** Time starts at an arbitrary moment. */
    public VirtualTime() {
        this(1_000_000_000L);
    }

    @Override
    public long nanos() {
        return now.get();
    }

    /** Moves time, running every task that falls due on the way at its own moment. */
    public void advance(Duration duration) {
        long target = now.get() + duration.toNanos();
        for (Task<?> task = next(target); task != null; task = next(target)) {
            forwardTo(task.atNanos);
            task.fire();
        }
        forwardTo(target);
    }

    /** Two threads that advance at once never take time back. */
    private void forwardTo(long nanos) {
        long unused = now.accumulateAndGet(nanos, (present, then) -> then - present > 0 ? then : present);
    }

    /** Moves time without running anything, as a clock does that jumps, also backwards. */
    public void jump(long nanos) {
        long unused = now.addAndGet(nanos);
    }

    /** Tasks scheduled and not yet run. */
    public int pendingTasks() {
        lock.lock();
        try {
            return due.size();
        } finally {
            lock.unlock();
        }
    }

    /** This time with randomness of a fixed seed, hearing nothing. */
    public Environment environment() {
        return environment(42, EventListener.NONE);
    }

    /** This time with seeded randomness and a listener. */
    public Environment environment(long seed, EventListener listener) {
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        SerialTasks inline = new SerialTasks(Runnable::run, failure -> failed.compareAndSet(null, failure));
        Executor loud = task -> {
            inline.execute(task);
            Throwable failure = failed.getAndSet(null);
            if (failure != null) {
                throw new AssertionError("a task failed", failure);
            }
        };
        return new Environment(this, this, loud, new LockedRandom(seed), listener);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return add(new Task<>(command, now.get() + unit.toNanos(Math.max(0, delay)), 0));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return add(new Task<>(callable, now.get() + unit.toNanos(Math.max(0, delay))));
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long first, long period, TimeUnit unit) {
        return add(new Task<>(command, now.get() + unit.toNanos(first), unit.toNanos(period)));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long first, long delay, TimeUnit unit) {
        return add(new Task<>(command, now.get() + unit.toNanos(first), -unit.toNanos(delay)));
    }

    @Override
    public void execute(Runnable command) {
        schedule(command, 0, TimeUnit.NANOSECONDS);
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
        lock.lock();
        try {
            task.order = sequence++;
            due.add(task);
        } finally {
            lock.unlock();
        }
        return task;
    }

    private @Nullable Task<?> next(long targetNanos) {
        lock.lock();
        try {
            Task<?> first = due.peek();
            return first != null && first.atNanos - targetNanos <= 0 ? due.poll() : null;
        } finally {
            lock.unlock();
        }
    }

    private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
        /** Negative from the end of a run to the next, as after a jump; 0 for one run. */
        private final long periodNanos;

        long atNanos;
        long order;

        Task(Runnable command, long atNanos, long periodNanos) {
            super(command, null);
            this.atNanos = atNanos;
            this.periodNanos = periodNanos;
        }

        Task(Callable<V> callable, long atNanos) {
            super(callable);
            this.atNanos = atNanos;
            this.periodNanos = 0;
        }

        void fire() {
            if (!isPeriodic()) {
                run();
            } else if (runAndReset()) {
                atNanos = periodNanos > 0 ? atNanos + periodNanos : now.get() - periodNanos;
                add(this);
            }
        }

        @Override
        public boolean isPeriodic() {
            return periodNanos != 0;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(atNanos - now.get(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            Task<?> that = (Task<?>) other;
            long difference = atNanos - that.atNanos;
            return difference != 0 ? Long.signum(difference) : Long.compare(order, that.order);
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            lock.lock();
            try {
                due.remove(this);
            } finally {
                lock.unlock();
            }
            return super.cancel(mayInterrupt);
        }
    }

    private static final class LockedRandom implements RandomGenerator {
        private final ReentrantLock lock = new ReentrantLock();
        private final SplittableRandom random;

        LockedRandom(long seed) {
            this.random = new SplittableRandom(seed);
        }

        @Override
        public long nextLong() {
            lock.lock();
            try {
                return random.nextLong();
            } finally {
                lock.unlock();
            }
        }
    }
}
