// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.CallCopy;
import io.fairlead.balancer.CallCopy.Fate;
import io.fairlead.balancer.CallSpec;
import io.fairlead.spi.kit.SystemThreads;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the copies that mirrors get, by a client and on threads of its own: the streams and connections of the client for
 * services, and the environment's workers, are what calls wait for, and a mirror that hangs must hold none of them. A mirror's
 * budget bounds both here. Safe for any thread.
 */
final class HttpCopies {
    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie", "proxy-authorization");

    private final Supplier<HttpClient> maker;
    private final HostHeader hostHeader;
    private final @Nullable CookieHandler cookies;
    private final Executor threads = SystemThreads.executor();
    private final ReentrantLock making = new ReentrantLock();
    /** Made for the first copy: most clients never send one. */
    private volatile @Nullable HttpClient client;

    HttpCopies(Supplier<HttpClient> maker, HostHeader hostHeader, @Nullable CookieHandler cookies) {
        this.maker = maker;
        this.hostHeader = hostHeader;
        this.cookies = cookies;
    }

    /**
     * Sends a copy of a request. Its body is read beside the call, as a second attempt of the call would read it.
     *
     * @param password what the client itself says in {@code Authorization}, or null
     */
    Fate send(
            CallCopy copy,
            HttpRequest request,
            @Nullable String password,
            AddressPolicy addresses,
            ScheduledExecutorService timer) {
        long length = request.bodyPublisher().map(BodyPublisher::contentLength).orElse(0L);
        if (length < 0 || length > copy.mirror().maxBody()) {
            return Fate.BODY;
        }
        threads.execute(() -> {
            try {
                String authority = HttpAttempts.authority(copy.instance(), addresses);
                exchange(copy, marked(copy, request, authority, password), authority, timer);
            } catch (Throwable nobodyHears) {
                // It counts as failed; that is all that is told of a copy.
                copy.end(false);
            }
        });
        return Fate.SENT;
    }

    private HttpRequest marked(CallCopy copy, HttpRequest request, String authority, @Nullable String password)
            throws IOException {
        boolean hasCredentials = copy.mirror().credentials();
        HttpRequest.Builder marked = HttpRequest.newBuilder(HttpAttempts.under(authority, request.uri()));
        request.headers().map().forEach((name, values) -> {
            if (hasCredentials || !CREDENTIALS.contains(name.toLowerCase(Locale.ROOT))) {
                values.stream()
                        .filter(value -> !name.equalsIgnoreCase(CallSpec.ROUTE_HEADER))
                        .forEach(value -> marked.header(name, value));
            }
        });
        request.version().ifPresent(marked::version);
        marked.setHeader(CallSpec.MIRROR_HEADER, copy.rule());
        hostHeader.add(request, authority, marked);
        if (hasCredentials) {
            if (password != null) {
                marked.setHeader(Passwords.HEADER, password);
            }
            Cookies.add(cookies, request, marked);
        }
        return request.bodyPublisher()
                .map(body -> marked.method(request.method(), body))
                .orElseGet(() -> Redirects.withoutBody(marked, request.method()))
                .build();
    }

    private void exchange(CallCopy copy, HttpRequest request, String authority, ScheduledExecutorService timer) {
        SkippedBody body = new SkippedBody();
        CompletableFuture<HttpResponse<Void>> sent = client().sendAsync(request, body);
        Runnable cut = () -> {
            boolean unused = sent.cancel(true);
            body.cut();
        };
        Duration timeout = copy.mirror().timeout();
        ScheduledFuture<?> end;
        try {
            end = timer.schedule(cut, timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (Throwable noTimer) {
            cut.run();
            throw noTimer;
        }
        sent.whenComplete((response, failure) -> {
            end.cancel(false);
            if (response != null) {
                hostHeader.answered(authority, response.version());
            }
            copy.end(body.isAnswered());
        });
    }

    private HttpClient client() {
        HttpClient made = client;
        if (made != null) {
            return made;
        }
        making.lock();
        try {
            made = client;
            if (made == null) {
                made = maker.get();
                client = made;
            }
            return made;
        } finally {
            making.unlock();
        }
    }
}
