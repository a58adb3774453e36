// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes;

import io.fairlead.spi.Backoff;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The next try of what was refused for a reason that passes: after about a second, then later each time, at most a minute.
 * {@link #end} may come from any thread, and one that {@link #later} may not have seen comes again; the rest is for tasks of one queue.
 */
final class NextTry {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final Environment environment;
    private final Executor queue;
    private final Backoff backoff;
    private volatile @Nullable Runnable wanted;
    private volatile @Nullable ScheduledFuture<?> timer;

    NextTry(Environment environment, Executor queue) {
        this.environment = environment;
        this.queue = queue;
        this.backoff = new Backoff(FIRST, LONGEST, environment.random());
    }

    /** Whether a reason may pass without another document: whatever is not said of the options themselves. */
    static boolean mayPass(Throwable refused) {
        return !(refused instanceof IllegalArgumentException) || refused.getCause() != null;
    }

    /** Has it tried on the queue, unless {@link #end} comes before. */
    void later(Runnable what) {
        end();
        wanted = what;
        Runnable ifStillWanted = () -> {
            if (wanted == what) {
                what.run();
            }
        };
        timer = environment
                .scheduler()
                .schedule(() -> queue.execute(ifStillWanted), backoff.nextNanos(), TimeUnit.NANOSECONDS);
    }

    /** Nothing is tried again; the next refusal is the first. */
    void done() {
        end();
        backoff.reset();
    }

    /** Nothing is tried again. */
    void end() {
        wanted = null;
        ScheduledFuture<?> pending = timer;
        if (pending != null) {
            pending.cancel(false);
        }
    }
}
