// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.RegistryException;
import io.fairlead.api.Ticker;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.Fallback.FailedCall;
import io.fairlead.balancer.RejectedException;
import io.fairlead.balancer.ServiceUnavailableException;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.http.HttpCalls;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttp;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Guides calls to services, {@code http://orders/…}, to their instances; every other call passes through untouched, until it
 * is redirected to a service. Add it as an <em>application</em> interceptor. Safe for any thread; one can serve many clients.
 *
 * <p>Add the same one as a <em>network</em> interceptor too, as {@link DiscoveryOkHttp} does, and a 503 with
 * {@code Retry-After: 0} keeps its body, which OkHttp closes else.
 *
 * <p>The URL is not rewritten: host, port, {@code Host} header, TLS server name and certificate check, cookies, cache
 * keys and redirects all keep the logical name, whichever instance answers. The scheme is the caller's. A client's proxy
 * and socket factory are not used for services. Retries are the pipeline's: OkHttp's own
 * {@code retryOnConnectionFailure} is off for calls to services, or it would send a POST twice. Redirects are this interceptor's
 * to follow: one behind it sees an {@code IOException} where OkHttp alone would have gone on.
 *
 * <p>Where hedging is on, each attempt of an idempotent call is a clone of the call. So interceptors in front of this one
 * see such a call once for each attempt: add this one first.
 *
 * <p>Where a rule has a mirror, the request as this interceptor sees it is sent once more, on a thread and a connection that calls do
 * not use: interceptors behind this one, listeners and the cookie jar learn nothing of it. It is sent with the client's trust but, as
 * a chain does not tell the client's protocols, over HTTP/1.1, or HTTP/2 where TLS agrees on it. A body is copied on the caller's
 * thread, before the call is sent, because after it the body is the caller's again.
 *
 * <p>An instance is reported well or ill by what it answers, see {@link io.fairlead.balancer.Verdict}. A response whose
 * body breaks after its headers is the caller's to handle: it is not sent again.
 */
public final class DiscoveryInterceptor implements Interceptor {
    /** The header of a response that a fallback made; its value is {@code true}. */
    public static final String FALLBACK_HEADER = "X-Fairlead-Fallback";

    private final Fairlead fairlead;
    private final Ticker ticker;
    private final InstanceRoutes routes;
    private final Copies copies;
    private final @Nullable ResponseFallback fallback;
    /** What a cloned call is to do when it comes through here, while hedging is on. */
    private final Map<Call, ClonedCalls.Clone> clones = new ConcurrentHashMap<>();

    private DiscoveryInterceptor(
            Fairlead fairlead, InstanceRoutes routes, Copies copies, @Nullable ResponseFallback fallback) {
        this.fairlead = fairlead;
        this.ticker = fairlead.environment().ticker();
        this.routes = routes;
        this.copies = copies;
        this.fallback = fallback;
    }

    /**
     * An interceptor that asks {@code fairlead}, which it does not own.
     *
     * @throws IllegalStateException when the OkHttp on the class path is older than 5.4
     */
    public static DiscoveryInterceptor of(Fairlead fairlead) {
        OkHttpVersion.require(OkHttp.VERSION);
        InstanceRoutes routes = new InstanceRoutes(fairlead.addressPolicy());
        return new DiscoveryInterceptor(fairlead, routes, new Copies(routes), null);
    }

    /**
     * This interceptor with an answer for calls that have failed for good; {@link io.fairlead.balancer.Fallback} says when
     * it is asked. The answer carries the header {@link #FALLBACK_HEADER}.
     */
    public DiscoveryInterceptor withFallback(ResponseFallback answering) {
        return new DiscoveryInterceptor(fairlead, routes, copies, answering);
    }

    /**
     * Sends the call to an instance of the service it names. A redirect is followed as OkHttp follows it, if the client
     * follows redirects: to a service through discovery again, to anywhere else as it stands, and never to an address that
     * the address policy refuses.
     *
     * @throws ServiceUnavailableException when there is none
     * @throws RejectedException when a stage of the pipeline rejects the call on this side
     */
    @Override
    public Response intercept(Chain chain) throws IOException {
        if (chain.connection() != null) {
            return KeptRetryAfter.pass(chain);
        }
        if (KeptRetryAfter.of(chain).isRouted(chain.request())) {
            return chain.proceed(chain.request());
        }
        ClonedCalls.Clone clone = clones.isEmpty() ? null : clones.get(chain.call());
        if (clone != null && clone.take()) {
            return clone.send(chain, routes, copies, ticker);
        }
        return new Hops(chain, this, fairlead.addressPolicy(), ticker).follow(clone == null);
    }

    boolean isService(Request request) throws IOException {
        try {
            return fairlead.isService(request.url().host());
        } catch (RuntimeException broken) {
            throw new IOException(
                    "whether '" + request.url().host() + "' is a service can not be told: " + broken, broken);
        }
    }

    /** One hop to a service, of a call that began then. */
    Response guide(Chain chain, Request request, boolean mayHedge, long startNanos) throws IOException {
        String service = fairlead.serviceOf(request.url().host());
        OkHttpTransport transport = new OkHttpTransport(chain, request, routes, copies, ticker);
        try {
            CallSpec spec = spec(service, chain, request, transport, startNanos);
            // A clone of the call knows nothing of where a redirect led, and makes no clones itself.
            if (mayHedge && fairlead.isHedged(spec) && request.header("Upgrade") == null) {
                return call(spec, new ClonedCalls(chain, transport, clones), request, transport);
            }
            return call(spec, transport, request, transport);
        } catch (CallRejectedException rejected) {
            throw new RejectedException(rejected);
        } catch (NoInstanceException | RegistryException none) {
            throw new ServiceUnavailableException(service, none);
        } catch (InterruptedIOException stopped) {
            if (chain.call().isCanceled() && !Thread.currentThread().isInterrupted()) {
                throw ClonedCalls.cancelled(stopped);
            }
            throw stopped;
        } catch (RuntimeException unexpected) {
            if (transport.isThrownByOthers(unexpected)) {
                throw unexpected;
            }
            if (unexpected instanceof IllegalStateException || unexpected instanceof IllegalArgumentException) {
                throw new ServiceUnavailableException(service, unexpected);
            }
            throw new IOException("call to '" + service + "' failed on this side: " + unexpected, unexpected);
        }
    }

    private Response call(CallSpec spec, Transport<Response> transport, Request request, OkHttpTransport judge)
            throws IOException {
        ResponseFallback answering = fallback;
        if (answering == null) {
            return fairlead.call(spec, transport);
        }
        return fairlead.call(spec, transport, failed -> answer(answering, request, failed, judge));
    }

    private static Response answer(
            ResponseFallback answering, Request request, FailedCall<Response> failed, OkHttpTransport judge)
            throws IOException {
        try {
            Response answer = answering.answer(request, failed);
            Response last = failed.response();
            if (last != null && last.body() == answer.body()) {
                judge.handOn(last);
            }
            return answer.newBuilder().header(FALLBACK_HEADER, "true").build();
        } catch (RuntimeException broken) {
            throw new IOException("fallback failed: " + broken, broken);
        }
    }

    private CallSpec spec(String service, Chain chain, Request request, OkHttpTransport transport, long startNanos) {
        CallHints tagged = request.tag(CallHints.class);
        CallHints hints = tagged == null ? CallHints.NONE : tagged;
        PickContext context = PickContext.of(transport, hints.hashKey());
        Boolean said = hints.idempotent();
        boolean idempotent =
                said != null ? said : HttpCalls.isIdempotent(request.method(), request.header("Idempotency-Key"));
        RequestBody body = request.body();
        boolean replayable = body == null || !body.isOneShot() && !body.isDuplex();
        Duration deadline = hints.deadline();
        if (deadline != null) {
            transport.within(deadline, startNanos);
        } else {
            long timeout = chain.call().timeout().timeoutNanos();
            deadline = timeout == 0 ? null : Duration.ofNanos(timeout);
        }
        deadline = HttpCalls.left(deadline, ticker.nanos() - startNanos);
        return new CallSpec(service, context, idempotent, replayable, deadline, hints.inboundAttempt());
    }
}
