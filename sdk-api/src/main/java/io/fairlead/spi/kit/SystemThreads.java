// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The threads and randomness that are used when nobody gives others: daemons that end after a second without work. A thread made
 * here, or by what is made {@link #onOwn here}, takes over nothing from the caller, who may be any request of any web
 * application. Safe for any thread.
 */
public final class SystemThreads {
    private static final long IDLE_SECONDS = 1;
    private static final long REVIVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    static {
        // A class that is first needed when there is no memory can not be found then.
        LockSupport.parkNanos(0);
    }

    private SystemThreads() {}

    /** A timer on one thread. */
    public static ScheduledExecutorService scheduler() {
        AtomicReference<ScheduledThreadPoolExecutor> self = new AtomicReference<>();
        ThreadFactory daemons = daemons("fairlead-timer");
        ScheduledThreadPoolExecutor scheduler =
                new ScheduledThreadPoolExecutor(1, work -> daemons.newThread(() -> survive(work, self)));
        self.set(scheduler);
        scheduler.setRemoveOnCancelPolicy(true);
        scheduler.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        scheduler.allowCoreThreadTimeOut(true);
        return scheduler;
    }

    /**
     * A timer's thread that dies of want of memory is not always replaced, and then nobody is left to run what was
     * planned. It sees to it before it ends.
     */
    private static void survive(Runnable work, AtomicReference<ScheduledThreadPoolExecutor> timer) {
        try {
            work.run();
        } catch (Throwable died) {
            ScheduledThreadPoolExecutor pool = timer.get();
            while (pool != null && !pool.isShutdown()) {
                try {
                    pool.prestartCoreThread();
                    return;
                } catch (Throwable still) {
                    LockSupport.parkNanos(REVIVAL_NANOS);
                }
            }
        }
    }

    /** Threads for tasks that may block, as many as there are tasks. */
    public static Executor executor() {
        return new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                daemons("fairlead-worker"));
    }

    /** Randomness that threads do not share. */
    public static RandomGenerator random() {
        return () -> ThreadLocalRandom.current().nextLong();
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * A thread that takes over nothing from the one that makes it: neither inheritable thread locals, as a tenant's name, nor
     * the class loader of a web application, its thread group, its classes by way of the access control context, nor a
     * priority. Not started, no daemon.
     */
    public static Thread thread(Runnable task, String name) {
        Thread thread = privileged(() -> new Thread(topGroup(), task, name, 0, false));
        thread.setContextClassLoader(SystemThreads.class.getClassLoader());
        thread.setPriority(Thread.NORM_PRIORITY);
        return thread;
    }

    /**
     * Makes something on a thread of its own and waits for it: clients of others start threads that inherit from whoever
     * makes them. What {@code maker} throws is thrown. Must not block for long; an interrupt is kept for later.
     */
    public static <T> T onOwn(Supplier<T> maker) {
        FutureTask<T> task = new FutureTask<>(maker::get);
        Thread thread = thread(task, "fairlead-maker");
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException known) {
                throw known;
            }
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(failed);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Before Java 24 a thread keeps the protection domains, so the class loaders, of everybody on its maker's stack. */
    @SuppressWarnings("removal")
    private static Thread privileged(PrivilegedAction<Thread> maker) {
        return AccessController.doPrivileged(maker);
    }

    /** Whoever interrupts or ends a group of theirs does not mean us. */
    private static ThreadGroup topGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }
}
