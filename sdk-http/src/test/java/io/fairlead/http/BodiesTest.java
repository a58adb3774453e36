// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.Hedging;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.LeakCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.CookieHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies of requests and of responses, and code of the caller's that throws: one body for one handler, nobody blamed. */
@Tag("slow")
class BodiesTest {
    private final List<WireMockServer> servers = new ArrayList<>();
    private World world;

    @RegisterExtension
    final LeakCheck leaks = World.leakCheck();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        world.close();
        servers.forEach(WireMockServer::stop);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theCallersHandlerMeetsTheAnswerThatTheCallerIsGivenOnce(boolean isHedged) throws Exception {
        world(builder -> isHedged
                ? builder.policy("round_robin")
                        .hedging(Hedging.defaults()
                                .withDelay(Duration.ofMillis(5))
                                .withMaxExtraLoad(1))
                : builder.policy("round_robin"));
        ResponseDefinitionBuilder busy = aResponse()
                .withStatus(503)
                .withHeader("Retry-After", "0")
                .withFixedDelay(isHedged ? 20 : 0)
                .withBody("x".repeat(860));
        start("busy", busy);
        start("good", aResponse().withFixedDelay(isHedged ? 20 : 0).withBody("12345678"));
        world.awaitInstances(2);
        for (int i = 0; i < 12; i++) {
            Path file = folder.resolve("file" + i);
            assertThat(send(BodyHandlers.ofFile(file)).statusCode()).isEqualTo(200);
            assertThat(Files.readString(file)).isEqualTo("12345678");
            ByteArrayOutputStream consumed = new ByteArrayOutputStream();
            send(BodyHandlers.ofByteArrayConsumer(part -> part.ifPresent(consumed::writeBytes)));
            assertThat(consumed.toString(UTF_8)).isEqualTo("12345678");
            Lines lines = new Lines();
            send(BodyHandlers.fromLineSubscriber(lines));
            assertThat(lines.heard).containsExactly("subscribed", "12345678", "complete");
        }
    }

    private static final class Lines implements Flow.Subscriber<String> {
        final Queue<String> heard = new ConcurrentLinkedQueue<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            heard.add("subscribed");
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String line) {
            heard.add(line);
        }

        @Override
        public void onError(Throwable failure) {
            heard.add("error");
        }

        @Override
        public void onComplete() {
            heard.add("complete");
        }
    }

    @Test
    void theTimeoutEndsWithTheHeaders() throws Exception {
        world(builder -> builder);
        start("slow", aResponse().withBody("x".repeat(100)).withChunkedDribbleDelay(10, 1_500));
        world.awaitInstances(1);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://orders/"))
                .timeout(Duration.ofMillis(600))
                .build();
        assertThat(world.client.send(request, BodyHandlers.ofString()).body()).hasSize(100);
        assertThat(world.failures()).isZero();
    }

    /** The environment's workers are held: whoever resolves a name elsewhere gets an answer all the same. */
    @Test
    void aHostNameIsResolvedOnAWorker() throws Exception {
        Environment system = Environment.system();
        AtomicReference<Queue<Runnable>> held = new AtomicReference<>();
        Executor workers = task -> {
            Queue<Runnable> holding = held.get();
            if (holding == null) {
                system.executor().execute(task);
            } else {
                holding.add(task);
            }
        };
        world(builder -> builder.environment(
                new Environment(system.ticker(), system.scheduler(), workers, system.random(), system.listener())));
        WireMockServer server = server(aResponse().withBody("a"));
        world.registry.register(
                ServiceInstance.builder("orders")
                        .address("localhost", server.port())
                        .build(),
                HealthCheck.none());
        world.awaitInstances(1);
        Queue<Runnable> holding = new ConcurrentLinkedQueue<>();
        held.set(holding);
        CompletableFuture<HttpResponse<String>> call = world.client.sendAsync(request(), BodyHandlers.ofString());
        assertThat(holding).hasSize(1);
        assertThat(call).isNotDone();
        assertThat(world.inFlight()).isEqualTo(1);
        held.set(null);
        holding.forEach(system.executor()::execute);
        assertThat(call.get(20, TimeUnit.SECONDS).body()).isEqualTo("a");
    }

    enum Fault {
        SUBSCRIBES_NOT,
        READS_NOT,
        REQUESTS_NOT,
        LENGTH_THROWS,
        TOO_LONG,
        TOO_SHORT
    }

    @ParameterizedTest
    @EnumSource
    void aRequestBodyThatBreaksIsNobodysFailureAndIsNotSentAgain(Fault fault) throws Exception {
        world(builder -> builder);
        for (int i = 0; i < 4; i++) {
            start("i" + i, aResponse());
        }
        world.awaitInstances(4);
        for (int i = 0; i < 8; i++) {
            CountingPublisher body = new CountingPublisher(fault);
            HttpRequest put = HttpRequest.newBuilder(URI.create("http://orders/"))
                    .timeout(Duration.ofSeconds(5))
                    .PUT(body)
                    .build();
            assertThatThrownBy(() -> world.client.send(put, BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(HttpTimeoutException.class);
            assertThat(body.subscribed).isLessThan(2);
        }
        assertThat(world.failures()).isZero();
        assertThat(world.inFlight()).isZero();
    }

    private static final class CountingPublisher implements BodyPublisher {
        private final Fault fault;
        private final BodyPublisher whole = BodyPublishers.ofString("0123456789");
        volatile int subscribed;

        CountingPublisher(Fault fault) {
            this.fault = fault;
        }

        @Override
        public long contentLength() {
            return switch (fault) {
                case LENGTH_THROWS -> throw new IllegalStateException("no length");
                case TOO_LONG -> 3;
                case TOO_SHORT -> 20;
                default -> 10;
            };
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        public void subscribe(Flow.Subscriber<? super ByteBuffer> client) {
            subscribed++;
            switch (fault) {
                case SUBSCRIBES_NOT -> throw new IllegalStateException("no token");
                case READS_NOT ->
                    BodyPublishers.ofInputStream(CountingPublisher::broken).subscribe(client);
                case REQUESTS_NOT ->
                    client.onSubscribe(new Flow.Subscription() {
                        @Override
                        public void request(long count) {
                            throw new IllegalStateException("no parts");
                        }

                        @Override
                        public void cancel() {}
                    });
                default -> whole.subscribe(client);
            }
        }

        private static InputStream broken() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new ConnectException("token endpoint down");
                }
            };
        }
    }

    enum Thrower {
        HANDLER,
        NULL_SUBSCRIBER,
        SUBSCRIBER,
        PART,
        END,
        COOKIES_GET,
        COOKIES_PUT,
        PREDICATE,
        SPEC,
        NULL_SPEC
    }

    @ParameterizedTest
    @EnumSource
    void whatTheCallersCodeThrowsIsAnIoExceptionAndNobodysFailure(Thrower thrower) throws Exception {
        CookieHandler cookies = new CookieHandler() {
            @Override
            public Map<String, List<String>> get(URI uri, Map<String, List<String>> headers) {
                throwIf(thrower == Thrower.COOKIES_GET);
                return Map.of();
            }

            @Override
            public void put(URI uri, Map<String, List<String>> headers) {
                throwIf(thrower == Thrower.COOKIES_PUT);
            }
        };
        boolean isCookies = thrower == Thrower.COOKIES_GET || thrower == Thrower.COOKIES_PUT;
        world = new World(
                () -> isCookies ? HttpClient.newBuilder().cookieHandler(cookies).build() : HttpClient.newHttpClient(),
                builder -> thrower == Thrower.PREDICATE
                        ? builder.services(host -> {
                            throw new IllegalStateException("thrown");
                        })
                        : builder);
        for (int i = 0; i < 4; i++) {
            start("i" + i, aResponse().withBody("x".repeat(100_000)));
        }
        world.awaitInstances(4);
        DiscoveryHttpClient client = world.client.withSpecs((request, spec) -> {
            throwIf(thrower == Thrower.SPEC);
            return thrower == Thrower.NULL_SPEC ? null : spec;
        });
        URI uri = URI.create(thrower == Thrower.PREDICATE ? "http://orders.example/" : "http://orders/");
        HttpRequest request = HttpRequest.newBuilder(uri).build();
        BodyHandler<String> handler = handler(thrower);
        assertThatThrownBy(() -> client.send(request, handler)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> client.sendAsync(request, handler).get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        await().untilAsserted(() -> assertThat(world.inFlight()).isZero());
        assertThat(world.failures()).isZero();
        assertThat(servers.stream()
                        .mapToInt(one -> one.getAllServeEvents().size())
                        .sum())
                .isLessThanOrEqualTo(2);
    }

    private static void throwIf(boolean now) {
        if (now) {
            throw new IllegalStateException("thrown");
        }
    }

    private static BodyHandler<String> handler(Thrower thrower) {
        return info -> {
            throwIf(thrower == Thrower.HANDLER);
            if (thrower == Thrower.NULL_SUBSCRIBER) {
                return null;
            }
            return new BodySubscriber<>() {
                private final CompletableFuture<String> body = new CompletableFuture<>();

                @Override
                public CompletableFuture<String> getBody() {
                    return body;
                }

                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    throwIf(thrower == Thrower.SUBSCRIBER);
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(List<ByteBuffer> part) {
                    throwIf(thrower == Thrower.PART);
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onComplete() {
                    throwIf(thrower == Thrower.END);
                }
            };
        };
    }

    @Test
    void aCallThatTheCallerGivesUpInTheMiddleOfTheBodyIsNobodysFailure() throws Exception {
        world(builder -> builder);
        start("slow", aResponse().withBody("x".repeat(100)).withChunkedDribbleDelay(100, 30_000));
        world.awaitInstances(1);
        CompletableFuture<HttpResponse<String>> call = world.client.sendAsync(request(), BodyHandlers.ofString());
        await().until(() -> world.inFlight() == 1);
        assertThat(call.cancel(true)).isTrue();
        await().untilAsserted(() -> assertThat(world.inFlight()).isZero());
        CompletableFuture<Void> headers = new CompletableFuture<>();
        CompletableFuture<HttpResponse<String>> late = world.client.sendAsync(request(), info -> {
            headers.complete(null);
            return BodyHandlers.ofString().apply(info);
        });
        headers.get(20, TimeUnit.SECONDS);
        late.orTimeout(300, TimeUnit.MILLISECONDS);
        assertThatThrownBy(late::join).hasCauseInstanceOf(TimeoutException.class);
        await().untilAsserted(() -> assertThat(world.inFlight()).isZero());
        assertThat(world.failures()).isZero();
    }

    @Test
    void anInterruptedSendIsNobodysFailureAndIsNotSentAgain() throws Exception {
        world(builder -> builder);
        start("one", aResponse().withFixedDelay(60_000));
        start("two", aResponse().withFixedDelay(60_000));
        world.awaitInstances(2);
        AtomicReference<Exception> thrown = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                world.client.send(request(), BodyHandlers.ofString());
            } catch (Exception failure) {
                thrown.set(failure);
            }
        });
        caller.start();
        await().until(() -> world.inFlight() == 1);
        caller.interrupt();
        caller.join(20_000);
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        await().untilAsserted(() -> assertThat(world.inFlight()).isZero());
        assertThat(world.failures()).isZero();
    }

    @Test
    void whatDependsOnAFutureHoldsNoThreadOfTheClientOrTheBalancer() throws Exception {
        ExecutorService only = Executors.newSingleThreadExecutor(task -> new Thread(task, "the-only-thread"));
        world = new World(
                () -> HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .executor(only)
                        .build(),
                builder -> builder);
        start("one", aResponse().withBody("x".repeat(100)).withChunkedDribbleDelay(5, 300));
        world.awaitInstances(1);
        CompletableFuture<String> again = world.client
                .sendAsync(request(), BodyHandlers.ofString())
                .thenApply(first -> {
                    try {
                        return send(BodyHandlers.ofString()).body();
                    } catch (Exception failed) {
                        throw new IllegalStateException(failed);
                    }
                });
        assertThat(again.get(20, TimeUnit.SECONDS)).hasSize(100);
        HttpRequest late = HttpRequest.newBuilder(URI.create("http://orders/"))
                .timeout(Duration.ofNanos(1))
                .build();
        CompletableFuture<String> thread = new CompletableFuture<>();
        world.client
                .sendAsync(late, BodyHandlers.ofString())
                .whenComplete((none, failure) -> thread.complete(failure == null ? "" : threadName()));
        assertThat(thread.get(20, TimeUnit.SECONDS)).isNotEmpty().doesNotStartWith("fairlead-");
        only.shutdown();
    }

    private static String threadName() {
        return Thread.currentThread().getName();
    }

    @Test
    void withoutAHandlerNothingIsSent() {
        world(builder -> builder);
        start("one", aResponse());
        world.awaitInstances(1);
        assertThatThrownBy(() -> world.client.send(request(), null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> world.client.sendAsync(request(), null)).isInstanceOf(NullPointerException.class);
        assertThat(servers.get(0).getAllServeEvents()).isEmpty();
    }

    private <T> HttpResponse<T> send(BodyHandler<T> handler) throws Exception {
        return world.client.send(request(), handler);
    }

    private static HttpRequest request() {
        return HttpRequest.newBuilder(URI.create("http://orders/")).build();
    }

    private void world(UnaryOperator<FairleadBuilder> options) {
        world = new World(HttpClient.Version.HTTP_1_1, options);
    }

    private void start(String id, ResponseDefinitionBuilder answer) {
        world.add(id, server(answer).port());
    }

    private WireMockServer server(ResponseDefinitionBuilder answer) {
        WireMockServer server = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        server.stubFor(any(anyUrl()).willReturn(answer));
        servers.add(server);
        return server;
    }
}
