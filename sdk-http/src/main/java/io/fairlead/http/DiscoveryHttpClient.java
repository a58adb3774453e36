// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.RegistryException;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's {@link HttpClient}, with each call to a service, {@code http://orders/…}, guided to one of its instances through
 * the attempt pipeline; every other call passes through untouched. Safe for any thread; it owns neither the client nor the
 * balancer.
 *
 * <p>This client offers no way to say where a name leads, so the URL is rewritten to the instance's address, with these
 * limits, which {@code fairlead-okhttp} does not have. {@code Host}, cookies and redirects see the address. Certificates are
 * checked against the address too: {@code https} to a service fails at once, unless {@link #withCertificatesByAddress} says
 * that the instances' certificates name their addresses. The client itself sends a GET or HEAD again when a pooled
 * connection turns out to have been closed and, from Java 24 on, anything that an HTTP/2 server says it did not process, once.
 * Before Java 24 it does not tell a stream above a GOAWAY's last from one below: then only idempotent calls go elsewhere.
 *
 * <p>A request's timeout is the deadline of all its attempts together. A body of unknown length can not be sent twice. A
 * response whose body breaks after its headers is the caller's to handle: it is not sent again. WebSockets are not guided.
 */
public final class DiscoveryHttpClient extends HttpClient {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY");

    private final HttpClient client;
    private final Fairlead fairlead;
    private final boolean certificatesByAddress;
    private final BiFunction<HttpRequest, CallSpec, CallSpec> specs;

    private DiscoveryHttpClient(
            HttpClient client,
            Fairlead fairlead,
            boolean certificatesByAddress,
            BiFunction<HttpRequest, CallSpec, CallSpec> specs) {
        this.client = client;
        this.fairlead = fairlead;
        this.certificatesByAddress = certificatesByAddress;
        this.specs = specs;
    }

    /** {@code client}, guided by {@code fairlead}. */
    public static DiscoveryHttpClient wrap(HttpClient client, Fairlead fairlead) {
        return new DiscoveryHttpClient(client, fairlead, false, (request, spec) -> spec);
    }

    /** This client, allowing {@code https} to services whose instances have certificates for their addresses. */
    public DiscoveryHttpClient withCertificatesByAddress() {
        return new DiscoveryHttpClient(client, fairlead, true, specs);
    }

    /** This client, with a say in what the pipeline knows of a request, such as that it is idempotent. */
    public DiscoveryHttpClient withSpecs(BiFunction<HttpRequest, CallSpec, CallSpec> value) {
        return new DiscoveryHttpClient(client, fairlead, certificatesByAddress, value);
    }

    /**
     * Sends a request to an instance of the service it names and waits for the answer.
     *
     * @throws ServiceUnavailableException when there is no instance
     * @throws RejectedException when a stage of the pipeline rejects the call on this side
     * @throws HttpTimeoutException when the request's timeout is over
     */
    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        if (!isService(request)) {
            return client.send(request, handler);
        }
        CompletableFuture<HttpResponse<T>> call = guide(request, handler);
        try {
            return call.get();
        } catch (InterruptedException interrupted) {
            boolean unused = call.cancel(true);
            throw interrupted;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException broken) {
                throw broken;
            }
            if (failed.getCause() instanceof RuntimeException unexpected) {
                throw unexpected;
            }
            throw new IOException(failed.getCause());
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        return isService(request) ? guide(request, handler) : client.sendAsync(request, handler);
    }

    /** For services pushed responses are refused. */
    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushes) {
        return isService(request) ? guide(request, handler) : client.sendAsync(request, handler, pushes);
    }

    private boolean isService(HttpRequest request) {
        String host = request.uri().getHost();
        return host != null && fairlead.isService(host);
    }

    private <T> CompletableFuture<HttpResponse<T>> guide(HttpRequest request, BodyHandler<T> handler) {
        URI uri = request.uri();
        if (!certificatesByAddress && uri.getScheme().toLowerCase(Locale.ROOT).equals("https")) {
            throw new IllegalArgumentException(uri.getScheme() + "://" + uri.getHost()
                    + ": the JDK's HttpClient would check an instance's certificate against its address, not against '"
                    + uri.getHost() + "' (expected: http, or fairlead-okhttp, or withCertificatesByAddress() when the"
                    + " certificates name addresses)");
        }
        String service = fairlead.serviceOf(uri.getHost());
        HttpAttempts<T> attempts = new HttpAttempts<>(client, request, handler, fairlead.addressPolicy());
        CallSpec spec = specs.apply(request, spec(service, request, attempts));
        CompletableFuture<HttpResponse<T>> call =
                fairlead.callAsync(spec, attempts).toCompletableFuture();
        CompletableFuture<HttpResponse<T>> result = new CompletableFuture<>();
        call.whenComplete((response, failure) -> {
            if (failure != null) {
                boolean unused = result.completeExceptionally(translated(service, failure));
            } else if (!result.complete(response)) {
                attempts.discard(response);
            }
        });
        result.whenComplete((response, failure) -> {
            if (result.isCancelled()) {
                boolean unused = call.cancel(true);
            }
        });
        return result;
    }

    private static CallSpec spec(String service, HttpRequest request, HttpAttempts<?> facts) {
        boolean idempotent = IDEMPOTENT.contains(request.method())
                || request.headers().firstValue("Idempotency-Key").isPresent();
        boolean replayable =
                request.bodyPublisher().map(body -> body.contentLength() >= 0).orElse(true);
        return new CallSpec(
                service,
                PickContext.of(facts, null),
                idempotent,
                replayable,
                request.timeout().orElse(null));
    }

    private static Throwable translated(String service, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof CallRejectedException rejected) {
            if (rejected.stage() == CallRejectedException.Stage.DEADLINE) {
                HttpTimeoutException late = new HttpTimeoutException(rejected.getMessage());
                late.initCause(rejected);
                return late;
            }
            return new RejectedException(rejected);
        }
        return cause instanceof NoInstanceException || cause instanceof RegistryException
                ? new ServiceUnavailableException(service, (RuntimeException) cause)
                : cause;
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return client.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return client.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return client.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return client.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return client.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return client.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return client.authenticator();
    }

    @Override
    public Version version() {
        return client.version();
    }

    @Override
    public Optional<Executor> executor() {
        return client.executor();
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        return client.newWebSocketBuilder();
    }
}
