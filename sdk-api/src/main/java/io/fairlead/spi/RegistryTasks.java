// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.RegistryException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one registration asks of its registry, one task at a time and in order, and how long anybody waits for it. The
 * futures yield a task's failure, or null, and never fail themselves. Safe for any thread.
 */
final class RegistryTasks {
    /** How long an answer is waited for: 3 s. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final String id;
    private final Environment environment;
    private final Function<Throwable, RegistryException> onFailure;
    private final SerialTasks queue;

    RegistryTasks(String id, Environment environment, Function<Throwable, RegistryException> onFailure) {
        this.id = id;
        this.environment = environment;
        this.onFailure = onFailure;
        this.queue = new SerialTasks(environment, failure -> {
            RegistryException unused = onFailure.apply(failure);
        });
    }

    void execute(Runnable task) {
        queue.execute(task);
    }

    CompletableFuture<@Nullable RegistryException> submit(Runnable task) {
        CompletableFuture<@Nullable RegistryException> result = new CompletableFuture<>();
        queue.execute(() -> {
            try {
                task.run();
                result.complete(null);
            } catch (Throwable failure) {
                result.complete(told(failure));
            }
        });
        return result;
    }

    /** The future must complete, whatever the listener of failures does. */
    private RegistryException told(Throwable failure) {
        try {
            return onFailure.apply(failure);
        } catch (Throwable worse) {
            return new RegistryException(RegistryException.Reason.UNAVAILABLE, String.valueOf(failure), failure);
        }
    }

    @Nullable
    RegistryException await(CompletableFuture<@Nullable RegistryException> result) {
        try {
            return result.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return unanswered();
        } catch (ExecutionException | TimeoutException late) {
            return unanswered();
        }
    }

    /** The result, or a failure when it is not there in time; a scheduler that refuses leaves it unbounded. */
    CompletableFuture<@Nullable RegistryException> within(
            long nanos, CompletableFuture<@Nullable RegistryException> result) {
        CompletableFuture<@Nullable RegistryException> bounded = new CompletableFuture<>();
        result.whenComplete((failure, never) -> bounded.complete(failure));
        try {
            ScheduledFuture<?> timer =
                    environment.scheduler().schedule(() -> bounded.complete(unanswered()), nanos, TimeUnit.NANOSECONDS);
            bounded.whenComplete((failure, never) -> timer.cancel(false));
        } catch (Throwable noTimer) {
            RegistryException unused = told(noTimer);
        }
        return bounded;
    }

    private RegistryException unanswered() {
        return new RegistryException(
                RegistryException.Reason.UNREACHABLE, "the registry did not answer for '" + id + "' in time");
    }
}
