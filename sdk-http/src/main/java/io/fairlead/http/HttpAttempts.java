// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.AsyncTransport;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallCopy;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Verdict;
import io.fairlead.balancer.http.RetryAfter;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RequestFacts;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the attempts of one hop to a service, each under the URL of its instance, and says what came of them. An answer
 * keeps its body for whoever is given it. Belongs to one hop.
 */
final class HttpAttempts implements AsyncTransport<Answer>, RequestFacts {
    /** What the JDK says of a refused stream: until 23, and since, when also of a stream above a GOAWAY's last. */
    private static final List<String> NOT_PROCESSED = List.of("Stream not processed", "request not processed by peer");

    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|.*:.*");

    private final HopClients clients;
    private final HttpRequest request;
    private final @Nullable String password;
    private final AddressPolicy addresses;
    private final Environment environment;
    private final Leftovers leftovers;
    /** Failures that are no instance's: after the headers, of the caller's own request, of this machine. */
    private final Set<Throwable> ours = ConcurrentHashMap.newKeySet();

    private final Map<Attempt, SentBody> bodies = new ConcurrentHashMap<>();

    HttpAttempts(
            HopClients clients,
            HttpRequest request,
            @Nullable String password,
            AddressPolicy addresses,
            Environment environment,
            Leftovers leftovers) {
        this.clients = clients;
        this.request = request;
        this.password = password;
        this.addresses = addresses;
        this.environment = environment;
        this.leftovers = leftovers;
    }

    /** A name is resolved on a worker: whoever sends does not wait for it. */
    @Override
    public CompletableFuture<Answer> send(Attempt attempt) {
        Exchange exchange = new Exchange();
        if (LITERAL.matcher(attempt.instance().host()).matches()) {
            send(attempt, exchange);
        } else {
            environment.executor().execute(() -> send(attempt, exchange));
        }
        return exchange;
    }

    private void send(Attempt attempt, Exchange exchange) {
        if (exchange.isDone()) {
            return;
        }
        try {
            String authority = authority(attempt.instance(), addresses);
            send(attempt, authority, exchange);
        } catch (UnknownHostException unreachable) {
            exchange.fail(unreachable);
        } catch (Throwable thrown) {
            exchange.fail(ours(thrown));
        }
    }

    private void send(Attempt attempt, String authority, Exchange exchange) {
        SentBody body = request.bodyPublisher().map(SentBody::new).orElse(null);
        if (body != null) {
            bodies.put(attempt, body);
        }
        HttpRequest towards;
        try {
            towards = towards(attempt, authority, body);
        } catch (Throwable thrown) {
            exchange.fail(ours(thrown));
            return;
        }
        HeldBody held = new HeldBody(info -> {
            attempt.reportLoad(info.headers().firstValue(Attempt.LOAD_HEADER).orElse(null));
            attempt.complete(verdict(info.statusCode(), retryAfter(info.headers())));
        });
        CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> sent =
                clients.services().sendAsync(towards, held);
        exchange.waitFor(sent);
        sent.whenComplete((response, failure) -> {
            ResponseInfo info = held.info();
            if (failure == null && info != null) {
                clients.hostHeader().answered(authority, response.version());
                answered(new Answer(info, response, attempt), exchange);
                return;
            }
            held.cut();
            Throwable cause = failure == null ? new IOException("answer without headers") : unwrapped(failure);
            boolean isOurs = info != null || body != null && body.isBroken() || isLocal(cause);
            exchange.fail(isOurs ? ours(cause) : named(cause, attempt.instance()));
        });
    }

    private void answered(Answer answer, Exchange exchange) {
        try {
            Cookies.keep(clients.cookies(), request, answer.headers());
        } catch (Throwable thrown) {
            leftovers.add(answer);
            exchange.fail(ours(thrown));
            return;
        }
        if (!exchange.complete(answer)) {
            leftovers.add(answer);
        }
    }

    /** An attempt's answer; cancelling it cancels the client's, which is what ends an exchange. */
    private static final class Exchange extends CompletableFuture<Answer> {
        private volatile @Nullable CompletableFuture<?> sent;

        void waitFor(CompletableFuture<?> begun) {
            sent = begun;
            if (isCancelled()) {
                boolean unused = begun.cancel(true);
            }
        }

        void fail(Throwable cause) {
            boolean unused = completeExceptionally(cause);
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            CompletableFuture<?> begun = sent;
            if (begun != null) {
                boolean unused = begun.cancel(mayInterrupt);
            }
            return cancelled;
        }
    }

    private Throwable ours(Throwable failure) {
        ours.add(failure);
        return failure;
    }

    /** The client's own threads were not to be had. */
    private static boolean isLocal(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 8; depth++) {
            if (cause instanceof RejectedExecutionException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** The client says of a connection that did not come about nothing, or too little. What is thrown stays of its type. */
    private static Throwable named(Throwable failure, ServiceInstance instance) {
        String message = failure.getMessage() == null ? "no connection" : failure.getMessage();
        String whole = message + " (" + instance.id() + " at " + instance.authority() + ")";
        if (failure.getClass() == ConnectException.class) {
            return new ConnectException(whole).initCause(failure);
        }
        return failure.getClass() == HttpConnectTimeoutException.class
                ? new HttpConnectTimeoutException(whole).initCause(failure)
                : failure;
    }

    static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Without the request's timeout: the pipeline keeps it, and knows whom to blame. */
    private HttpRequest towards(Attempt attempt, String authority, @Nullable SentBody body) throws IOException {
        HttpRequest.Builder next = HttpRequest.newBuilder(under(authority, request.uri()));
        request.headers().map().forEach((name, values) -> values.forEach(value -> next.header(name, value)));
        request.version().ifPresent(next::version);
        next.expectContinue(request.expectContinue());
        if (attempt.number() > 1) {
            next.setHeader(CallSpec.ATTEMPT_HEADER, Integer.toString(attempt.number()));
        }
        String route = attempt.toldRoute();
        if (route != null) {
            next.setHeader(CallSpec.ROUTE_HEADER, route);
        }
        if (password != null) {
            next.setHeader(Passwords.HEADER, password);
        }
        clients.hostHeader().add(request, authority, next);
        Cookies.add(clients.cookies(), request, next);
        return body == null
                ? Redirects.withoutBody(next, request.method()).build()
                : next.method(request.method(), body).build();
    }

    /** The URL of a call at an instance. */
    static URI under(String authority, URI logical) {
        String query = logical.getRawQuery();
        return URI.create(
                logical.getScheme() + "://" + authority + logical.getRawPath() + (query == null ? "" : "?" + query));
    }

    /** The address itself, so that what the policy has judged is what is called. */
    static String authority(ServiceInstance instance, AddressPolicy addresses) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(instance.host());
        String objection = addresses.objection(address);
        if (objection != null) {
            throw new UnknownHostException(instance.id() + " at " + instance.host() + ": " + objection);
        }
        String text = address.getHostAddress();
        return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + instance.port();
    }

    @Override
    public CallCopy.Fate copy(CallCopy copy) {
        return clients.copies().send(copy, request, password, addresses, environment.scheduler());
    }

    @Override
    public int status(Answer answer) {
        return answer.status();
    }

    @Override
    public Verdict judge(Answer answer) {
        return verdict(answer.status(), retryAfter(answer.headers()));
    }

    private static Verdict verdict(int status, @Nullable Duration retryAfter) {
        return Verdict.ofStatus(status, status == 429 || status == 503 ? retryAfter : null);
    }

    @Override
    public Verdict judge(Exception failure) {
        if (ours.contains(failure)) {
            return Verdict.UNKNOWN;
        }
        if (failure instanceof HttpConnectTimeoutException || failure instanceof SSLHandshakeException) {
            return Verdict.UNREACHABLE;
        }
        if (failure instanceof HttpTimeoutException) {
            return Verdict.TIMED_OUT;
        }
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof IOException && NOT_PROCESSED.stream().anyMatch(message::contains)) {
            return Verdict.REFUSED;
        }
        return Verdict.ofFailure(failure);
    }

    @Override
    public boolean isWaitingForUs(Attempt attempt) {
        SentBody body = bodies.get(attempt);
        return body != null && body.isAwaited();
    }

    @Override
    public void discard(Answer answer) {
        leftovers.add(answer);
    }

    @Override
    public boolean isStreaming(Answer answer) {
        return true;
    }

    @Override
    public String method() {
        return request.method();
    }

    @Override
    public String path() {
        String path = request.uri().getRawPath();
        return path.isEmpty() ? "/" : path;
    }

    @Override
    public @Nullable String header(String name) {
        List<String> values = request.headers().allValues(name);
        return values.isEmpty() ? null : values.get(values.size() - 1);
    }

    private static @Nullable Duration retryAfter(HttpHeaders headers) {
        return RetryAfter.parse(
                headers.firstValue("Retry-After").orElse(null),
                headers.firstValue("Date").orElse(null));
    }
}
