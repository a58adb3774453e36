// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs changes one at a time and in order, without a lock: whoever hands one in while another runs leaves it to that
 * thread and goes on. So nobody ever waits for what a change calls, as guards and policies of users. Each change sees what
 * those before it wrote. What a change throws is told and ends no other.
 *
 * <p>What came of changes is told after them and not within one, by one thread at a time: so a listener or a guard that blocks
 * when it hears of it stops no change. While somebody tells, what follows is gathered and told as one. Safe for any thread.
 */
final class Updates {
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final Runnable afterwards;
    private final Supplier<Runnable> news;
    private final Consumer<Throwable> onFailure;
    private volatile @Nullable Thread runner;
    private boolean hasNews; // belongs to the changes
    /** Whether somebody tells, or is about to. */
    private final AtomicBoolean telling = new AtomicBoolean();

    private final AtomicReference<@Nullable Runnable> toTell = new AtomicReference<>();

    /**
     * Of one service.
     *
     * @param afterwards is run after each change and before anything is told, by any thread
     * @param news is asked within the changes for what came of them; what it gives tells that
     * @param onFailure hears what a change, or the telling, threw
     */
    Updates(Runnable afterwards, Supplier<Runnable> news, Consumer<Throwable> onFailure) {
        this.afterwards = afterwards;
        this.news = news;
        this.onFailure = onFailure;
    }

    /** Runs a change, and tells what came of it unless another thread is telling. */
    void change(Runnable change) {
        run(() -> {
            hasNews = true;
            try {
                change.run();
            } finally {
                collect();
            }
        });
        tell();
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
            // What others left to this thread meanwhile may be to tell.
            tell();
        }
    }

    /** Waits a moment for a change: something of a user's may hang in an earlier one. */
    static void await(CountDownLatch change) {
        try {
            boolean unused = change.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this thread is in the middle of a change: what it calls asks this. */
    boolean isRunningHere() {
        return runner == Thread.currentThread();
    }

    /** It has run when this returns, unless another thread is running changes: then that one runs it. */
    private void run(Runnable change) {
        waiting.add(change);
        if (pending.getAndIncrement() != 0) {
            return;
        }
        do {
            runner = Thread.currentThread();
            try {
                Objects.requireNonNull(waiting.poll()).run();
            } catch (Throwable failure) {
                failed(failure);
            } finally {
                // Before the next thread can begin.
                runner = null;
            }
        } while (pending.decrementAndGet() != 0);
    }

    private void collect() {
        if (hasNews && telling.compareAndSet(false, true)) {
            hasNews = false;
            toTell.set(news.get());
        }
    }

    private void tell() {
        afterwards.run();
        for (Runnable next = toTell.getAndSet(null); next != null; next = toTell.getAndSet(null)) {
            try {
                next.run();
            } catch (Throwable failure) {
                failed(failure);
            } finally {
                telling.set(false);
            }
            run(this::collect);
        }
    }

    private void failed(Throwable failure) {
        try {
            onFailure.accept(failure);
        } catch (Throwable dropped) {
            // Nobody is left to tell; the next change must run.
        }
    }
}
