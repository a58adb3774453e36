// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs changes one at a time and in order, without a lock: whoever hands one in while another runs leaves it to that
 * thread and goes on. So nobody ever waits for what a change calls, as guards and policies of users. Each change sees what
 * those before it wrote. What a change throws is told and ends no other. Safe for any thread.
 */
final class Updates {
    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final Consumer<Throwable> onFailure;
    private volatile @Nullable Thread runner;

    Updates(Consumer<Throwable> onFailure) {
        this.onFailure = onFailure;
    }

    /** Runs the change. It has run when this returns, unless another thread is running changes: then that one runs it. */
    void run(Runnable change) {
        waiting.add(change);
        if (pending.getAndIncrement() != 0) {
            return;
        }
        do {
            runner = Thread.currentThread();
            try {
                Objects.requireNonNull(waiting.poll()).run();
            } catch (Throwable failure) {
                tell(failure);
            } finally {
                // Before the next thread can begin.
                runner = null;
            }
        } while (pending.decrementAndGet() != 0);
    }

    /**
     * What a question gives that changes nothing. It is asked after the changes before it, for which this waits.
     *
     * @throws TimeoutException when those do not return in time, or the thread is interrupted; then it is not asked any more
     */
    <T> T ask(Supplier<T> question, long patienceNanos) throws TimeoutException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        run(() -> {
            try {
                if (!answer.isDone()) {
                    answer.complete(question.get());
                }
            } catch (Throwable thrown) {
                answer.completeExceptionally(thrown);
            }
        });
        try {
            return answer.get(patienceNanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException thrown) {
            throw thrown.getCause() instanceof RuntimeException users
                    ? users
                    : new IllegalStateException(thrown.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted");
        } finally {
            answer.cancel(false);
        }
    }

    /** Whether this thread is in the middle of a change: what it calls asks this. */
    boolean isRunningHere() {
        return runner == Thread.currentThread();
    }

    private void tell(Throwable failure) {
        try {
            onFailure.accept(failure);
        } catch (Throwable dropped) {
            // Nobody is left to tell; the next change must run.
        }
    }
}
