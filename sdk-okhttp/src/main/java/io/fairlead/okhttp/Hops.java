// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.Ticker;
import io.fairlead.balancer.AddressPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Dns;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One call and the redirects that follow from it, each a hop of its own once a service is in it: to a service through
 * discovery, with a pick, a budget and a verdict of its own; to anywhere else as the client goes there. Belongs to one call.
 */
final class Hops {
    /** As many as OkHttp follows. */
    private static final int MOST = 20;

    private final Interceptor.Chain chain;
    private final DiscoveryInterceptor discovery;
    private final AddressPolicy policy;
    private final Ticker ticker;
    private final long startNanos;
    private @Nullable FollowUps outside;

    Hops(Interceptor.Chain chain, DiscoveryInterceptor discovery, AddressPolicy policy, Ticker ticker) {
        this.chain = chain;
        this.discovery = discovery;
        this.policy = policy;
        this.ticker = ticker;
        this.startNanos = ticker.nanos();
    }

    /** @param mayHedge whether attempts of the first hop may be clones of the call */
    Response follow(boolean mayHedge) throws IOException {
        Request request = chain.request();
        Response prior = null;
        for (int hop = 0; hop <= MOST; hop++) {
            Response response = discovery.isService(request)
                    ? discovery.guide(chain, request, mayHedge && hop == 0, startNanos)
                    : prior == null ? untouched(request) : outside(request);
            Request next = FollowUps.redirectOf(response);
            if (prior != null) {
                response = after(prior, response);
            }
            if (next == null) {
                return response;
            }
            prior = FollowUps.past(response);
            request = next;
        }
        throw new ProtocolException("Too many follow-up requests: " + (MOST + 1));
    }

    /** A hop's own earlier responses, as to a challenge, come after those of the hops before it. */
    private static Response after(Response prior, Response response) {
        Response earlier = response.priorResponse();
        return response.newBuilder()
                .priorResponse(earlier == null ? prior : after(prior, earlier))
                .build();
    }

    /** A call to no service is OkHttp's own, until it is redirected to one. */
    private Response untouched(Request request) throws IOException {
        return FollowUps.elsewhere(chain.call(), discovery::isService).proceed(chain, request);
    }

    /** What an instance answers may not lead us where its own address might not. */
    private Response outside(Request request) throws IOException {
        String host = request.url().host();
        if (InstanceRoute.isAddress(host)) {
            require(policy, host, InetAddress.getByName(host));
        }
        if (outside == null) {
            outside = FollowUps.elsewhere(chain.call(), next -> true);
        }
        return outside.proceed(inTime(request).withDns(new Allowed(chain.getDns(), policy)), request);
    }

    /** The caller's deadline holds wherever the call is led. */
    private Interceptor.Chain inTime(Request request) {
        CallHints hints = request.tag(CallHints.class);
        return hints == null || hints.deadline() == null
                ? chain
                : TimeLeft.cut(chain, TimeUnit.NANOSECONDS.convert(hints.deadline()) - (ticker.nanos() - startNanos));
    }

    private static void require(AddressPolicy policy, String host, InetAddress address) throws UnknownHostException {
        String objection = policy.objection(address);
        if (objection != null) {
            throw new UnknownHostException("redirected to " + host + ": " + objection);
        }
    }

    /** The client's own look-up, and the policy's word on what it finds. Equal for equal parts: OkHttp's pool compares it. */
    private record Allowed(Dns own, AddressPolicy policy) implements Dns {
        @Override
        public List<InetAddress> lookup(String hostname) throws UnknownHostException {
            List<InetAddress> found = own.lookup(hostname);
            for (InetAddress address : found) {
                require(policy, hostname, address);
            }
            return found;
        }
    }
}
