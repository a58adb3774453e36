// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import io.fairlead.api.ServiceInstance;
import io.fairlead.api.Ticker;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallCopy;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Transport;
import io.fairlead.balancer.Verdict;
import io.fairlead.balancer.http.RetryAfter;
import io.fairlead.spi.RequestFacts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.Proxy;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Sends the attempts of one OkHttp call down its chain, says what came of them, and shows its request to policies. */
final class OkHttpTransport implements Transport<Response>, RequestFacts {
    private static final int SWITCHING_PROTOCOLS = 101;
    /** What an attempt may add to the caller's request, or put in the place of what is there. */
    private static final List<String> OWN_HEADERS = List.of(CallSpec.ATTEMPT_HEADER, CallSpec.ROUTE_HEADER);

    private final Interceptor.Chain chain;
    private final Request request;
    private final InstanceRoutes routes;
    private final Copies copies;
    private final Ticker ticker;
    private final AttemptEvents events;
    private final KeptRetryAfter retryAfter;
    private final FollowUps followUps;
    private @Nullable TimeLeft limits;
    private boolean wasStale;
    private @Nullable InstanceRoute latest;
    private volatile @Nullable RuntimeException thrownByOthers;
    private volatile @Nullable Response handedOn;

    /** @param request what to send: the chain's, or one that a redirect led to */
    OkHttpTransport(Interceptor.Chain chain, Request request, InstanceRoutes routes, Copies copies, Ticker ticker) {
        this.chain = chain;
        this.request = request;
        this.routes = routes;
        this.copies = copies;
        this.ticker = ticker;
        this.events = new AttemptEvents(request.url().host());
        this.retryAfter = KeptRetryAfter.of(chain);
        chain.call().addEventListener(events);
        this.followUps = FollowUps.ofAttempts(chain.call());
    }

    /** Cuts connects, reads and writes at what is left of a deadline that counts from the call's start. */
    void within(Duration deadline, long startNanos) {
        limits = new TimeLeft(deadline, startNanos, ticker);
    }

    @Override
    public void within(Duration left) {
        within(left, ticker.nanos());
    }

    @Override
    public Response send(Attempt attempt) throws IOException {
        Request next = of(attempt);
        events.reset();
        InstanceRoute pooled = routes.of(attempt.instance(), request.url().host(), chain.getDns());
        latest = pooled;
        InstanceRoute route =
                wasStale ? routes.unpooled(attempt.instance(), request.url().host(), chain.getDns()) : pooled;
        Interceptor.Chain towards = chain.withDns(route)
                .withSocketFactory(route)
                .withProxy(Proxy.NO_PROXY)
                .withRetryOnConnectionFailure(false);
        Interceptor.Chain bounded = limits == null ? towards : limits.cut(towards, attempt);
        Response response;
        String before = retryAfter.during(request.url().host());
        try {
            response = retryAfter.asSaid(routes.heading(route, () -> followUps.proceed(bounded, next)));
        } catch (RuntimeException unexpected) {
            thrown(unexpected);
            throw unexpected;
        } catch (IOException failure) {
            throw named(failure, attempt.instance());
        } finally {
            retryAfter.during(before);
        }
        try {
            return received(response, attempt, next == request);
        } catch (Throwable unusable) {
            // An interceptor's own body, say, that can not tell its length. Nobody else would close it.
            close(response, unusable);
            throw unusable;
        }
    }

    /** OkHttp knows the service's name only, of whichever instance. What is thrown stays of its type. */
    private IOException named(IOException failure, ServiceInstance instance) {
        Class<?> type = failure.getClass();
        if (!events.isUnreachable(failure) || events.isElsewhere()) {
            return failure;
        }
        String message = failure.getMessage() + " (" + instance.id() + " at " + instance.authority() + ")";
        IOException named = type == ConnectException.class
                ? new ConnectException(message)
                : type == SocketTimeoutException.class ? new SocketTimeoutException(message) : failure;
        return named == failure ? failure : (IOException) named.initCause(failure);
    }

    @Override
    public CallCopy.Fate copy(CallCopy copy) {
        return copies.send(copy, chain, request);
    }

    private Response received(Response response, Attempt attempt, boolean isFirst) {
        attempt.reportLoad(response.header(Attempt.LOAD_HEADER));
        if (isStreaming(response)) {
            events.closeAtBodyEnd(attempt);
        }
        // The attempt's own headers show nowhere, and go nowhere else.
        return isFirst ? response : FollowUps.under(response, this::logical);
    }

    private static void close(Response response, Throwable because) {
        try {
            response.close();
        } catch (Throwable twice) {
            because.addSuppressed(twice);
        }
    }

    /** The request as it was sent, with the caller's headers where an attempt has its own. */
    private Request logical(Request sent) {
        Request.Builder logical = sent.newBuilder();
        for (String name : OWN_HEADERS) {
            logical.removeHeader(name);
            request.headers(name).forEach(value -> logical.addHeader(name, value));
        }
        return wasStale && request.header("Connection") == null
                ? logical.removeHeader("Connection").build()
                : logical.build();
    }

    /** Another interceptor threw this, or what it called. */
    void thrown(RuntimeException failure) {
        thrownByOthers = failure;
    }

    /** Whether another interceptor threw this, which is the caller's to see as it is. */
    boolean isThrownByOthers(RuntimeException failure) {
        return failure == thrownByOthers;
    }

    /** Of a switch of protocols and an empty body nothing will be read: the attempt is over. */
    @Override
    public boolean isStreaming(Response response) {
        return response.code() != SWITCHING_PROTOCOLS && response.body().contentLength() != 0;
    }

    /** The request as the attempt sends it; the same object when it adds nothing. */
    private Request of(Attempt attempt) {
        boolean isFirst = attempt.number() == 1;
        String route = attempt.toldRoute();
        if (isFirst && route == null) {
            return request;
        }
        Request.Builder next = request.newBuilder();
        // Whoever says otherwise, as a handshake that asks for an upgrade, must be heard.
        if (!isFirst && wasStale && request.header("Connection") == null) {
            next.header("Connection", "close");
        }
        if (!isFirst) {
            next.header(CallSpec.ATTEMPT_HEADER, Integer.toString(attempt.number()));
        }
        if (route != null) {
            next.header(CallSpec.ROUTE_HEADER, route);
        }
        return next.build();
    }

    @Override
    public int status(Response response) {
        return response.code();
    }

    @Override
    public Verdict judge(Response response) {
        Response received = response.networkResponse();
        if (received == null
                || !received.request().url().host().equals(request.url().host())) {
            // Out of the cache, made by an interceptor, or from where one sent it: no instance said this.
            return Verdict.UNKNOWN;
        }
        int code = response.code();
        String retryAfter = code == 429 || code == 503 ? response.header("Retry-After") : null;
        Duration wait = retryAfter == null ? null : RetryAfter.parse(retryAfter, response.header("Date"));
        return Verdict.ofStatus(code, wait);
    }

    @Override
    public Verdict judge(Exception failure) {
        if (isCancelled() || events.isInterrupted() || Interrupts.isBehind(failure)) {
            return Verdict.CANCELLED;
        }
        if (events.isElsewhere()) {
            return Verdict.UNKNOWN;
        }
        if (!events.isSent()) {
            if (!events.isUnreachable(failure)) {
                return Verdict.UNKNOWN;
            }
            if (events.isConnectTimedOut()) {
                return lateOr(Verdict.UNREACHABLE);
            }
            renew();
            return Verdict.UNREACHABLE;
        }
        IOException broken = events.exchangeFailure();
        if (broken == null) {
            // The request's own body, or an interceptor behind us: whatever it was, it was on our side.
            return Verdict.UNKNOWN;
        }
        if (isRefusedUnprocessed(broken)) {
            return Verdict.REFUSED;
        }
        if (broken instanceof InterruptedIOException) {
            return lateOr(Verdict.TIMED_OUT);
        }
        boolean pooledAndDead = !events.isOnNewConnection() && !events.isAnswered() && !isStreamReset(broken);
        if (pooledAndDead) {
            renew();
        }
        boolean isStale = pooledAndDead || isClosedHere(broken);
        wasStale |= isStale;
        return isStale ? Verdict.STALE_CONNECTION : Verdict.BROKEN;
    }

    /** Where one pooled connection was dead, others are. */
    private void renew() {
        InstanceRoute route = latest;
        if (route != null) {
            route.renew();
        }
    }

    /** What the deadline ended is the pipeline's to judge, which knows how long the instance had. */
    private Verdict lateOr(Verdict timedOut) {
        return limits != null && limits.isOver() ? Verdict.CANCELLED : timedOut;
    }

    /** Somebody on this side closed the connection: another call's virtual thread was interrupted while it wrote. */
    private static boolean isClosedHere(IOException failure) {
        return failure instanceof SocketException && "Socket closed".equals(failure.getMessage());
    }

    @Override
    public void discard(Response response) {
        if (response != handedOn) {
            response.close();
        }
    }

    /** A fallback's answer has this one's body, which the caller is to read. */
    void handOn(Response response) {
        handedOn = response;
    }

    @Override
    public boolean isCancelled() {
        return chain.call().isCanceled();
    }

    /** One chain carries one request at a time; {@link ClonedCalls} hedges. */
    @Override
    public boolean isConcurrent() {
        return false;
    }

    @Override
    public String method() {
        return request.method();
    }

    @Override
    public String path() {
        return request.url().encodedPath();
    }

    @Override
    public @Nullable String header(String name) {
        return request.header(name);
    }

    @Override
    public <T> @Nullable T tag(Class<T> type) {
        return request.tag(type);
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
