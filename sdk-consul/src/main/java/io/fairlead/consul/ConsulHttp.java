// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import io.fairlead.api.RegistryException;
import io.fairlead.api.RegistryException.Reason;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.LimitedTasks;
import io.fairlead.spi.kit.SystemThreads;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks to Consul without a thread per held query: the JDK client's asynchronous API, a deadline on the whole exchange
 * (its own timeout ends at the headers), a cap on the body. The token travels in a header only.
 */
final class ConsulHttp {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulHttp.class);
    static final int MAX_BYTES = 32 << 20;
    /** Where the keys stand. */
    static final String KEYS = "/v1/kv/";

    private static final int MAX_ERROR_BYTES = 16 << 10;
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final int MOST_THREADS = 4;
    private static final long MOST_SECONDS_AWAY = 300;
    private static final long MOST_MILLIS_BEHIND = 30_000;

    private final ConsulOptions options;
    private final Environment environment;
    private final LimitedTasks tasks;
    private final RenewedClient client;
    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * An answer with status 200, or the 404 of a key that does not exist.
     *
     * @param credential tells one token from another; 0 for none
     */
    record Answer(int status, byte[] body, HttpHeaders headers, int credential) {
        /** Whether Consul says that there is no such key; a 404 without an index is somebody else's, as a proxy's. */
        static boolean isOfNoKey(HttpResponse<byte[]> response) {
            return response.statusCode() == 404
                    && response.headers().firstValue("X-Consul-Index").isPresent()
                    && response.request().uri().getRawPath().startsWith(KEYS);
        }

        long index() {
            return headers.firstValue("X-Consul-Index").map(ConsulHttp::number).orElse(0L);
        }

        /** Whether the token may not see all that there is; said since Consul 1.11, and to requests with a token only. */
        boolean isCutByAcl() {
            return headers.firstValue("X-Consul-Results-Filtered-By-ACLs")
                    .orElse("false")
                    .equalsIgnoreCase("true");
        }

        /** Whether it comes from a server that has a leader and heard of it in the last 30 s. */
        boolean isCurrent() {
            return !headers.firstValue("X-Consul-KnownLeader").orElse("true").equalsIgnoreCase("false")
                    && headers.firstValue("X-Consul-LastContact")
                                    .map(ConsulHttp::number)
                                    .orElse(0L)
                            <= MOST_MILLIS_BEHIND;
        }
    }

    ConsulHttp(ConsulOptions options, Environment environment) {
        this.options = options;
        this.environment = environment;
        this.tasks = new LimitedTasks(
                environment.executor(),
                environment.scheduler(),
                MOST_THREADS,
                failure -> environment.listener().onCallbackFailed("client of " + options, failure));
        this.client = new RenewedClient(this::newClient, this::end, environment);
    }

    private HttpClient newClient() {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .executor(tasks);
        Tls tls = options.tls();
        if (tls != null) {
            builder.sslContext(tls.context());
        }
        return SystemThreads.onOwn(builder::build);
    }

    /** For whatever follows from an answer: it runs on a few threads, however many queries are held. Nothing may block there. */
    Environment thrifty() {
        return new Environment(
                environment.ticker(), environment.scheduler(), tasks, environment.random(), environment.listener());
    }

    void close() {
        client.close();
    }

    /** From JDK 21 on a client can be told that it is over; before, its selector ends when nobody refers to it. */
    private void end(HttpClient last) {
        if ((Object) last instanceof AutoCloseable closeable) {
            environment.executor().execute(() -> {
                try {
                    closeable.close();
                } catch (Throwable late) {
                    environment.listener().onCallbackFailed("close of the client of " + options, late);
                }
            });
        }
    }

    /** Percent-encodes one path segment or query value. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The answer, or a {@link RegistryException}; cancelling the future drops the connection. */
    CompletableFuture<Answer> get(String pathAndQuery, Duration deadline, int maxBytes) {
        return send(HttpRequest.newBuilder(URI.create(options.baseUrl() + pathAndQuery)), deadline, maxBytes);
    }

    /** Sends a body with PUT and waits for the answer. */
    void putNow(String path, byte[] body, Duration deadline) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(options.baseUrl() + path))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body));
        Answer unused = now(send(request, deadline, MAX_BYTES), deadline);
    }

    private CompletableFuture<Answer> send(HttpRequest.Builder request, Duration deadline, int maxBytes) {
        String token;
        try {
            token = options.currentToken();
            if (token != null) {
                warnInTheClear();
                request.header("X-Consul-Token", token);
            }
        } catch (RegistryException unusable) {
            return CompletableFuture.failedFuture(unusable);
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        HttpClient asked = client.current();
        long askedNanos = environment.ticker().nanos();
        // First: whatever becomes of the exchange, it ends.
        ScheduledFuture<?> timer = environment
                .scheduler()
                .schedule(
                        () -> {
                            if (answer.completeExceptionally(silent(deadline))) {
                                client.silent(asked, askedNanos);
                            }
                        },
                        deadline.toNanos(),
                        TimeUnit.NANOSECONDS);
        CompletableFuture<HttpResponse<byte[]>> exchange;
        try {
            exchange = asked.sendAsync(request.build(), info -> body(info, maxBytes));
        } catch (Throwable notSent) {
            timer.cancel(false);
            return CompletableFuture.failedFuture(unreachable(notSent));
        }
        exchange.whenComplete((response, failure) -> {
            if (failure != null && isOver(failure)) {
                client.dead(asked);
            } else if (!(failure instanceof CancellationException)) {
                client.heard(asked);
            }
            if (failure != null) {
                answer.completeExceptionally(unreachable(failure));
            } else if (response.statusCode() == 200 || Answer.isOfNoKey(response)) {
                answer.complete(new Answer(
                        response.statusCode(),
                        response.body(),
                        response.headers(),
                        token == null ? 0 : token.hashCode()));
            } else {
                answer.completeExceptionally(refused(response, token));
            }
        });
        answer.whenComplete((done, failure) -> {
            timer.cancel(false);
            exchange.cancel(true);
        });
        return answer;
    }

    private static CappedBody body(HttpResponse.ResponseInfo info, int maxBytes) {
        return info.statusCode() == 200 ? CappedBody.whole(maxBytes) : CappedBody.beginning(MAX_ERROR_BYTES);
    }

    /** A token is sent all the same: whoever has no TLS inside their network means it. */
    private void warnInTheClear() {
        boolean near = options.address().matches("(?i)localhost(:.*)?|127\\..*|\\[::1].*");
        if (options.tls() == null && !near && warned.compareAndSet(false, true)) {
            LOG.warn("{}: the ACL token is sent without TLS, readable on the way", options);
        }
    }

    /** What the JDK's client says when its thread has ended. */
    private static boolean isOver(Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof IOException
                && String.valueOf(cause.getMessage()).contains("selector manager closed");
    }

    /** As {@link #get}, waiting for it. */
    Answer getNow(String pathAndQuery, Duration deadline) {
        return now(get(pathAndQuery, deadline, MAX_BYTES), deadline);
    }

    /** Waits longer than it can take: without memory its end may be lost. */
    private Answer now(CompletableFuture<Answer> answer, Duration deadline) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return answer.get(2 * deadline.toNanos(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException later) {
                    interrupted = true;
                } catch (ExecutionException failed) {
                    throw failed.getCause() instanceof RegistryException known ? known : unreachable(failed);
                } catch (TimeoutException lost) {
                    throw silent(deadline);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    RegistryException unreachable(Throwable failure) {
        Throwable cause = cause(failure);
        String why = cause instanceof ConnectException
                ? "Connection refused. Is it running?"
                : cause.getClass().getSimpleName() + ": " + cause.getMessage();
        Reason reason = cause instanceof CappedBody.TooLong
                ? Reason.INVALID_ANSWER
                : cause instanceof IOException ? Reason.UNREACHABLE : Reason.UNAVAILABLE;
        return new RegistryException(reason, options + " did not answer: " + why, cause);
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** @param body what the server said, without the token it may have repeated */
    static RegistryException ofStatus(ConsulOptions options, int status, @Nullable String body) {
        Reason reason = switch (status) {
            case 401, 403 -> Reason.UNAUTHORIZED;
            case 400, 404, 405, 413 -> Reason.REJECTED;
            default -> Reason.UNAVAILABLE;
        };
        return new RegistryException(
                reason, options + " answered " + status + ": " + shorten(body == null ? "" : body));
    }

    /** Seconds only: Consul and the proxies before it send no dates. */
    private static Duration retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After")
                .filter(text -> text.matches("\\d{1,9}"))
                .map(text -> Duration.ofSeconds(Math.min(MOST_SECONDS_AWAY, Long.parseLong(text))))
                .orElse(Duration.ZERO);
    }

    private RegistryException silent(Duration deadline) {
        return new RegistryException(
                Reason.UNREACHABLE, options + " did not answer within " + deadline.toMillis() + " ms");
    }

    private RegistryException refused(HttpResponse<byte[]> response, @Nullable String token) {
        String body = new String(response.body(), StandardCharsets.UTF_8);
        RegistryException plain =
                ofStatus(options, response.statusCode(), token == null ? body : body.replace(token, "(token)"));
        return new RegistryException(
                plain.reason(), String.valueOf(plain.getMessage()), null, retryAfter(response.headers()));
    }

    /** Registry text in a message: short, one line, printable. */
    private static String shorten(String body) {
        String text = body.strip().replaceAll("[^\\x20-\\x7e]+", " ");
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    private static long number(String text) {
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException odd) {
            return 0;
        }
    }
}
