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
 * One call that ends later. Whichever is first, its end or the caller's giving up on the future, gives the permit back;
 * the other finds that done.
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
     * The caller ended the future itself. A timeout or another failure is judged as if the stage had ended so. A cancel
     * says nothing, nor does an answer from elsewhere, unless the configuration says that it does.
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
