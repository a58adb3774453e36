// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.Subscription;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Changes of options one after another, in the order in which they came, each on its own thread. Only who changes options
 * waits here, and nobody for ever: a change runs a user's code, which may hang. Safe for any thread.
 */
final class ChangeOrder {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final AtomicReference<CompletableFuture<?>> last =
            new AtomicReference<>(CompletableFuture.completedFuture(null));
    private volatile @Nullable Thread runner;

    /** What all options follow. */
    private final AtomicReference<@Nullable Claim> claim = new AtomicReference<>();

    /** One of the same source is another one. */
    private final class Claim implements Subscription {
        private final String source;

        Claim(String source) {
            this.source = source;
        }

        @Override
        public void close() {
            claim.compareAndSet(this, null);
        }
    }

    /**
     * Says that options follow a source, until what is returned is closed.
     *
     * @throws IllegalStateException when they follow one already
     */
    Subscription claim(String source) {
        Claim mine = new Claim(source);
        Claim other = claim.compareAndExchange(null, mine);
        if (other != null) {
            throw new IllegalStateException("options can not follow " + source + ": they follow " + other.source
                    + " (expected: one source at a time, the other closed before)");
        }
        return mine;
    }

    /**
     * Runs the change after those that came before it.
     *
     * @throws IllegalStateException when one of those does not return, or is what this is called from; then it has not run
     */
    void run(Runnable change) {
        if (runner == Thread.currentThread()) {
            throw new IllegalStateException("reconfigure: called by what it calls, as a policy or guard (expected: by"
                    + " others); nothing has changed");
        }
        CompletableFuture<?> mine = new CompletableFuture<>();
        CompletableFuture<?> before = last.getAndSet(mine);
        if (!hasEnded(before)) {
            before.whenComplete((nothing, never) -> mine.complete(null));
            throw new IllegalStateException(
                    "reconfigure: an earlier one has not returned (expected: within 10 s); nothing has changed");
        }
        runner = Thread.currentThread();
        try {
            change.run();
        } finally {
            runner = null;
            mine.complete(null);
        }
    }

    private static boolean hasEnded(CompletableFuture<?> before) {
        try {
            before.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } catch (TimeoutException | ExecutionException hanging) {
            return false;
        }
    }
}
