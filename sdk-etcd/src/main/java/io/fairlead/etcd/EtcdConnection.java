// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.common.exception.EtcdException;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.Environment;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The one connection to etcd all services share. gRPC's own backoff outlives an outage by far, so a client that has failed
 * for 3 s is thrown away for a fresh one, the next after 6 s, then every 12 s. Safe for any thread.
 */
final class EtcdConnection implements AutoCloseable {
    static final long DEADLINE_NANOS = TimeUnit.MILLISECONDS.toNanos(2_800);
    private static final long LEAST_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long MOST_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(12);

    private final Supplier<Client> clients;
    private final String description;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Client client;
    private volatile boolean failing;
    private long failingSinceNanos; // guarded by lock
    private long patienceNanos = LEAST_PATIENCE_NANOS; // guarded by lock
    private volatile boolean closed;

    EtcdConnection(Supplier<Client> clients, String description, Environment environment) {
        this.clients = clients;
        this.description = description;
        this.environment = environment;
        this.client = clients.get();
    }

    Client client() {
        return client;
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
        CompletableFuture<T> sent;
        try {
            sent = call.apply(client);
        } catch (RuntimeException refused) {
            sent = CompletableFuture.failedFuture(refused);
        }
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
                if (known.reason() == Reason.UNREACHABLE || known.reason() == Reason.UNAVAILABLE) {
                    renewIfWornOut();
                }
                throw known;
            }
            succeeded();
            return value;
        });
    }

    /** As {@link #ask}, waiting for it. */
    <T> T askNow(Function<Client, CompletableFuture<T>> call) {
        try {
            return ask(call).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RegistryException known ? known : translated(failed);
        }
    }

    RegistryException translated(Throwable failure) {
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
        closed = true;
        client.close();
    }

    private void succeeded() {
        if (failing) {
            lock.lock();
            try {
                failing = false;
                patienceNanos = LEAST_PATIENCE_NANOS;
            } finally {
                lock.unlock();
            }
        }
    }

    private void renewIfWornOut() {
        lock.lock();
        Client old;
        try {
            long nowNanos = environment.ticker().nanos();
            if (!failing) {
                failing = true;
                failingSinceNanos = nowNanos;
            }
            if (closed || nowNanos - failingSinceNanos < patienceNanos) {
                return;
            }
            failingSinceNanos = nowNanos;
            patienceNanos = Math.min(MOST_PATIENCE_NANOS, 2 * patienceNanos);
            old = client;
            client = clients.get();
        } finally {
            lock.unlock();
        }
        environment.executor().execute(old::close);
    }

    private RegistryException failed(String code, Throwable failure) {
        Reason reason = switch (code) {
            case "PERMISSION_DENIED", "UNAUTHENTICATED" -> Reason.UNAUTHORIZED;
            case "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "OUT_OF_RANGE" -> Reason.REJECTED;
            case "UNAVAILABLE" ->
                String.valueOf(failure.getMessage()).contains("leader") ? Reason.UNAVAILABLE : Reason.UNREACHABLE;
            case "CANCELLED", "DEADLINE_EXCEEDED", "UNKNOWN", "ABORTED" -> Reason.UNREACHABLE;
            default -> Reason.UNAVAILABLE;
        };
        String advice = reason == Reason.UNREACHABLE ? ". Is it running?" : "";
        return new RegistryException(reason, description + " failed: " + rootMessage(failure) + advice, failure);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
