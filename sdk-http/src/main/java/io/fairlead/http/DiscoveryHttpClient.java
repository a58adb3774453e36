// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.RejectedException;
import io.fairlead.balancer.ServiceUnavailableException;
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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
 * <p>Calls to services are sent by clients of this one's own, made with the given client's connect timeout, version, TLS
 * settings and executor, so that nothing is keyed by an instance's address:
 * <ul>
 *   <li>Redirects are followed as the given client would, but hop by hop. A {@code Location} that names a service, or the
 *       address of the instance that sent it, leads through discovery. Elsewhere {@link Fairlead#addressPolicy} is asked.
 *       What fails on a later hop is the caller's to see; it blames no instance and sends nothing again.
 *   <li>The {@link CookieHandler} is asked under the service's name.
 *   <li>The {@link Authenticator} is asked under the service's name when a service answers 401 (Basic only). What was accepted
 *       is sent at once by later calls to the same folder of the service, whichever instance they go to; the newest 256 are
 *       kept. A caller's own {@code Authorization} stays as it is.
 *   <li>A {@link ProxySelector}, also the system's, is not asked for services: calls go straight to instances. It is asked
 *       for every other hop.
 *   <li>A response's {@code uri()} and {@code request()} have the service's name.
 * </ul>
 *
 * <p>This client offers no way to say where a name leads, so the URL is rewritten to the instance's address, with these
 * limits, which {@code fairlead-okhttp} does not have. An instance is told that it was called by its address:
 * {@code Host: 10.0.0.7:8080}, over HTTP/2 the same in {@code :authority}; whoever tells virtual hosts apart, or makes URLs
 * of {@code Host}, sees the address. With the system property {@code jdk.httpclient.allowRestrictedHeaders=host}, which the
 * JDK reads once, {@code Host} has the service's name, or what the caller set; not over HTTP/2, but for the request that
 * asks for the upgrade, because a server may refuse a {@code Host} that differs from its {@code :authority}. Certificates
 * are checked against the address too: {@code https} to a service fails at once, unless {@link #withCertificatesByAddress}
 * says that the instances' certificates name their addresses. A service whose name has a {@code _}, as
 * {@code order_service}, can not be called: {@link URI} has no host for it, so no request can be made. A redirect of a host
 * that is no service is followed by the given client, which does not know services. The given client's {@code priority} and
 * {@code localAddress}, which it does not tell, do not hold for services. The client itself sends a GET or HEAD again when a
 * pooled connection turns out to have been closed and, from Java 24 on, anything that an HTTP/2 server says it did not
 * process, once. Before Java 24 it does not tell a stream above a GOAWAY's last from one below: then only idempotent calls
 * go elsewhere.
 *
 * <p>Where a rule has a mirror, the request is sent once more, by a client made for copies with the given one's settings but its
 * executor. Its body is asked for once more meanwhile, as a second attempt of the call would; so a publisher must not need to be asked by
 * one at a time.
 *
 * <p>A request's timeout is the deadline of all its hops and attempts together, until the headers of the answer; a body that
 * takes longer is not cut. The caller's body handler is applied once, to the answer that is returned. A body of unknown
 * length can not be sent twice. A response whose body breaks after its headers is the caller's to handle: it is not sent
 * again. WebSockets are not guided.
 *
 * <p>Java 21's {@code close()} and {@code shutdown()} do nothing here: calls under way go on and new ones are taken. The clients
 * of its own end when nobody refers to this one any more and their calls are over.
 */
public final class DiscoveryHttpClient extends HttpClient {
    private final HttpClient client;
    final HopClients hops;
    private final Fairlead fairlead;
    private final boolean certificatesByAddress;
    private final BiFunction<HttpRequest, CallSpec, CallSpec> specs;

    private DiscoveryHttpClient(
            HttpClient client,
            HopClients hops,
            Fairlead fairlead,
            boolean certificatesByAddress,
            BiFunction<HttpRequest, CallSpec, CallSpec> specs) {
        this.client = client;
        this.hops = hops;
        this.fairlead = fairlead;
        this.certificatesByAddress = certificatesByAddress;
        this.specs = specs;
    }

    /**
     * {@code client}, guided by {@code fairlead}.
     *
     * @throws IllegalArgumentException when {@code client} is not the JDK's own, and follows redirects or has a cookie
     *     handler or an authenticator: decorate what this returns instead
     */
    public static DiscoveryHttpClient wrap(HttpClient client, Fairlead fairlead) {
        return new DiscoveryHttpClient(client, HopClients.of(client), fairlead, false, (request, spec) -> spec);
    }

    /** This client, allowing {@code https} to services whose instances have certificates for their addresses. */
    public DiscoveryHttpClient withCertificatesByAddress() {
        return new DiscoveryHttpClient(client, hops, fairlead, true, specs);
    }

    /** This client, with a say in what the pipeline knows of a request, such as that it is idempotent. */
    public DiscoveryHttpClient withSpecs(BiFunction<HttpRequest, CallSpec, CallSpec> value) {
        return new DiscoveryHttpClient(client, hops, fairlead, certificatesByAddress, value);
    }

    /**
     * Sends a request to an instance of the service it names and waits for the answer.
     *
     * @throws ServiceUnavailableException when there is no instance
     * @throws RejectedException when a stage of the pipeline rejects the call on this side
     * @throws HttpTimeoutException when the request's timeout is over
     * @throws IOException also with the cause that the caller's handler, publisher or cookie handler threw; the future of
     *     {@code sendAsync} fails alike
     */
    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        if (!isService(request)) {
            return client.send(request, handler);
        }
        CompletableFuture<HttpResponse<T>> call = guide(request, handler, false);
        try {
            return call.get();
        } catch (InterruptedException interrupted) {
            if (!call.cancel(true) && !call.isCompletedExceptionally()) {
                // The answer came first. Nobody else would close it.
                Thread.currentThread().interrupt();
                return call.join();
            }
            throw interrupted;
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException broken) {
                throw broken;
            }
            throw new IOException(String.valueOf(failed.getCause()), failed.getCause());
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        try {
            return isService(request) ? guide(request, handler, true) : client.sendAsync(request, handler);
        } catch (IOException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    /** For services pushed responses are refused. */
    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushes) {
        try {
            return isService(request) ? guide(request, handler, true) : client.sendAsync(request, handler, pushes);
        } catch (IOException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    private boolean isService(HttpRequest request) throws IOException {
        String host = request.uri().getHost();
        if (host == null && request.uri().getRawAuthority() != null) {
            throw new IOException(Redirects.printable(request.uri().toString())
                    + ": java.net.URI has no host for this, as for a name with '_' (expected: a host of letters, digits,"
                    + " '-' and '.'; fairlead-okhttp calls services of any name)");
        }
        try {
            return host != null && fairlead.isService(host);
        } catch (RuntimeException thrown) {
            throw new IOException("whether '" + host + "' is a service: " + thrown, thrown);
        }
    }

    private <T> CompletableFuture<HttpResponse<T>> guide(HttpRequest request, BodyHandler<T> handler, boolean isAsync) {
        Objects.requireNonNull(handler, "handler");
        URI uri = request.uri();
        if (!certificatesByAddress && uri.getScheme().toLowerCase(Locale.ROOT).equals("https")) {
            throw new IllegalArgumentException(GuidedCall.certificatesMessage(uri));
        }
        return new GuidedCall<>(hops, fairlead, certificatesByAddress, specs, handler, isAsync).start(request);
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
