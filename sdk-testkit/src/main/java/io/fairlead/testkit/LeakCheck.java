// SPDX-License-Identifier: Apache-2.0
package io.fairlead.testkit;

import io.fairlead.api.EventListener;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension that fails a test which leaves something behind: a thread that was not there before it, or a count that
 * does not return to zero. Looks after the test's own {@code @AfterEach} methods, and waits up to ten seconds, because
 * ends are often asynchronous. Register it with {@code @RegisterExtension}; one object a test, used by its thread.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final long IDLE_MILLIS = 20;
    /** Kept by libraries and the JDK for a while, on purpose, whoever used them. */
    // OkHttp's one runner may keep the name of the task it did last.
    private static final Pattern POOLED =
            Pattern.compile("OkHttp TaskRunner.*|OkHttp ConnectionPool.*|Okio Watchdog|awaitility.*|ForkJoinPool.*"
                    + "|Common-Cleaner|CompletableFutureDelayScheduler|Keep-Alive-Timer|Attach Listener|process reaper.*|Cleaner-\\d+|junit-.*|surefire-.*"
                    + "|InnocuousThread-\\d+|pool-1-thread-1");

    /** Weak, because a thread that has ended keeps its task, and what that has made, from Java 19 on. */
    private final Set<Thread> before = Collections.newSetFromMap(new WeakHashMap<>());

    private final List<Count> counts = new ArrayList<>();

    private Pattern ignored = POOLED;

    private record Count(String what, IntSupplier now) {}

    /** A leak check that knows only threads yet. */
    public LeakCheck() {}

    /** Also expects this count to be zero after the test, such as attempts in flight; it must be readable then. */
    public LeakCheck expectZero(String what, IntSupplier count) {
        counts.add(new Count(what, count));
        return this;
    }

    /** Also lets threads live on whose names match. */
    public LeakCheck ignoringThreads(String regex) {
        ignored = Pattern.compile(ignored.pattern() + "|" + regex);
        return this;
    }

    /**
     * As {@link Environment#system()}, but its threads end after some milliseconds without work, so that no check has to
     * wait a second for them. Each call makes a new one; there is nothing to close.
     */
    public static Environment environment() {
        Environment system = Environment.system();
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1, daemons("fairlead-timer"));
        scheduler.setRemoveOnCancelPolicy(true);
        scheduler.setKeepAliveTime(IDLE_MILLIS, TimeUnit.MILLISECONDS);
        scheduler.allowCoreThreadTimeOut(true);
        Executor executor = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                IDLE_MILLIS,
                TimeUnit.MILLISECONDS,
                new SynchronousQueue<>(),
                daemons("fairlead-worker"));
        return new Environment(system.ticker(), scheduler, executor, system.random(), EventListener.NONE);
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(null, task, name, 0, false);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        before.addAll(Thread.getAllStackTraces().keySet());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        for (Count count : counts) {
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(POLL)
                    .atMost(PATIENCE)
                    .untilAsserted(() -> Assertions.assertThat(count.now().getAsInt())
                            .as("%s left by %s", count.what(), context.getDisplayName())
                            .isZero());
        }
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .atMost(PATIENCE)
                .untilAsserted(() -> Assertions.assertThat(newThreads())
                        .as("threads left by %s", context.getDisplayName())
                        .isEmpty());
    }

    private List<String> newThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> !ignored.matcher(name).matches())
                .toList();
    }
}
