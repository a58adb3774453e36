// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.RejectedException;
import io.fairlead.testkit.LeakCheck;
import io.fairlead.testkit.TcpProxy;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The JDK's client, guided: the same pipeline under another world.client. */
class DiscoveryHttpClientTest {
    private final List<WireMockServer> servers = new ArrayList<>();
    private World world;

    @RegisterExtension
    final LeakCheck leaks = World.leakCheck();

    @AfterEach
    void stop() {
        world.close();
        servers.forEach(WireMockServer::stop);
    }

    @Test
    void callsByNameReachEveryInstance() throws Exception {
        world(builder -> builder.policy("round_robin"));
        start("a", aResponse().withBody("a"));
        start("b", aResponse().withBody("b"));
        world.awaitInstances(2);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            answers.add(get());
            answers.add(world.client
                    .sendAsync(request("/v1/42?q=a%20b"), BodyHandlers.ofString())
                    .get(20, TimeUnit.SECONDS)
                    .body());
        }
        assertThat(answers).containsOnly("a", "b");
        assertThat(servers)
                .flatExtracting(WireMockServer::getAllServeEvents)
                .extracting(event -> event.getRequest().getUrl())
                .containsOnly("/", "/v1/42?q=a%20b");
    }

    @Test
    void hostsThatAreNoServicesPassThrough() throws Exception {
        world(builder -> builder);
        start("a", aResponse().withBody("a"));
        world.awaitInstances(1);
        URI direct = URI.create("http://localhost:" + servers.get(0).port() + "/");
        HttpRequest request = HttpRequest.newBuilder(direct).build();
        assertThat(world.client.send(request, BodyHandlers.ofString()).body()).isEqualTo("a");
    }

    @Test
    void tlsByServiceNameIsRefusedWithASentence() {
        world(builder -> builder);
        HttpRequest https =
                HttpRequest.newBuilder(URI.create("https://orders/")).build();
        assertThatThrownBy(() -> world.client.send(https, BodyHandlers.ofString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("would check an instance's certificate against its address, not against 'orders'")
                .hasMessageContaining("withCertificatesByAddress()");
    }

    @Test
    void aGetGoesElsewhereAfterResetsAndErrorsAndCarriesItsNumber() throws Exception {
        world(builder -> builder.policy("round_robin"));
        start("reset", aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));
        start("busy", aResponse().withStatus(503).withHeader("Retry-After", "0"));
        start("good", aResponse().withBody("good"));
        world.awaitInstances(3);
        for (int i = 0; i < 12; i++) {
            assertThat(get()).isEqualTo("good");
        }
        assertThat(servers.get(2).getAllServeEvents())
                .extracting(
                        event -> LoggedRequest.createFrom(event.getRequest()).getHeader(CallSpec.ATTEMPT_HEADER))
                .contains("2");
    }

    @Test
    void aRefusedConnectionSendsAPostElsewhere() throws Exception {
        world(builder -> builder.policy("round_robin"));
        try (ServerSocket unused = new ServerSocket(0)) {
            world.add("refusing", unused.getLocalPort());
        }
        start("good", aResponse().withBody("good"));
        world.awaitInstances(2);
        for (int i = 0; i < 6; i++) {
            assertThat(world.client.send(post(), BodyHandlers.ofString()).body())
                    .isEqualTo("good");
        }
    }

    @Test
    void aPostThatMayHaveBeenProcessedIsNeverSentTwice() {
        world(builder -> builder);
        WireMockServer server = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        server.stubFor(any(anyUrl()).willReturn(aResponse().withBody("processed")));
        servers.add(server);
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", server.port())) {
            proxy.mode(TcpProxy.Mode.RESET_ON_ANSWER);
            world.add("one", proxy.port());
            world.add("two", proxy.port());
            world.awaitInstances(2);
            for (int i = 0; i < 200; i++) {
                assertThatThrownBy(() -> world.client.send(post(), BodyHandlers.ofString()))
                        .isInstanceOf(IOException.class);
            }
            assertThat(proxy.requests()).isEqualTo(200);
        }
    }

    @Test
    void aBodyThatDiesAfterItsHeadersIsTheCallersErrorAndIsNotSentAgain() {
        world(builder -> builder);
        start("bad", aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK));
        world.awaitInstances(1);
        assertThatThrownBy(this::get).isInstanceOf(IOException.class);
        assertThat(servers.get(0).getAllServeEvents()).hasSize(1);
    }

    @Test
    void aStreamedBodyIsInFlightUntilItIsClosed() throws Exception {
        world(builder -> builder);
        start("a", aResponse().withBody("x".repeat(200_000)));
        world.awaitInstances(1);
        HttpResponse<InputStream> response = world.client.send(request("/"), BodyHandlers.ofInputStream());
        assertThat(world.fairlead.status("orders").instances().get(0).inFlight())
                .isEqualTo(1);
        response.body().close();
    }

    @Test
    void theTimeoutIsTheDeadlineOfAllAttempts() {
        world(builder -> builder);
        start("hanging", aResponse().withFixedDelay(60_000));
        world.awaitInstances(1);
        HttpRequest hurried = HttpRequest.newBuilder(URI.create("http://orders/"))
                .timeout(Duration.ofMillis(200))
                .build();
        assertThatThrownBy(() -> world.client.send(hurried, BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void cancellingTheFutureEndsTheAttempt() {
        world(builder -> builder);
        start("hanging", aResponse().withFixedDelay(60_000));
        world.awaitInstances(1);
        CompletableFuture<HttpResponse<String>> call = world.client.sendAsync(request("/"), BodyHandlers.ofString());
        await().until(() -> world.fairlead.status("orders").instances().get(0).inFlight() == 1);
        assertThat(call.cancel(true)).isTrue();
    }

    @Test
    void aTimeoutOfTheCallersOwnOnTheFutureIsTheInstancesFailure() {
        world(builder -> builder.policy("round_robin"));
        start("hangs", aResponse().withBody("late").withFixedDelay(60_000));
        world.awaitInstances(1);
        assertThatThrownBy(() -> world.client
                        .sendAsync(request("/"), BodyHandlers.ofString())
                        .orTimeout(200, TimeUnit.MILLISECONDS)
                        .join())
                .hasCauseInstanceOf(TimeoutException.class);
        await().untilAsserted(() -> assertThat(world.fairlead.status("orders").instances())
                .singleElement()
                .satisfies(view -> {
                    assertThat(view.failures()).isEqualTo(1);
                    assertThat(view.inFlight()).isZero();
                }));
    }

    @Test
    void aSlowAnswerIsHedged() throws Exception {
        world(builder -> builder.policy("round_robin")
                .hedging(Hedging.defaults().withDelay(Duration.ofMillis(30)).withMaxExtraLoad(1)));
        start("quick", aResponse().withBody("quick"));
        world.awaitInstances(1);
        // calls earn hedges, and what one has earned fades
        for (int i = 0; i < 20; i++) {
            assertThat(get()).isEqualTo("quick");
        }
        start("slow", aResponse().withBody("slow").withFixedDelay(2_000));
        await().until(() -> world.fairlead.status("orders").instances().size() == 2);
        for (int i = 0; i < 6; i++) {
            assertThat(get()).isEqualTo("quick");
        }
    }

    @Test
    void rejectionsAndMissingInstancesAreTyped() throws Exception {
        world(builder -> builder.rateLimit(RateLimit.of(0, 1)));
        start("a", aResponse().withBody("a"));
        world.awaitInstances(1);
        assertThat(get()).isEqualTo("a");
        assertThatThrownBy(this::get)
                .isInstanceOf(RejectedException.class)
                .hasMessageContaining("rejected by RATE_LIMIT");
        HttpRequest unknown =
                HttpRequest.newBuilder(URI.create("http://oders/")).build();
        assertThatThrownBy(() -> world.client.send(unknown, BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    private String get() throws Exception {
        return world.client.send(request("/"), BodyHandlers.ofString()).body();
    }

    private static HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://orders" + path)).build();
    }

    private static HttpRequest post() {
        return HttpRequest.newBuilder(URI.create("http://orders/pay"))
                .POST(BodyPublishers.ofString("{}"))
                .build();
    }

    private void world(UnaryOperator<FairleadBuilder> options) {
        world = new World(HttpClient.Version.HTTP_1_1, options);
    }

    private void start(String id, ResponseDefinitionBuilder answer) {
        WireMockServer server = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        server.stubFor(any(anyUrl()).willReturn(answer));
        servers.add(server);
        world.add(id, server.port());
    }

    @Test
    void aNameWithTheRootDotIsTheService() throws Exception {
        world(builder -> builder);
        start("a", aResponse().withBody("a"));
        world.awaitInstances(1);
        HttpRequest absolute =
                HttpRequest.newBuilder(URI.create("http://orders./")).build();
        assertThat(world.client.send(absolute, BodyHandlers.ofString()).body()).isEqualTo("a");
        assertThat(world.fairlead.services()).containsExactly("orders");
    }

    @Test
    void aNameWithAnUnderscoreCanNotBeCalledAndTheReasonIsSaid() {
        world(builder -> builder);
        URI nameless = URI.create("http://order_service/v1");
        assertThatThrownBy(() -> HttpRequest.newBuilder(nameless)).hasMessageContaining("unsupported URI");
        HttpRequest own = new OwnRequest(nameless);
        assertThatThrownBy(() -> world.client.send(own, BodyHandlers.ofString()))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "http://order_service/v1: java.net.URI has no host for this, as for a name with '_' (expected: a"
                                + " host of letters, digits, '-' and '.'; fairlead-okhttp calls services of any name)");
    }

    /** Made past the JDK's builder, which refuses the URI. */
    private static final class OwnRequest extends HttpRequest {
        private final HttpRequest usual =
                HttpRequest.newBuilder(URI.create("http://orders/")).build();
        private final URI uri;

        OwnRequest(URI uri) {
            this.uri = uri;
        }

        @Override
        public URI uri() {
            return uri;
        }

        @Override
        public Optional<BodyPublisher> bodyPublisher() {
            return usual.bodyPublisher();
        }

        @Override
        public String method() {
            return usual.method();
        }

        @Override
        public Optional<Duration> timeout() {
            return usual.timeout();
        }

        @Override
        public boolean expectContinue() {
            return usual.expectContinue();
        }

        @Override
        public Optional<HttpClient.Version> version() {
            return usual.version();
        }

        @Override
        public HttpHeaders headers() {
            return usual.headers();
        }
    }
}
