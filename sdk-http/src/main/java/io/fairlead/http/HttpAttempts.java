// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.api.RequestFacts;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.AsyncTransport;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the attempts of one call, each under the URL of its instance, and says what came of them. Belongs to one call.
 *
 * @param <T> what the body becomes
 */
final class HttpAttempts<T> implements AsyncTransport<HttpResponse<T>>, RequestFacts {
    /** What the JDK says of a refused stream: until 23, and since, when also of a stream above a GOAWAY's last. */
    private static final List<String> NOT_PROCESSED = List.of("Stream not processed", "request not processed by peer");

    private final HttpClient client;
    private final HttpRequest request;
    private final BodyHandler<T> handler;
    private final AddressPolicy addresses;
    /** Failures of attempts whose headers had come: whoever reads the body has the error, and it is not sent again. */
    private final Set<Throwable> afterHeaders = ConcurrentHashMap.newKeySet();

    private volatile long startNanos;

    HttpAttempts(HttpClient client, HttpRequest request, BodyHandler<T> handler, AddressPolicy addresses) {
        this.client = client;
        this.request = request;
        this.handler = handler;
        this.addresses = addresses;
    }

    @Override
    public CompletableFuture<HttpResponse<T>> send(Attempt attempt) {
        HttpRequest towards;
        try {
            towards = towards(attempt);
        } catch (UnknownHostException unreachable) {
            return CompletableFuture.failedFuture(unreachable);
        }
        AtomicBoolean answered = new AtomicBoolean();
        CompletableFuture<HttpResponse<T>> sent = client.sendAsync(towards, info -> {
            answered.set(true);
            attempt.reportLoad(info.headers().firstValue(Attempt.LOAD_HEADER).orElse(null));
            attempt.complete(verdict(info.statusCode(), RetryAfter.of(info.headers())));
            return new BodyEnd<>(handler.apply(info), attempt);
        });
        Exchange<T> exchange = new Exchange<>(sent);
        sent.whenComplete((response, failure) -> {
            if (failure == null) {
                boolean unused = exchange.complete(response);
                return;
            }
            Throwable cause = unwrapped(failure);
            if (answered.get()) {
                afterHeaders.add(cause);
            }
            boolean unused = exchange.completeExceptionally(cause);
        });
        return exchange;
    }

    /** An attempt's answer; cancelling it cancels the client's, which is what ends an exchange. */
    private static final class Exchange<T> extends CompletableFuture<HttpResponse<T>> {
        private final CompletableFuture<HttpResponse<T>> sent;

        Exchange(CompletableFuture<HttpResponse<T>> sent) {
            this.sent = sent;
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            boolean unused = sent.cancel(mayInterrupt);
            return cancelled;
        }
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private HttpRequest towards(Attempt attempt) throws UnknownHostException {
        URI logical = request.uri();
        String query = logical.getRawQuery();
        URI real = URI.create(logical.getScheme() + "://" + authority(attempt.instance()) + logical.getRawPath()
                + (query == null ? "" : "?" + query));
        HttpRequest.Builder next =
                HttpRequest.newBuilder(request, (name, value) -> true).uri(real);
        if (attempt.number() == 1) {
            startNanos = attempt.startNanos();
        } else {
            next.setHeader(CallSpec.ATTEMPT_HEADER, Integer.toString(attempt.number()));
            request.timeout().ifPresent(whole -> next.timeout(left(whole, attempt)));
        }
        return next.build();
    }

    private Duration left(Duration whole, Attempt attempt) {
        Duration left = whole.minusNanos(attempt.startNanos() - startNanos);
        Duration least = Duration.ofMillis(1);
        return left.compareTo(least) < 0 ? least : left;
    }

    /** The address itself, so that what the policy has judged is what is called. */
    private String authority(ServiceInstance instance) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(instance.host());
        String objection = addresses.objection(address);
        if (objection != null) {
            throw new UnknownHostException(instance.id() + " at " + instance.host() + ": " + objection);
        }
        String text = address.getHostAddress();
        return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + instance.port();
    }

    @Override
    public Verdict judge(HttpResponse<T> response) {
        return verdict(response.statusCode(), RetryAfter.of(response.headers()));
    }

    private static Verdict verdict(int status, @Nullable Duration retryAfter) {
        return Verdict.ofStatus(status, status == 429 || status == 503 ? retryAfter : null);
    }

    @Override
    public Verdict judge(Exception failure) {
        if (afterHeaders.contains(failure)) {
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
    public void discard(HttpResponse<T> response) {
        if (response.body() instanceof AutoCloseable open) {
            try {
                open.close();
            } catch (Exception unwanted) {
                // Nobody waits for it.
            }
        }
    }

    @Override
    public boolean isStreaming(HttpResponse<T> response) {
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
}
