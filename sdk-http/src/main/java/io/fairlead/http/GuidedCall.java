// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.RegistryException;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.RejectedException;
import io.fairlead.balancer.ServiceUnavailableException;
import io.fairlead.balancer.http.HttpCalls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One call of the caller's, hop by hop. Each hop to a service is a call of the pipeline of its own: it ends with the hop's
 * answer, so what fails later blames no instance of an earlier hop and sends nothing again. The last answer meets the
 * caller's handler. Hops follow each other; cancellation comes from any thread.
 *
 * @param <T> what the body becomes
 */
final class GuidedCall<T> {

    private final HopClients clients;
    private final Fairlead fairlead;
    private final boolean certificatesByAddress;
    private final BiFunction<HttpRequest, CallSpec, CallSpec> specs;
    private final BodyHandler<T> handler;
    private final Leftovers leftovers = new Leftovers();
    private final Passwords passwords;
    private final CompletableFuture<HttpResponse<T>> result = new CompletableFuture<>();
    /** The caller's dependents may block: they hold neither a worker nor a thread that reads a body. */
    private final Executor completing;

    private final long startNanos;

    private int redirects;
    private volatile Runnable stop = () -> {};
    private volatile boolean given;

    GuidedCall(
            HopClients clients,
            Fairlead fairlead,
            boolean certificatesByAddress,
            BiFunction<HttpRequest, CallSpec, CallSpec> specs,
            BodyHandler<T> handler,
            boolean isAsync) {
        this.clients = clients;
        this.fairlead = fairlead;
        this.certificatesByAddress = certificatesByAddress;
        this.specs = specs;
        this.handler = handler;
        this.completing = isAsync ? new OnAnotherThread(result.defaultExecutor()) : Runnable::run;
        this.passwords = new Passwords(clients.passwords(), clients.accepted());
        this.startNanos = fairlead.environment().ticker().nanos();
    }

    /** Starts; cancelling the future cancels what is under way. */
    CompletableFuture<HttpResponse<T>> start(HttpRequest request) {
        result.whenComplete((response, failure) -> {
            if (!given) {
                stop.run();
            }
            leftovers.end();
        });
        hop(request, null);
        return result;
    }

    private void hop(HttpRequest request, @Nullable HttpResponse<T> previous) {
        CompletableFuture<Answer> sent;
        try {
            sent = send(request, previous == null);
        } catch (Throwable thrown) {
            fail(thrown);
            return;
        }
        stopBy(() -> {
            // A timeout of the caller's own is the instance's to answer for, a cancel is not.
            boolean unused = isTimedOut()
                    ? sent.completeExceptionally(new TimeoutException("by the caller"))
                    : sent.cancel(true);
        });
        sent.whenComplete((answer, failure) -> {
            if (failure != null) {
                fail(translated(request, HttpAttempts.unwrapped(failure)));
            } else if (result.isDone()) {
                leftovers.add(answer);
            } else {
                answered(request, answer, previous);
            }
        });
    }

    private CompletableFuture<Answer> send(HttpRequest request, boolean isFirst) throws IOException {
        URI uri = request.uri();
        if (!isFirst && !fairlead.isService(uri.getHost())) {
            return new OtherHop(clients.elsewhere(), fairlead).send(request, left(request));
        }
        if (!certificatesByAddress && uri.getScheme().toLowerCase(Locale.ROOT).equals("https")) {
            throw new IOException(certificatesMessage(uri));
        }
        HttpAttempts attempts = new HttpAttempts(
                clients,
                request,
                passwords.header(request),
                fairlead.addressPolicy(),
                fairlead.environment(),
                leftovers);
        CallSpec spec = Objects.requireNonNull(specs.apply(request, spec(request, attempts)), "spec");
        return fairlead.callAsync(spec, attempts).toCompletableFuture();
    }

    static String certificatesMessage(URI uri) {
        return uri.getScheme() + "://" + uri.getHost()
                + ": the JDK's HttpClient would check an instance's certificate against its address, not against '"
                + uri.getHost() + "' (expected: http, or fairlead-okhttp, or withCertificatesByAddress() when the"
                + " certificates name addresses)";
    }

    private CallSpec spec(HttpRequest request, HttpAttempts facts) {
        boolean idempotent = HttpCalls.isIdempotent(
                request.method(),
                request.headers().firstValue("Idempotency-Key").orElse(null));
        boolean replayable =
                request.bodyPublisher().map(body -> body.contentLength() >= 0).orElse(true);
        return new CallSpec(
                fairlead.serviceOf(request.uri().getHost()),
                PickContext.of(facts, null),
                idempotent,
                replayable,
                left(request));
    }

    /** What the hops before have left of the request's timeout; null for no end. */
    private @Nullable Duration left(HttpRequest request) {
        return HttpCalls.left(
                request.timeout().orElse(null), fairlead.environment().ticker().nanos() - startNanos);
    }

    private void answered(HttpRequest request, Answer answer, @Nullable HttpResponse<T> previous) {
        HttpRequest next;
        try {
            next = next(request, answer);
            if (next == null) {
                give(request, answer, previous);
                return;
            }
        } catch (Throwable thrown) {
            leftovers.add(answer);
            fail(thrown);
            return;
        }
        leftovers.add(answer);
        hop(next, new GivenResponse<>(request, answer, previous, null));
    }

    private @Nullable HttpRequest next(HttpRequest request, Answer answer) throws IOException {
        if (answer.from() != null && passwords.next(request, answer)) {
            return request;
        }
        HttpRequest elsewhere =
                redirects >= Redirects.MOST ? null : Redirects.next(request, answer, clients.redirects());
        redirects += elsewhere == null ? 0 : 1;
        return elsewhere;
    }

    private void give(HttpRequest request, Answer answer, @Nullable HttpResponse<T> previous) {
        BodySubscriber<T> reader = Objects.requireNonNull(handler.apply(answer.info()), "body subscriber");
        BodyEnd<T> body = new BodyEnd<>(reader, answer::close);
        stopBy(body::cancel);
        answer.body().subscribe(body);
        body.whole().whenComplete((whole, failure) -> {
            if (failure != null) {
                fail(HttpAttempts.unwrapped(failure));
                return;
            }
            completing.execute(() -> {
                given = true;
                if (!result.complete(new GivenResponse<>(request, answer, previous, whole))) {
                    body.cancel();
                }
            });
        });
    }

    /** Whether the caller's own timeout on the future ended it, as {@code orTimeout} does. */
    private boolean isTimedOut() {
        return result.handle((response, failure) -> failure instanceof TimeoutException)
                .getNow(false);
    }

    private void stopBy(Runnable how) {
        stop = how;
        if (result.isDone()) {
            how.run();
        }
    }

    /** What the caller's own code threw comes as an IOException, too, so that there is one kind to expect. */
    private void fail(Throwable failure) {
        Throwable told = failure instanceof IOException || failure instanceof CancellationException
                ? failure
                : new IOException(String.valueOf(failure), failure);
        completing.execute(() -> {
            boolean unused = result.completeExceptionally(told);
        });
    }

    private Throwable translated(HttpRequest request, Throwable cause) {
        if (cause instanceof CallRejectedException rejected) {
            if (rejected.stage() == CallRejectedException.Stage.DEADLINE) {
                HttpTimeoutException late = new HttpTimeoutException(rejected.getMessage());
                late.initCause(rejected);
                return late;
            }
            return new RejectedException(rejected);
        }
        return cause instanceof NoInstanceException || cause instanceof RegistryException
                ? new ServiceUnavailableException(
                        fairlead.serviceOf(request.uri().getHost()), (RuntimeException) cause)
                : cause;
    }
}
