// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ServiceStatus.MirrorView;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Copies of calls through OkHttp, on real sockets. */
class MirrorTest {
    private static final Mirror SHADOW = Mirror.to("shadow");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final List<MockWebServer> servers = new ArrayList<>();
    private MockWebServer stable;
    private World world;

    @AfterEach
    void stop() {
        await().untilAsserted(() -> assertThat(view().inFlight()).isZero());
        world.assertNothingInFlight();
        assertThat(attempts("shadow")).as("attempts on the mirror").isZero();
        world.close();
        servers.forEach(MockWebServer::close);
    }

    @Test
    void aCopyHasTheSameHostAndPathNamesItsRuleAndHasNoCredentials() throws Exception {
        world(SHADOW);
        MockWebServer shadow = serve("shadow", request -> ok());
        assertThat(call(withCredentials())).isEqualTo("ok");
        RecordedRequest copy = shadow.takeRequest();
        assertThat(copy.getRequestLine()).isEqualTo("GET /v1/a%20b?q=1 HTTP/1.1");
        assertThat(copy.getHeaders().get("Host")).isEqualTo("orders");
        assertThat(copy.getHeaders().values("X-Fairlead-Mirror")).containsExactly("default");
        assertThat(copy.getHeaders().get("traceparent")).isEqualTo("00-1-2-01");
        assertThat(copy.getHeaders().names())
                .doesNotContain("Authorization", "Cookie", "Proxy-Authorization", "X-Fairlead-Route");
        RecordedRequest original = stable.takeRequest();
        assertThat(original.getHeaders().names())
                .contains("Authorization", "Cookie", "Proxy-Authorization")
                .doesNotContain("X-Fairlead-Mirror");
    }

    @Test
    void credentialsAreKeptWhereTheRuleSaysSo() throws Exception {
        world(SHADOW.withCredentials(true));
        MockWebServer shadow = serve("shadow", request -> ok());
        assertThat(call(withCredentials())).isEqualTo("ok");
        RecordedRequest copy = shadow.takeRequest();
        assertThat(copy.getHeaders().names()).contains("Authorization", "Cookie", "Proxy-Authorization");
    }

    @Test
    void aCallThatIsACopyIsNotCopiedAgain() throws Exception {
        world(SHADOW);
        MockWebServer shadow = serve("shadow", request -> ok());
        call(request().header("X-Fairlead-Mirror", "elsewhere").build());
        call(request().header("X-Fairlead-Mirror", "").build());
        call(request().build());
        shadow.takeRequest();
        assertThat(shadow.getRequestCount()).isEqualTo(1);
        assertThat(view().sent()).isEqualTo(1);
    }

    @Test
    void aBodyIsCopiedWhenItIsSmallAndCanBeSentTwice() throws Exception {
        world(SHADOW.withMethods("POST").withMaxBody(5));
        MockWebServer shadow = serve("shadow", request -> ok());
        call(request().post(RequestBody.create("small", null)).build());
        assertThat(shadow.takeRequest().getBody().utf8()).isEqualTo("small");
        call(request().post(RequestBody.create("larger", null)).build());
        call(request().post(body("small", -1, false)).build());
        call(request().post(body("small", 5, true)).build());
        call(request().build());
        assertThat(stable.getRequestCount()).isEqualTo(5);
        assertThat(shadow.getRequestCount()).isEqualTo(1);
        assertThat(view().body()).isEqualTo(3);
    }

    @Test
    void aMirrorThatHangsSlowsNoCallAndFailsNone() throws Exception {
        world(SHADOW.withInFlight(2).withTimeout(Duration.ofSeconds(60)));
        try (ServerSocket hangs = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            add("shadow", hangs.getLocalPort());
            for (int i = 0; i < 50; i++) {
                assertThat(call(request().build())).isEqualTo("ok");
            }
            // Both copies are under way still: no call has waited for one.
            assertThat(view()).isEqualTo(new MirrorView("default", 2, 48, 0, 0, 0, 0, 2));
        }
        await().untilAsserted(() -> assertThat(view()).isEqualTo(new MirrorView("default", 2, 48, 0, 0, 0, 2, 0)));
    }

    @Test
    void aCopyEndsAtTheMirrorsTimeout() throws Exception {
        world(SHADOW.withTimeout(Duration.ofMillis(300)));
        try (ServerSocket hangs = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            add("shadow", hangs.getLocalPort());
            call(request().build());
            await().untilAsserted(() -> assertThat(view()).isEqualTo(new MirrorView("default", 1, 0, 0, 0, 0, 1, 0)));
        }
    }

    @Test
    void aMirrorThatIsDeadIsNobodysFailure() throws Exception {
        world(SHADOW);
        try (ServerSocket dead = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            add("shadow", dead.getLocalPort());
        }
        for (int i = 0; i < 20; i++) {
            assertThat(call(request().build())).isEqualTo("ok");
        }
        await().untilAsserted(() -> assertThat(view().failed()).isEqualTo(20));
        assertThat(attempts("stable")).isEqualTo(20);
    }

    @Test
    void aCopyFollowsNoRedirectAndIsNeverSentTwice() throws Exception {
        world(SHADOW);
        MockWebServer shadow = serve(
                "shadow",
                request -> request.getUrl().encodedPath().equals("/busy")
                        ? new MockResponse.Builder()
                                .code(503)
                                .setHeader("Retry-After", "0")
                                .build()
                        : new MockResponse.Builder()
                                .code(302)
                                .setHeader("Location", "/elsewhere")
                                .build());
        call(request().build());
        call(request().url("http://orders/busy").build());
        await().untilAsserted(() -> assertThat(shadow.getRequestCount()).isEqualTo(2));
        await().untilAsserted(() -> assertThat(view()).isEqualTo(new MirrorView("default", 2, 0, 0, 0, 0, 0, 0)));
        assertThat(shadow.getRequestCount()).isEqualTo(2);
    }

    @Test
    void anEndlessAnswerOfAMirrorIsReadInBounds() throws Exception {
        world(SHADOW.withTimeout(Duration.ofSeconds(60)));
        serve(
                "shadow",
                request -> new MockResponse.Builder()
                        .body(new Buffer().write(new byte[8 << 20]))
                        .build());
        call(request().build());
        await().untilAsserted(() -> assertThat(view()).isEqualTo(new MirrorView("default", 1, 0, 0, 0, 0, 0, 0)));
    }

    @Test
    void aCallThatIsHedgedIsCopiedOnce() throws Exception {
        world(
                SHADOW,
                options -> options.withHedging(
                        Hedging.defaults().withDelay(Duration.ofMillis(1)).withMaxExtraLoad(1)));
        MockWebServer shadow = serve("shadow", request -> ok());
        for (int i = 0; i < 5; i++) {
            assertThat(call(request().build())).isEqualTo("ok");
        }
        await().untilAsserted(() -> assertThat(shadow.getRequestCount()).isEqualTo(5));
        assertThat(view().sent()).isEqualTo(5);
    }

    private void world(Mirror mirror) throws IOException {
        world(mirror, options -> options);
    }

    private void world(Mirror mirror, UnaryOperator<ServiceOptions> more) throws IOException {
        Routes routes = Routes.builder()
                .subset("stable", Subset.ofTags("stable"))
                .subset("shadow", Subset.ofTags("shadow"))
                .otherwise(Rule.otherwise().to("stable").mirror(mirror).build())
                .build();
        world = new World(builder ->
                builder.forService("orders", options -> more.apply(options).withRoutes(routes)));
        stable = serve("stable", request -> ok());
    }

    private MockWebServer serve(String tag, Function<RecordedRequest, MockResponse> answer) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return answer.apply(request);
            }
        });
        server.start();
        servers.add(server);
        add(tag, server.getPort());
        return server;
    }

    private void add(String tag, int port) {
        int before = tag.equals("stable") ? 0 : 1;
        world.registry.register(
                ServiceInstance.builder("orders")
                        .id(tag)
                        .tag(tag)
                        .address("127.0.0.1", port)
                        .build(),
                HealthCheck.none());
        world.awaitInstances(before + 1);
    }

    private MirrorView view() {
        return world.fairlead.status("orders").routes().mirrors().get(0);
    }

    private long attempts(String id) {
        return world.fairlead.status("orders").instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .mapToLong(InstanceView::started)
                .sum();
    }

    private static Request.Builder request() {
        return new Request.Builder().url("http://orders/v1/a%20b?q=1");
    }

    private static Request withCredentials() {
        return request()
                .header("Authorization", "Bearer secret")
                .header("Cookie", "session=secret")
                .header("Proxy-Authorization", "Basic secret")
                .header("X-Fairlead-Route", "forged")
                .header("traceparent", "00-1-2-01")
                .build();
    }

    private static RequestBody body(String text, long length, boolean oneShot) {
        RequestBody body = RequestBody.create(text, null);
        return new RequestBody() {
            @Override
            public MediaType contentType() {
                return null;
            }

            @Override
            public long contentLength() {
                return length;
            }

            @Override
            public boolean isOneShot() {
                return oneShot;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                body.writeTo(sink);
            }
        };
    }

    private String call(Request request) throws IOException {
        try (Response response = world.client.newCall(request).execute()) {
            return response.body().string();
        }
    }

    private static MockResponse ok() {
        return new MockResponse.Builder().body("ok").build();
    }
}
