// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call that ends later. The permit is given back once: by the end of the call, or by the caller who ends the future
 * himself, whichever comes first.
 */
final class PendingCall<T extends @Nullable Object> {
    private final CircuitBreaker breaker;
    private final Object permit;
    private final long startNanos;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<T> future = new CompletableFuture<>();

    PendingCall(CircuitBreaker breaker, Object permit, long startNanos) {
        this.breaker = breaker;
        this.permit = permit;
        this.startNanos = startNanos;
    }

    CompletableFuture<T> start(Supplier<? extends CompletionStage<T>> task) {
        CompletionStage<T> stage;
        try {
            stage = Objects.requireNonNull(task.get(), "the task's stage");
            stage.whenComplete(this::end);
        } catch (Throwable thrown) {
            end(null, thrown);
            return future;
        }
        future.whenComplete((result, thrown) -> giveUp(stage, result, thrown));
        return future;
    }

    private void end(@Nullable T result, @Nullable Throwable thrown) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        breaker.end(permit, startNanos, result, thrown);
        if (thrown != null) {
            future.completeExceptionally(thrown);
        } else {
            complete(result);
        }
    }

    @SuppressWarnings("NullAway") // a stage whose T admits null completes with null
    private void complete(@Nullable T result) {
        future.complete(result);
    }

    /**
     * The caller ended the future. A timeout or another failure is judged as if the stage had ended with it. A result
     * that the caller put in is ignored, and so is a cancellation, unless the configuration makes cancellations count.
     */
    private void giveUp(CompletionStage<T> stage, @Nullable T result, @Nullable Throwable thrown) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        if (thrown == null) {
            breaker.cancel(permit);
        } else {
            breaker.end(permit, startNanos, result, thrown);
        }
        if (stage instanceof Future<?> running) {
            running.cancel(true);
        }
    }
}
