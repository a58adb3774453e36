// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** The threads and randomness of {@link Environment#system()}: daemons that end after a second without work. */
final class SystemThreads {
    private static final long IDLE_SECONDS = 1;

    private SystemThreads() {}

    static ScheduledExecutorService scheduler() {
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1, daemons("fairlead-timer"));
        scheduler.setRemoveOnCancelPolicy(true);
        scheduler.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        scheduler.allowCoreThreadTimeOut(true);
        return scheduler;
    }

    static Executor executor() {
        return new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                daemons("fairlead-worker"));
    }

    static RandomGenerator random() {
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
     * A thread that takes over nothing from the one that makes it, which may be any caller's: neither inheritable thread
     * locals, as a tenant's name, nor the class loader of a web application, nor a priority.
     */
    static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setContextClassLoader(SystemThreads.class.getClassLoader());
        thread.setPriority(Thread.NORM_PRIORITY);
        return thread;
    }
}
