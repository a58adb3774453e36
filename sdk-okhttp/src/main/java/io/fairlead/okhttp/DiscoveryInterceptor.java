// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.RegistryException;
import io.fairlead.api.RequestFacts;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Fairlead;
import java.io.IOException;
import java.util.Set;
import okhttp3.Interceptor;
import okhttp3.OkHttp;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Guides calls to services, {@code http://orders/…}, to their instances; every other call passes through untouched. Add
 * it as an <em>application</em> interceptor. Safe for any thread; one can serve many clients.
 *
 * <p>The URL is not rewritten: host, port, {@code Host} header, TLS server name and certificate check, cookies, cache
 * keys and redirects all keep the logical name, whichever instance answers. The scheme is the caller's. A client's proxy
 * and socket factory are not used for services. Retries are the pipeline's: OkHttp's own
 * {@code retryOnConnectionFailure} is off for calls to services, or it would send a POST twice.
 *
 * <p>An instance is reported well or ill by what it answers, see {@link io.fairlead.balancer.Verdict}. A response whose
 * body breaks after its headers is the caller's to handle: it is not sent again.
 */
public final class DiscoveryInterceptor implements Interceptor {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY");

    private final Fairlead fairlead;
    private final InstanceRoutes routes;

    private DiscoveryInterceptor(Fairlead fairlead) {
        this.fairlead = fairlead;
        this.routes = new InstanceRoutes(fairlead.addressPolicy());
    }

    /**
     * An interceptor that asks {@code fairlead}, which it does not own.
     *
     * @throws IllegalStateException when the OkHttp on the class path is older than 5.4
     */
    public static DiscoveryInterceptor of(Fairlead fairlead) {
        OkHttpVersion.require(OkHttp.VERSION);
        return new DiscoveryInterceptor(fairlead);
    }

    /**
     * Sends the call to an instance of the service it names.
     *
     * @throws ServiceUnavailableException when there is none
     */
    @Override
    public Response intercept(Chain chain) throws IOException {
        Request request = chain.request();
        String host = request.url().host();
        if (!fairlead.isService(host)) {
            return chain.proceed(request);
        }
        String service = fairlead.serviceOf(host);
        try {
            OkHttpTransport transport = new OkHttpTransport(chain, routes);
            return fairlead.call(spec(service, request, transport), transport);
        } catch (NoInstanceException | RegistryException | IllegalStateException none) {
            throw new ServiceUnavailableException(service, none);
        }
    }

    private static CallSpec spec(String service, Request request, RequestFacts facts) {
        CallHints tagged = request.tag(CallHints.class);
        CallHints hints = tagged == null ? CallHints.NONE : tagged;
        PickContext context = PickContext.of(facts, hints.hashKey());
        Boolean said = hints.idempotent();
        boolean idempotent = said != null
                ? said
                : IDEMPOTENT.contains(request.method()) || request.header("Idempotency-Key") != null;
        RequestBody body = request.body();
        boolean replayable = body == null || !body.isOneShot() && !body.isDuplex();
        return new CallSpec(service, context, idempotent, replayable, hints.deadline());
    }
}
