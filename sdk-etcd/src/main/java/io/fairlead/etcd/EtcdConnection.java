// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.common.exception.EtcdException;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.LimitedTasks;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one connection to etcd all services share. gRPC's own backoff outlives an outage by far, and grows; so a client that
 * has failed for 2 s is thrown away, and from then on a fresh one is tried once in 5 s until one is answered. In between,
 * whoever asks is refused at once: watches and registrations together cost an absent server at most 12 tries a minute.
 * Safe for any thread.
 */
final class EtcdConnection implements AutoCloseable {
    static final long DEADLINE_NANOS = TimeUnit.MILLISECONDS.toNanos(2_800);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long TRY_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5_050);
    private static final int MOST_CLOSING = 2;

    private final Supplier<Client> clients;
    private final Supplier<Client> apart;
    private final String description;
    private final Environment environment;
    private final LimitedTasks closing;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Client client;
    private volatile boolean failing;
    private long failingSinceNanos; // guarded by lock
    private boolean worn; // guarded by lock; there is no client, or one that is on trial
    private long nextTryNanos; // guarded by lock
    private @Nullable RegistryException lastFailure; // guarded by lock
    private boolean closed; // guarded by lock
    private volatile boolean sharesNothing; // whether the next client does

    EtcdConnection(Supplier<Client> clients, String description, Environment environment) {
        this(clients, clients, description, environment);
    }

    /** @param apart gives clients that share no thread with any other, for when a shared one is dead */
    EtcdConnection(Supplier<Client> clients, Supplier<Client> apart, String description, Environment environment) {
        this.clients = clients;
        this.apart = apart;
        this.description = description;
        this.environment = environment;
        this.closing = new LimitedTasks(
                environment.executor(),
                environment.scheduler(),
                MOST_CLOSING,
                failure -> environment.listener().onCallbackFailed(description, failure));
        this.client = clients.get();
    }

    /**
     * The client to ask.
     *
     * @throws RegistryException when there is none before the next try
     */
    Client client() {
        Client current = client;
        if (current != null) {
            return current;
        }
        lock.lock();
        try {
            current = client;
            if (current != null) {
                return current;
            }
            long nowNanos = environment.ticker().nanos();
            if (closed || nowNanos - nextTryNanos < 0) {
                RegistryException last = lastFailure;
                throw new RegistryException(
                        Reason.UNREACHABLE,
                        last == null ? description + " did not answer" : String.valueOf(last.getMessage()),
                        last);
            }
            nextTryNanos = nowNanos + TRY_EVERY_NANOS;
            Client fresh = (sharesNothing ? apart : clients).get();
            client = fresh;
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    /** Nanoseconds until the next try, 0 when there is a client. */
    long closedForNanos() {
        if (client != null) {
            return 0;
        }
        lock.lock();
        try {
            return client != null
                    ? 0
                    : Math.max(1, nextTryNanos - environment.ticker().nanos());
        } finally {
            lock.unlock();
        }
    }

    String description() {
        return description;
    }

    /** Sends something; the future fails with a {@link RegistryException}, at the latest after 2.8 s. */
    <T> CompletableFuture<T> ask(Function<Client, CompletableFuture<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        var timer = environment
                .scheduler()
                .schedule(
                        () -> answer.completeExceptionally(new TimeoutException("no answer in time")),
                        DEADLINE_NANOS,
                        TimeUnit.NANOSECONDS);
        Client asked = null;
        CompletableFuture<T> sent;
        try {
            asked = client();
            sent = call.apply(asked);
        } catch (Throwable refused) {
            sent = CompletableFuture.failedFuture(refused);
        }
        Client mine = asked;
        CompletableFuture<T> pending = sent;
        pending.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        return answer.handle((value, failure) -> {
            timer.cancel(false);
            if (failure != null) {
                pending.cancel(true);
                RegistryException known = translated(failure);
                if (mine != null && (known.reason() == Reason.UNREACHABLE || isWithoutLeader(known))) {
                    failed(mine, known);
                }
                throw known;
            }
            heard();
            return value;
        });
    }

    /** As {@link #ask}, waiting for it. */
    <T> T askNow(Function<Client, CompletableFuture<T>> call) {
        CompletableFuture<T> answer = ask(call);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    // Longer than it can take: without memory its end may be lost.
                    return answer.get(2 * DEADLINE_NANOS, TimeUnit.NANOSECONDS);
                } catch (InterruptedException later) {
                    interrupted = true;
                } catch (ExecutionException | TimeoutException failed) {
                    throw failed.getCause() instanceof RegistryException known ? known : translated(failed);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    RegistryException translated(Throwable failure) {
        // gRPC never replaces a thread that died of want of memory, and hands it to the next client all the same.
        if (rootMessage(failure).contains("event executor terminated")) {
            sharesNothing = true;
        }
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof RegistryException known) {
            return known;
        }
        // Some calls fail with the client's own exception, some with gRPC's.
        if (cause instanceof EtcdException answered) {
            return failed(answered.getErrorCode().name(), answered);
        }
        if (cause instanceof StatusRuntimeException answered) {
            return failed(answered.getStatus().getCode().name(), answered);
        }
        String what = cause instanceof TimeoutException ? "no answer in time" : String.valueOf(cause);
        return new RegistryException(Reason.UNREACHABLE, description + " did not answer: " + what, cause);
    }

    @Override
    public void close() {
        Client last;
        lock.lock();
        try {
            closed = true;
            last = client;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.close();
        }
    }

    /** The server answered, be it with news of a watch. */
    void heard() {
        if (failing) {
            lock.lock();
            try {
                failing = false;
                worn = false;
                lastFailure = null;
            } finally {
                lock.unlock();
            }
        }
    }

    private void failed(Client which, RegistryException failure) {
        lock.lock();
        try {
            long nowNanos = environment.ticker().nanos();
            if (!failing) {
                failing = true;
                failingSinceNanos = nowNanos;
            }
            if (closed || which != client || (!worn && nowNanos - failingSinceNanos < PATIENCE_NANOS)) {
                return;
            }
            if (!worn) {
                worn = true;
                nextTryNanos = nowNanos;
            } else if (failure.getCause() instanceof TimeoutException) {
                // The server hangs, or a thread that died while it ended, and says nothing: try both.
                sharesNothing = !sharesNothing;
            }
            lastFailure = failure;
            client = null;
        } finally {
            lock.unlock();
        }
        // It would go on trying by itself, and closing may wait for the transport.
        closeLater(which::close);
    }

    /** Closing may wait for the transport, so it waits elsewhere; it is not forgotten when there is no thread for it. */
    void closeLater(Runnable close) {
        closing.execute(close);
    }

    private RegistryException failed(String code, Throwable failure) {
        Reason reason = switch (code) {
            case "PERMISSION_DENIED", "UNAUTHENTICATED" -> Reason.UNAUTHORIZED;
            case "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "OUT_OF_RANGE" -> Reason.REJECTED;
            case "UNAVAILABLE" ->
                String.valueOf(failure.getMessage()).contains("leader") ? Reason.UNAVAILABLE : Reason.UNREACHABLE;
            // INTERNAL is what gRPC says of itself when its threads or its channel are broken.
            case "CANCELLED", "DEADLINE_EXCEEDED", "UNKNOWN", "ABORTED", "INTERNAL" -> Reason.UNREACHABLE;
            default -> Reason.UNAVAILABLE;
        };
        String advice = reason == Reason.UNREACHABLE ? ". Is it running?" : "";
        return new RegistryException(reason, description + " failed: " + rootMessage(failure) + advice, failure);
    }

    private static boolean isWithoutLeader(RegistryException known) {
        return known.reason() == Reason.UNAVAILABLE
                && String.valueOf(known.getMessage()).contains("leader");
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
