// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.RequestFacts;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.Verdict;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.time.Duration;
import java.util.Locale;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Sends the attempts of one OkHttp call down its chain, says what came of them, and shows its request to policies. */
final class OkHttpTransport implements Transport<Response>, RequestFacts {
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int MAX_PORT = 65_535;

    private final Interceptor.Chain chain;
    private final InstanceRoutes routes;
    private final AttemptEvents events = new AttemptEvents();
    private @Nullable TimeLeft limits;
    private boolean wasStale;

    OkHttpTransport(Interceptor.Chain chain, InstanceRoutes routes) {
        this.chain = chain;
        this.routes = routes;
        chain.call().addEventListener(events);
    }

    /** Cuts connects, reads and writes at what is left of this. */
    void within(Duration deadline) {
        limits = new TimeLeft(deadline);
    }

    @Override
    public Response send(Attempt attempt) throws IOException {
        Request request = attempt.number() == 1 ? chain.request() : again(attempt.number());
        events.reset();
        InstanceRoute route = route(attempt);
        Interceptor.Chain towards = chain.withDns(route)
                .withSocketFactory(route)
                .withProxy(Proxy.NO_PROXY)
                .withRetryOnConnectionFailure(false);
        Response response;
        try {
            response = (limits == null ? towards : limits.cut(towards, attempt)).proceed(request);
        } catch (AttemptEvents.NotSentAgain stopped) {
            response = stopped.response();
        }
        attempt.reportLoad(response.header(Attempt.LOAD_HEADER));
        if (isStreaming(response)) {
            events.closeAtBodyEnd(attempt);
        }
        // A redirect that was followed shows where it led; our own change of port shows nowhere.
        return request == chain.request() || response.priorResponse() != null
                ? response
                : response.newBuilder().request(chain.request()).build();
    }

    /** Where one pooled connection was dead, others are, also those to other instances: the next is a new one. */
    private InstanceRoute route(Attempt attempt) {
        String host = chain.request().url().host();
        return wasStale
                ? routes.unpooled(attempt.instance(), host, chain.getDns())
                : routes.of(attempt.instance(), host, chain.getDns());
    }

    /** Of a switch of protocols and an empty body nothing will be read: the attempt is over. */
    @Override
    public boolean isStreaming(Response response) {
        return response.code() != SWITCHING_PROTOCOLS && response.body().contentLength() != 0;
    }

    private Request again(int attempt) {
        Request.Builder next =
                events.isSent() ? elsewhere(attempt) : chain.request().newBuilder();
        // Whoever says otherwise, as a handshake that asks for an upgrade, must be heard.
        if (wasStale && chain.request().header("Connection") == null) {
            next.header("Connection", "close");
        }
        return next.header(CallSpec.ATTEMPT_HEADER, Integer.toString(attempt)).build();
    }

    /**
     * The request under another port, for an attempt that follows one which was sent. A call keeps the connection it has
     * had for as long as host and port stay the same, whatever its DNS says, so the next attempt would go to the same
     * instance again. The port itself means nothing: the instance's socket replaces it.
     */
    private Request.Builder elsewhere(int attempt) {
        HttpUrl url = chain.request().url();
        int port = 1 + (url.port() + attempt) % MAX_PORT;
        boolean usual = url.port() == HttpUrl.defaultPort(url.scheme());
        String logicalAuthority = usual ? url.host() : url.host() + ":" + url.port();
        return chain.request()
                .newBuilder()
                .url(url.newBuilder().port(port).build())
                .header("Host", logicalAuthority);
    }

    @Override
    public Verdict judge(Response response) {
        int code = response.code();
        String retryAfter = code == 429 || code == 503 ? response.header("Retry-After") : null;
        Duration wait = retryAfter == null
                ? null
                : RetryAfter.parse(retryAfter, response.headers().getInstant("Date"));
        return Verdict.ofStatus(code, wait);
    }

    @Override
    public Verdict judge(Exception failure) {
        if (isCancelled()) {
            return Verdict.CANCELLED;
        }
        if (!events.isSent()) {
            return failure instanceof IOException ? Verdict.UNREACHABLE : Verdict.UNKNOWN;
        }
        if (isRefusedUnprocessed(failure)) {
            return Verdict.REFUSED;
        }
        if (failure instanceof InterruptedIOException) {
            // OkHttp says the same of an interrupted thread as of a timeout.
            return Thread.currentThread().isInterrupted() ? Verdict.CANCELLED : Verdict.TIMED_OUT;
        }
        boolean pooledAndDead = !events.isOnNewConnection() && !events.isAnswered() && !isStreamReset(failure);
        wasStale |= pooledAndDead;
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

    /** One chain carries one request at a time; {@link OkHttpLegs} hedges. */
    @Override
    public boolean isConcurrent() {
        return false;
    }

    @Override
    public String method() {
        return chain.request().method();
    }

    @Override
    public String path() {
        return chain.request().url().encodedPath();
    }

    @Override
    public @Nullable String header(String name) {
        return chain.request().header(name);
    }

    @Override
    public <T> @Nullable T tag(Class<T> type) {
        return chain.request().tag(type);
    }

    /**
     * HTTP/2 says that it was not processed: REFUSED_STREAM, or a stream above a GOAWAY's last. OkHttp's types for it are
     * internal, so they are known by name.
     */
    private static boolean isRefusedUnprocessed(Exception failure) {
        String type = failure.getClass().getSimpleName();
        String message = String.valueOf(failure.getMessage()).toUpperCase(Locale.ROOT);
        return type.equals("ConnectionShutdownException")
                || isStreamReset(failure) && message.endsWith("REFUSED_STREAM");
    }

    /** The connection lives, and its server does not want this stream: not a pooled connection that was dead. */
    private static boolean isStreamReset(Exception failure) {
        return failure.getClass().getSimpleName().equals("StreamResetException");
    }
}
