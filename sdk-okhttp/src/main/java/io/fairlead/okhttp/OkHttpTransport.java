// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.Verdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.util.Locale;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;

/** Sends the attempts of one OkHttp call down its chain and says what came of them. */
final class OkHttpTransport implements Transport<Response> {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Interceptor.Chain chain;
    private final InstanceRoutes routes;
    private final AttemptEvents events = new AttemptEvents();

    OkHttpTransport(Interceptor.Chain chain, InstanceRoutes routes) {
        this.chain = chain;
        this.routes = routes;
        chain.call().addEventListener(events);
    }

    @Override
    public Response send(Attempt attempt) throws IOException {
        events.reset();
        InstanceRoute route =
                routes.of(attempt.instance(), chain.request().url().host(), chain.getDns());
        Response response = chain.withDns(route)
                .withSocketFactory(route)
                .withProxy(Proxy.NO_PROXY)
                .withRetryOnConnectionFailure(false)
                .proceed(chain.request());
        ResponseBody body = response.body();
        if (response.code() == SWITCHING_PROTOCOLS || body.contentLength() == 0) {
            // Nothing will be read: the attempt is over. The body of a switched protocol can not be wrapped.
            attempt.close();
            return response;
        }
        return response.newBuilder().body(new AttemptBody(body, attempt)).build();
    }

    @Override
    public Verdict judge(Response response) {
        int code = response.code();
        String retryAfter = code == 429 || code == 503 ? response.header("Retry-After") : null;
        return Verdict.ofStatus(
                code, RetryAfter.parse(retryAfter, response.headers().getInstant("Date")));
    }

    @Override
    public Verdict judge(IOException failure) {
        if (isCancelled()) {
            return Verdict.CANCELLED;
        }
        if (!events.isSent()) {
            return Verdict.UNREACHABLE;
        }
        if (isRefusedUnprocessed(failure)) {
            return Verdict.REFUSED;
        }
        boolean timedOut = failure instanceof InterruptedIOException;
        boolean pooledAndDead = !events.isOnNewConnection() && !events.isAnswered() && !timedOut;
        return pooledAndDead ? Verdict.STALE_CONNECTION : Verdict.BROKEN;
    }

    @Override
    public void discard(Response response) {
        response.close();
    }

    @Override
    public boolean isCancelled() {
        return chain.call().isCanceled();
    }

    /**
     * HTTP/2 says that it was not processed: REFUSED_STREAM, or a stream above a GOAWAY's last. OkHttp's types for it are
     * internal, so they are known by name.
     */
    private static boolean isRefusedUnprocessed(IOException failure) {
        String type = failure.getClass().getSimpleName();
        String message = String.valueOf(failure.getMessage()).toUpperCase(Locale.ROOT);
        return type.equals("ConnectionShutdownException")
                || type.equals("StreamResetException") && message.endsWith("REFUSED_STREAM");
    }
}
