// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.ServiceStatus.MirrorView;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.testkit.LeakCheck;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Copies of calls, and what requests say of their route, through the JDK's client, on real sockets. */
@Tag("slow")
class MirrorTest {
    private static final Mirror SHADOW = Mirror.to("shadow");

    @RegisterExtension
    final LeakCheck leaks = World.leakCheck();

    private final List<WireMockServer> servers = new ArrayList<>();
    private WireMockServer stable;
    private World world;

    @AfterEach
    void stop() {
        await().untilAsserted(() -> assertThat(view().inFlight()).isZero());
        assertThat(attempts("shadow")).as("attempts on the mirror").isZero();
        world.close();
        servers.forEach(WireMockServer::stop);
    }

    @Test
    void aCopyHasTheSamePathNamesItsRuleAndHasNoCredentials() throws Exception {
        world(SHADOW);
        WireMockServer shadow = serve("shadow", aResponse());
        call(withCredentials());
        LoggedRequest copy = awaited(shadow);
        assertThat(copy.getUrl()).isEqualTo("/v1/a%20b?q=1");
        assertThat(copy.getHeader(CallSpec.MIRROR_HEADER)).isEqualTo("default");
        assertThat(copy.getHeader("traceparent")).isEqualTo("00-1-2-01");
        assertThat(copy.getHeader(CallSpec.ROUTE_HEADER)).isNull();
        assertThat(copy.getHeader("Authorization")).isNull();
        assertThat(copy.getHeader("Cookie")).isNull();
        LoggedRequest original = awaited(stable);
        assertThat(original.getHeader(CallSpec.MIRROR_HEADER)).isNull();
        assertThat(original.getHeader("Authorization")).isEqualTo("Bearer secret");
        assertThat(original.getHeader("Cookie")).isEqualTo("session=secret");
    }

    @Test
    void credentialsAreKeptWhereTheRuleSaysSo() throws Exception {
        world(SHADOW.withCredentials(true));
        WireMockServer shadow = serve("shadow", aResponse());
        call(withCredentials());
        LoggedRequest copy = awaited(shadow);
        assertThat(copy.getHeader("Authorization")).isEqualTo("Bearer secret");
        assertThat(copy.getHeader("Cookie")).isEqualTo("session=secret");
    }

    @Test
    void aCallThatIsACopyIsNotCopiedAgain() throws Exception {
        world(SHADOW);
        WireMockServer shadow = serve("shadow", aResponse());
        call(request().header(CallSpec.MIRROR_HEADER, "elsewhere").build());
        call(request().build());
        awaited(shadow);
        assertThat(seen(shadow)).hasSize(1);
        assertThat(view().sent()).isEqualTo(1);
    }

    @Test
    void aBodyIsCopiedWhenItIsSmallAndCanBeSentTwice() throws Exception {
        world(SHADOW.withMethods("POST").withMaxBody(5));
        WireMockServer shadow = serve("shadow", aResponse());
        call(request().POST(BodyPublishers.ofString("small")).build());
        assertThat(awaited(shadow).getBodyAsString()).isEqualTo("small");
        call(request().POST(BodyPublishers.ofString("larger")).build());
        call(request()
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[3])))
                .build());
        call(request().build());
        assertThat(seen(stable)).hasSize(4);
        assertThat(seen(shadow)).hasSize(1);
        assertThat(view().body()).isEqualTo(2);
    }

    @Test
    void aMirrorThatHangsSlowsNoCallAndFailsNone() throws Exception {
        world(SHADOW.withInFlight(2).withTimeout(Duration.ofSeconds(60)));
        try (ServerSocket hangs = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            add("shadow", hangs.getLocalPort());
            List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
                call(request().build());
                calls.add(world.client.sendAsync(request().build(), BodyHandlers.ofString()));
            }
            calls.forEach(call -> assertThat(call.join().statusCode()).isEqualTo(200));
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
            call(request().build());
        }
        await().untilAsserted(() -> assertThat(view().failed()).isEqualTo(20));
        assertThat(attempts("stable")).isEqualTo(20);
        assertThat(world.failures()).isZero();
    }

    @Test
    void aCopyFollowsNoRedirect() throws Exception {
        world(SHADOW);
        WireMockServer shadow =
                serve("shadow", aResponse().withStatus(302).withHeader("Location", "http://orders/elsewhere"));
        call(request().build());
        await().untilAsserted(() -> assertThat(view()).isEqualTo(new MirrorView("default", 1, 0, 0, 0, 0, 0, 0)));
        assertThat(seen(shadow)).hasSize(1);
    }

    @Test
    void anEndlessAnswerOfAMirrorIsReadInBounds() throws Exception {
        world(SHADOW.withTimeout(Duration.ofSeconds(60)));
        serve("shadow", aResponse().withBody(new byte[8 << 20]));
        call(request().build());
        await().untilAsserted(() -> assertThat(view()).isEqualTo(new MirrorView("default", 1, 0, 0, 0, 0, 0, 0)));
    }

    @Test
    void aRuleThatTellsSaysRuleAndSubsetInPlaceOfWhatTheCallerSaysOnEachHop() throws Exception {
        world(Rule.otherwise().to("stable").mirror(SHADOW).tell().build());
        WireMockServer outside = server(aResponse());
        stable.resetAll();
        stable.stubFor(any(anyUrl())
                .willReturn(aResponse()
                        .withStatus(302)
                        .withHeader("Location", "http://localhost:" + outside.port() + "/there")));
        call(request().header(CallSpec.ROUTE_HEADER, "forged").build());
        assertThat(awaited(stable).header(CallSpec.ROUTE_HEADER).values()).containsExactly("default/stable");
        call(request().build());
        assertThat(seen(stable).get(1).header(CallSpec.ROUTE_HEADER).values()).containsExactly("default/stable");
        assertThat(seen(outside).get(1).getHeader(CallSpec.ROUTE_HEADER)).isNull();
    }

    @Test
    void aRuleThatDoesNotTellLeavesTheHeaderAlone() throws Exception {
        world(SHADOW);
        call(request().build());
        call(request().header(CallSpec.ROUTE_HEADER, "the caller's").build());
        assertThat(seen(stable).get(0).getHeader(CallSpec.ROUTE_HEADER)).isNull();
        assertThat(seen(stable).get(1).getHeader(CallSpec.ROUTE_HEADER)).isEqualTo("the caller's");
    }

    private void world(Mirror mirror) {
        world(Rule.otherwise().to("stable").mirror(mirror).build());
    }

    private void world(Rule rule) {
        Routes routes = Routes.builder()
                .subset("stable", Subset.ofTags("stable"))
                .subset("shadow", Subset.ofTags("shadow"))
                .otherwise(rule)
                .build();
        world = new World(
                () -> HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(Redirect.NORMAL)
                        .build(),
                builder -> builder.forService("orders", options -> options.withRoutes(routes)));
        stable = serve("stable", aResponse());
    }

    private WireMockServer serve(String tag, ResponseDefinitionBuilder answer) {
        WireMockServer server = server(answer);
        add(tag, server.port());
        return server;
    }

    private WireMockServer server(ResponseDefinitionBuilder answer) {
        WireMockServer server = new WireMockServer(options().dynamicPort());
        server.start();
        server.stubFor(any(anyUrl()).willReturn(answer));
        servers.add(server);
        return server;
    }

    private void add(String tag, int port) {
        world.registry.register(
                ServiceInstance.builder("orders")
                        .id(tag)
                        .tag(tag)
                        .address("127.0.0.1", port)
                        .build(),
                HealthCheck.none());
        world.awaitInstances(tag.equals("stable") ? 1 : 2);
    }

    private static List<LoggedRequest> seen(WireMockServer server) {
        return server.findAll(anyRequestedFor(anyUrl()));
    }

    private static LoggedRequest awaited(WireMockServer server) {
        return await().until(() -> seen(server), all -> !all.isEmpty()).get(0);
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

    private static HttpRequest.Builder request() {
        return HttpRequest.newBuilder(URI.create("http://orders/v1/a%20b?q=1"));
    }

    private static HttpRequest withCredentials() {
        return request()
                .header("Authorization", "Bearer secret")
                .header("Cookie", "session=secret")
                .header(CallSpec.ROUTE_HEADER, "forged")
                .header("traceparent", "00-1-2-01")
                .build();
    }

    private void call(HttpRequest request) throws IOException, InterruptedException {
        assertThat(world.client.send(request, BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }
}
