// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.RejectedException;
import io.fairlead.balancer.ServiceUnavailableException;
import io.fairlead.testkit.LeakCheck;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Cache;
import okhttp3.CacheControl;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What one attempt is: one hop to one instance, under the service's own URL, blamed for nothing else. */
class HopsTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @TempDir
    File folder;

    private final World world = new World("round_robin");
    private final List<MockWebServer> servers = new ArrayList<>();
    private final Map<String, AtomicInteger> arrived = new HashMap<>();

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        world.close();
        servers.forEach(MockWebServer::close);
    }

    @Test
    void anAttemptAfterOneThatWasSentKeepsUrlHostAndFinalUrl() throws Exception {
        serve("a", request -> status(503));
        serve("b", request -> status(503));
        serve("c", request -> status(503));
        world.awaitInstances(3);
        try (Response response = get("http://orders/v1?q=1")) {
            assertThat(response.request().url().toString()).isEqualTo("http://orders/v1?q=1");
        }
        assertThat(arrived.values()).extracting(AtomicInteger::get).containsOnly(1);
        assertThat(hosts()).containsOnly("orders");
    }

    @Test
    void aRedirectAfterAnAttemptThatWasSentGoesUnderItsOwnHostsName() throws Exception {
        MockWebServer outside =
                server(request -> new MockResponse.Builder().body("there").build());
        serve("a", request -> status(503));
        serve("b", request -> redirect("http://localhost:" + outside.getPort() + "/x"));
        world.awaitInstances(2);
        for (int call = 0; call < 2; call++) {
            try (Response response = get("http://orders/")) {
                assertThat(response.body().string()).isEqualTo("there");
                assertThat(response.priorResponse().request().url().toString()).isEqualTo("http://orders/");
            }
            assertThat(outside.takeRequest().getHeaders().get("Host")).isEqualTo("localhost:" + outside.getPort());
        }
    }

    @Test
    void aChangeThatFollowsAResetTakesTheOldAnswerOutOfTheCache() throws Exception {
        AtomicInteger value = new AtomicInteger(1);
        AtomicInteger puts = new AtomicInteger();
        Function<RecordedRequest, MockResponse> store = request -> {
            if (request.getMethod().equals("PUT")) {
                if (puts.incrementAndGet() == 1) {
                    return status(503);
                }
                value.set(2);
                return status(204);
            }
            return new MockResponse.Builder()
                    .addHeader("Cache-Control", "max-age=600")
                    .body("value " + value)
                    .build();
        };
        serve("a", store);
        serve("b", store);
        world.awaitInstances(2);
        world.client =
                world.client.newBuilder().cache(new Cache(folder, 1 << 20)).build();
        assertThat(world.get("http://orders/v")).isEqualTo("value 1");
        try (Response stored = world.client
                .newCall(new Request.Builder()
                        .url("http://orders/v")
                        .put(RequestBody.create("2", null))
                        .build())
                .execute()) {
            assertThat(stored.code()).isEqualTo(204);
        }
        assertThat(world.get("http://orders/v")).isEqualTo("value 2");
        world.client.cache().close();
    }

    @Test
    void aRedirectToAnotherServiceIsFollowedThroughDiscovery() throws Exception {
        MockWebServer billing =
                server(request -> new MockResponse.Builder().body("bill").build());
        world.registry.register(
                ServiceInstance.builder("billing")
                        .id("billing-1")
                        .address("127.0.0.1", billing.getPort())
                        .build(),
                HealthCheck.none());
        serve("a", request -> redirect("http://billing/b"));
        serve("b", request -> redirect("http://billing/b"));
        world.awaitInstances(2);
        for (int call = 0; call < 8; call++) {
            try (Response response = get("http://orders/")) {
                assertThat(response.body().string()).isEqualTo("bill");
                assertThat(response.request().url().toString()).isEqualTo("http://billing/b");
            }
        }
        assertThat(arrived.values()).extracting(AtomicInteger::get).containsOnly(4);
        assertNobodyIsBlamed();
    }

    @Test
    void aForeignHostThatRedirectsToAServiceIsFollowedThroughDiscovery() throws Exception {
        serve("a", request -> new MockResponse.Builder().body("order").build());
        serve("b", request -> new MockResponse.Builder().body("order").build());
        world.awaitInstances(2);
        MockWebServer foreign = server(
                request -> request.getTarget().equals("/more") ? redirect("http://orders/v1") : redirect("/more"));
        for (int call = 0; call < 4; call++) {
            try (Response response = get("http://localhost:" + foreign.getPort() + "/")) {
                assertThat(response.body().string()).isEqualTo("order");
                assertThat(response.request().url().toString()).isEqualTo("http://orders/v1");
                assertThat(response.priorResponse().request().url().encodedPath())
                        .isEqualTo("/more");
                assertThat(response.priorResponse()
                                .priorResponse()
                                .request()
                                .url()
                                .encodedPath())
                        .isEqualTo("/");
            }
        }
        assertThat(arrived.values()).extracting(AtomicInteger::get).containsOnly(2);
        assertNobodyIsBlamed();
    }

    @Test
    void aForeignHostsOwnAnswersPassUntouched() throws Exception {
        serve("a", request -> status(200));
        world.awaitInstances(1);
        AtomicInteger asked = new AtomicInteger();
        MockWebServer foreign = server(request -> asked.incrementAndGet() == 1
                ? new MockResponse.Builder()
                        .code(503)
                        .addHeader("Retry-After", "0")
                        .build()
                : new MockResponse.Builder().body("there").build());
        assertThat(world.get("http://localhost:" + foreign.getPort() + "/")).isEqualTo("there");
        assertThat(asked).hasValue(2);
    }

    @Test
    void aChallengeBehindARedirectKeepsBothInTheResponsesBefore() throws Exception {
        serve(
                "a",
                request -> request.getTarget().equals("/")
                        ? redirect("http://orders/secret")
                        : request.getHeaders().get("Authorization") == null
                                ? status(401)
                                : new MockResponse.Builder().body("secret").build());
        world.awaitInstances(1);
        world.client = world.client
                .newBuilder()
                .authenticator((route, response) -> response.request()
                        .newBuilder()
                        .header("Authorization", "Basic eDp5")
                        .build())
                .build();
        try (Response response = get("http://orders/")) {
            assertThat(response.body().string()).isEqualTo("secret");
            List<Integer> codes = new ArrayList<>();
            for (Response before = response; before != null; before = before.priorResponse()) {
                codes.add(before.code());
            }
            assertThat(codes).containsExactly(200, 401, 302);
        }
    }

    @Test
    void aHopThatFailsElsewhereBlamesNobodyAndIsNotSentAgain() throws Exception {
        int dead;
        try (MockWebServer gone = server(request -> status(200))) {
            dead = gone.getPort();
        }
        serve("a", request -> redirect(303, "http://localhost:" + dead + "/"));
        serve("b", request -> redirect(303, "http://localhost:" + dead + "/"));
        world.awaitInstances(2);
        for (int call = 0; call < 4; call++) {
            assertThatThrownBy(() -> world.client
                            .newCall(new Request.Builder()
                                    .url("http://orders/")
                                    .post(RequestBody.create("1", null))
                                    .build())
                            .execute()
                            .close())
                    .isInstanceOf(IOException.class);
        }
        assertThat(arrived.values()).extracting(AtomicInteger::get).containsOnly(2);
        assertNobodyIsBlamed();
    }

    @Test
    void aRedirectToARefusedAddressIsRefused() throws Exception {
        serve("a", request -> redirect("http://169.254.169.254/latest/meta-data"));
        world.awaitInstances(1);
        assertThatThrownBy(() -> get("http://orders/").close())
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("169.254.169.254");
    }

    @Test
    void aDeadlineHoldsWhereverARedirectLeads() throws Exception {
        MockWebServer hanging = server(request -> new MockResponse.Builder()
                .onResponseStart(SocketEffect.Stall.INSTANCE)
                .build());
        serve("a", request -> redirect("http://localhost:" + hanging.getPort() + "/"));
        world.awaitInstances(1);
        long start = System.nanoTime();
        assertThatThrownBy(() -> world.client
                        .newCall(new Request.Builder()
                                .url("http://orders/")
                                .tag(CallHints.class, CallHints.NONE.within(Duration.ofMillis(300)))
                                .build())
                        .execute()
                        .close())
                .isInstanceOf(IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertNobodyIsBlamed();
    }

    @Test
    void aClientThatIsConfiguredTwiceSendsAndBooksOnce() throws Exception {
        serve("a", request -> status(503));
        serve("b", request -> status(503));
        world.awaitInstances(2);
        world.client = DiscoveryOkHttp.configure(world.client.newBuilder(), world.fairlead)
                .build();
        try (Response response = get("http://orders/")) {
            assertThat(response.code()).isEqualTo(503);
        }
        assertThat(arrived.values()).extracting(AtomicInteger::get).containsOnly(1);
        assertThat(world.fairlead.status("orders").instances())
                .allSatisfy(view -> assertThat(view.failures()).isEqualTo(1));
    }

    @Test
    void aRingOfRedirectsEnds() throws Exception {
        serve("a", request -> redirect("http://orders/again"));
        world.awaitInstances(1);
        assertThatThrownBy(() -> get("http://orders/").close()).hasMessageContaining("Too many follow-up requests");
    }

    @Test
    void aSecondPassOfAnInterceptorInFrontReachesItsOwnPick() throws Exception {
        List<String> order = new ArrayList<>();
        for (String id : List.of("a", "b", "c")) {
            serve(id, request -> {
                order.add(id);
                return new MockResponse.Builder()
                        .code(request.getHeaders().get("Token") == null ? 401 : 200)
                        .body(id)
                        .build();
            });
        }
        world.awaitInstances(3);
        OkHttpClient.Builder builder = new OkHttpClient.Builder().addInterceptor(chain -> {
            Response first = chain.proceed(chain.request());
            first.close();
            return chain.proceed(
                    chain.request().newBuilder().header("Token", "new").build());
        });
        world.client = DiscoveryOkHttp.configure(builder, world.fairlead).build();
        for (int call = 0; call < 6; call++) {
            try (Response response = get("http://orders/")) {
                assertThat(response.code()).isEqualTo(200);
            }
        }
        assertThat(order).hasSize(12);
        assertThat(arrived.values()).extracting(AtomicInteger::get).containsOnly(4);
        for (int i = 0; i + 1 < order.size(); i++) {
            assertThat(order.get(i)).as("request %d of %s", i, order).isNotEqualTo(order.get(i + 1));
        }
    }

    @Test
    void whatNeverReachedTheNetworkSaysNothingOfAnInstance() throws Exception {
        serve("a", request -> status(200));
        serve("b", request -> status(200));
        world.awaitInstances(2);
        world.client =
                world.client.newBuilder().cache(new Cache(folder, 1 << 20)).build();
        for (int call = 0; call < 20; call++) {
            try (Response miss = world.client
                    .newCall(new Request.Builder()
                            .url("http://orders/")
                            .cacheControl(CacheControl.FORCE_CACHE)
                            .build())
                    .execute()) {
                assertThat(miss.code()).isEqualTo(504);
            }
        }
        assertNobodyIsBlamed();
        world.client.cache().close();
    }

    @Test
    void aFailureOfAnInterceptorBehindOrOfTheBodyIsNobodysAndNotSentAgain() throws Exception {
        serve("a", request -> status(200));
        serve("b", request -> status(200));
        world.awaitInstances(2);
        OkHttpClient plain = world.client;
        AtomicInteger passes = new AtomicInteger();
        world.client = plain.newBuilder()
                .addInterceptor(chain -> {
                    passes.incrementAndGet();
                    throw new IOException("token endpoint down");
                })
                .build();
        for (int call = 0; call < 10; call++) {
            assertThatThrownBy(() -> get("http://orders/").close()).hasMessage("token endpoint down");
        }
        assertThat(passes).hasValue(10);
        world.client = plain;
        RequestBody broken = new RequestBody() {
            @Override
            public MediaType contentType() {
                return null;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                throw new IOException("no such file");
            }
        };
        for (int call = 0; call < 10; call++) {
            assertThatThrownBy(() -> world.client
                            .newCall(new Request.Builder()
                                    .url("http://orders/")
                                    .put(broken)
                                    .build())
                            .execute()
                            .close())
                    .hasMessage("no such file");
        }
        assertNobodyIsBlamed();
    }

    @Test
    void whatHappensWhereAnInterceptorBehindSendsTheRequestSaysNothingOfAnInstance() throws Exception {
        serve("a", request -> status(200));
        serve("b", request -> status(200));
        world.awaitInstances(2);
        MockWebServer broken = server(request -> status(503));
        OkHttpClient plain = world.client;
        for (String place : List.of(
                "http://localhost:1/", "http://127.0.0.1:1/", broken.url("/").toString())) {
            world.client = plain.newBuilder()
                    .addInterceptor(chain -> chain.proceed(
                            chain.request().newBuilder().url(place).build()))
                    .build();
            for (int call = 0; call < 5; call++) {
                try (Response response = get("http://orders/")) {
                    assertThat(response.code()).isEqualTo(503);
                } catch (ConnectException refused) {
                    assertThat(place).endsWith(":1/");
                }
            }
        }
        assertThat(broken.getRequestCount()).isEqualTo(5);
        assertNobodyIsBlamed();
        world.client = plain;
    }

    @Test
    void anAbsurdRetryAfterIsAnAnswerLikeAnyOther() throws Exception {
        AtomicReference<String> hint = new AtomicReference<>("");
        serve(
                "a",
                request -> new MockResponse.Builder()
                        .code(503)
                        .addHeader("Date", "Sun, 29 Nov 2026 08:00:00 GMT")
                        .addHeader("Retry-After", hint.get())
                        .build());
        serve("b", request -> status(200));
        world.awaitInstances(2);
        for (String absurd : List.of(
                "99999999999999999999", "3000000000", "2147483648", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", "-1")) {
            hint.set(absurd);
            for (int call = 0; call < 2; call++) {
                try (Response response = get("http://orders/")) {
                    assertThat(response.code()).as(absurd).isEqualTo(200);
                }
            }
        }
        assertThat(arrived.get("a")).hasPositiveValue();
    }

    @Test
    void aDeadlineOfForEverIsNone() throws Exception {
        serve("a", request -> status(200));
        world.awaitInstances(1);
        Request request = new Request.Builder()
                .url("http://orders/")
                .tag(CallHints.class, CallHints.idempotent(true).within(ChronoUnit.FOREVER.getDuration()))
                .build();
        try (Response response = world.client.newCall(request).execute()) {
            assertThat(response.code()).isEqualTo(200);
        }
        Request late = new Request.Builder()
                .url("http://orders/")
                .tag(CallHints.class, CallHints.idempotent(true).within(Duration.ofSeconds(Long.MIN_VALUE)))
                .build();
        assertThatThrownBy(() -> world.client.newCall(late).execute().close()).isInstanceOf(RejectedException.class);
    }

    @Test
    void aSecondPassInAHedgedCallMakesNoMoreClones() throws Exception {
        serve("idle", request -> status(200));
        world.awaitInstances(1);
        AtomicInteger requests = new AtomicInteger();
        try (World hedged = new World(builder ->
                builder.policy("round_robin").hedging(Hedging.defaults().withDelay(Duration.ofSeconds(20))))) {
            MockWebServer server = server(request -> {
                requests.incrementAndGet();
                return status(500);
            });
            hedged.add("a", server.getPort());
            hedged.awaitInstances(1);
            OkHttpClient.Builder builder = new OkHttpClient.Builder().addInterceptor(chain -> {
                chain.proceed(chain.request()).close();
                return chain.proceed(chain.request());
            });
            hedged.client = DiscoveryOkHttp.configure(builder, hedged.fairlead).build();
            assertThat(hedged.get("http://orders/")).isEmpty();
            assertThat(requests.get()).isLessThanOrEqualTo(8);
            hedged.assertNothingInFlight();
        }
    }

    @Test
    void aCallThatAnInterceptorBehindMakesMeanwhileChangesNothing() throws Exception {
        List<String> order = new ArrayList<>();
        serve("a", request -> {
            order.add("a");
            return status(503);
        });
        serve("b", request -> {
            order.add("b");
            return status(503);
        });
        MockWebServer tokens = server(request -> status(200));
        world.registry.register(
                ServiceInstance.builder("tokens")
                        .id("t")
                        .address("127.0.0.1", tokens.getPort())
                        .build(),
                HealthCheck.none());
        world.awaitInstances(2);
        OkHttpClient plain = world.client;
        world.client = plain.newBuilder()
                .addInterceptor(chain -> {
                    plain.newCall(new Request.Builder().url("http://tokens/").build())
                            .execute()
                            .close();
                    return chain.proceed(chain.request());
                })
                .build();
        get("http://orders/").close();
        assertThat(order).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aBareInterruptComesOutAsAnIoExceptionAndIsNobodys() throws Exception {
        serve("a", request -> status(200));
        world.awaitInstances(1);
        world.client = world.client
                .newBuilder()
                .addInterceptor(chain -> {
                    throw HopsTest.<RuntimeException>undeclared(new InterruptedException());
                })
                .build();
        assertThatThrownBy(() -> get("http://orders/").close()).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertNobodyIsBlamed();
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception> E undeclared(Exception failure) throws E {
        throw (E) failure;
    }

    @Test
    void aNameThatIsNoneAndAPredicateThatThrowsAreAnIoException() throws Exception {
        serve("a", request -> status(200));
        world.awaitInstances(1);
        for (String host : List.of("_orders", "orders-")) {
            assertThatThrownBy(() -> get("http://" + host + "/").close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(host);
            CompletableFuture<IOException> failure = new CompletableFuture<>();
            world.client
                    .newCall(new Request.Builder().url("http://" + host + "/").build())
                    .enqueue(new Callback() {
                        @Override
                        public void onFailure(Call call, IOException broken) {
                            failure.complete(broken);
                        }

                        @Override
                        public void onResponse(Call call, Response response) {
                            response.close();
                        }
                    });
            assertThat(failure.get()).isInstanceOf(ServiceUnavailableException.class);
        }
    }

    @Test
    void eachClientsOwnDnsFindsAnInstanceByName() throws Exception {
        MockWebServer server = server(request -> status(200));
        world.registry.register(
                ServiceInstance.builder("orders")
                        .id("named")
                        .address("somewhere.internal", server.getPort())
                        .build(),
                HealthCheck.none());
        world.awaitInstances(1);
        List<String> asked = new ArrayList<>();
        for (String name : List.of("first", "second")) {
            world.client = world.client
                    .newBuilder()
                    .dns(host -> {
                        asked.add(name + " " + host);
                        return List.of(InetAddress.getLoopbackAddress());
                    })
                    .build();
            get("http://orders/").close();
        }
        assertThat(asked).containsExactly("first somewhere.internal", "second somewhere.internal");
    }

    @Test
    void twentyInstancesKeepTwentyConnections() throws Exception {
        for (int i = 0; i < 20; i++) {
            serve("i" + i, request -> status(200));
        }
        world.awaitInstances(20);
        for (int call = 0; call < 200; call++) {
            get("http://orders/").close();
        }
        assertThat(world.client.connectionPool().connectionCount()).isEqualTo(20);
    }

    private void assertNobodyIsBlamed() {
        assertThat(world.fairlead.status("orders").instances()).allSatisfy(view -> {
            assertThat(view.health().state()).isEqualTo(InstanceHealth.State.ACTIVE);
            assertThat(view.failures()).isZero();
        });
    }

    private Response get(String url) throws IOException {
        return world.client.newCall(new Request.Builder().url(url).build()).execute();
    }

    private List<String> hosts() throws InterruptedException {
        List<String> hosts = new ArrayList<>();
        for (MockWebServer server : servers) {
            for (int i = server.getRequestCount(); i > 0; i--) {
                hosts.add(server.takeRequest().getHeaders().get("Host"));
            }
        }
        return hosts;
    }

    private static MockResponse status(int code) {
        return new MockResponse.Builder().code(code).build();
    }

    private static MockResponse redirect(String to) {
        return redirect(302, to);
    }

    private static MockResponse redirect(int code, String to) {
        return new MockResponse.Builder().code(code).addHeader("Location", to).build();
    }

    private void serve(String id, Function<RecordedRequest, MockResponse> answer) throws IOException {
        AtomicInteger count = arrived.computeIfAbsent(id, any -> new AtomicInteger());
        MockWebServer server = server(request -> {
            count.incrementAndGet();
            return answer.apply(request);
        });
        world.add(id, server.getPort());
    }

    private MockWebServer server(Function<RecordedRequest, MockResponse> answer) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return answer.apply(request);
            }
        });
        server.start();
        servers.add(server);
        return server;
    }
}
