// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.balancer.ServiceUnavailableException;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where calls go, over which connections, and under which name. */
@Tag("slow")
class RoutingTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final World world = new World("round_robin");
    private final List<MockWebServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        world.close();
        servers.forEach(MockWebServer::close);
    }

    @Test
    void threeHundredCallsReachTheirInstancesOverThreeConnections() throws Exception {
        start(3, null, Protocol.HTTP_1_1);
        assertEvenOverThreeConnections("http");
    }

    @Test
    void tlsKeepsTheServicesNameWhoseCertificateNamesNothingElse() throws Exception {
        start(3, trustOrders(), Protocol.HTTP_1_1);
        assertEvenOverThreeConnections("https");
    }

    @Test
    void http2KeepsOneConnectionAnInstance() throws Exception {
        start(3, trustOrders(), Protocol.HTTP_2);
        assertEvenOverThreeConnections("https");
    }

    @Test
    void theLogicalNameStandsInHostAndInTheResponsesRequest() throws Exception {
        start(1, null, Protocol.HTTP_1_1);
        try (Response response = world.client
                .newCall(new Request.Builder()
                        .url("http://Orders:8123/v1/42?q=1")
                        .build())
                .execute()) {
            assertThat(response.request().url()).hasToString("http://orders:8123/v1/42?q=1");
        }
        RecordedRequest seen = servers.get(0).takeRequest();
        assertThat(seen.getHeaders().get("Host")).isEqualTo("orders:8123");
        assertThat(seen.getTarget()).isEqualTo("/v1/42?q=1");
    }

    @Test
    void aNameWithTheRootDotIsTheService() throws Exception {
        start(1, null, Protocol.HTTP_1_1);
        assertThat(world.get("http://orders./")).isEqualTo("i0");
        assertThat(servers.get(0).takeRequest().getHeaders().get("Host")).isEqualTo("orders.");
        assertThat(world.fairlead.services()).containsExactly("orders");
    }

    @Test
    void hostsThatAreNoServicesPassThrough() throws Exception {
        start(1, null, Protocol.HTTP_1_1);
        int port = servers.get(0).getPort();
        assertThat(world.get("http://localhost:" + port + "/")).isEqualTo("i0");
        assertThat(world.get("http://127.0.0.1:" + port + "/")).isEqualTo("i0");
        assertThat(world.fairlead.services()).containsExactly("orders");
    }

    @Test
    void aRedirectToTheLogicalNameStaysWithTheInstance() throws Exception {
        start(1, null, Protocol.HTTP_1_1);
        assertThat(world.get("http://orders/redirect-to-orders")).isEqualTo("i0");
        assertThat(servers.get(0).getRequestCount()).isEqualTo(2);
    }

    @Test
    void aRedirectElsewhereGoesElsewhereAndTakesNoCredentials() throws Exception {
        start(1, null, Protocol.HTTP_1_1);
        try (MockWebServer elsewhere = new MockWebServer()) {
            elsewhere.start();
            elsewhere.enqueue(new MockResponse.Builder().body("elsewhere").build());
            Request request = new Request.Builder()
                    .url("http://orders/redirect")
                    .header("X-To", "http://localhost:" + elsewhere.getPort() + "/landing")
                    .header("Authorization", "Bearer secret")
                    .build();
            try (Response response = world.client.newCall(request).execute()) {
                assertThat(response.body().string()).isEqualTo("elsewhere");
            }
            assertThat(elsewhere.takeRequest().getHeaders().get("Authorization"))
                    .isNull();
        }
    }

    @Test
    void asynchronousCallsAreNotHeldAtFive() throws Exception {
        CountDownLatch arrived = new CountDownLatch(20);
        CountDownLatch go = new CountDownLatch(1);
        MockWebServer server = new MockWebServer();
        servers.add(server);
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
                arrived.countDown();
                go.await();
                return new MockResponse.Builder().body("ok").build();
            }
        });
        server.start();
        world.add("i0", server.getPort());
        world.awaitInstances(1);
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(enqueue("http://orders/"));
        }
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        go.countDown();
        for (CompletableFuture<Integer> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(200);
        }
    }

    @Test
    void aServiceNobodyKnowsIsAnIOExceptionWithASentence() throws Exception {
        start(1, null, Protocol.HTTP_1_1);
        assertThatThrownBy(() -> world.get("http://oders/"))
                .isInstanceOf(ServiceUnavailableException.class)
                .hasMessageContaining("No service is called 'oders' in memory");
    }

    private void assertEvenOverThreeConnections(String scheme) throws Exception {
        for (int i = 0; i < 150; i++) {
            world.get(scheme + "://orders/v1/" + i);
        }
        for (int i = 0; i < 150; i++) {
            assertThat(enqueue(scheme + "://orders/v1/" + i).get(20, TimeUnit.SECONDS))
                    .isEqualTo(200);
        }
        Set<String> connections = new HashSet<>();
        for (MockWebServer server : servers) {
            assertThat(server.getRequestCount()).isEqualTo(100);
            for (int i = 0; i < 100; i++) {
                connections.add(server.getPort() + " " + server.takeRequest().getConnectionIndex());
            }
        }
        assertThat(connections).hasSize(3);
    }

    private CompletableFuture<Integer> enqueue(String url) {
        CompletableFuture<Integer> status = new CompletableFuture<>();
        world.client.newCall(new Request.Builder().url(url).build()).enqueue(new Callback() {
            @Override
            public void onFailure(Call call, IOException failure) {
                status.completeExceptionally(failure);
            }

            @Override
            public void onResponse(Call call, Response response) throws IOException {
                // read, because a body thrown away may take its connection with it on a busy machine
                response.body().string();
                status.complete(response.code());
            }
        });
        return status;
    }

    private HandshakeCertificates trustOrders() {
        HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        HeldCertificate orders = new HeldCertificate.Builder()
                .addSubjectAlternativeName("orders")
                .signedBy(authority)
                .build();
        HandshakeCertificates trust = new HandshakeCertificates.Builder()
                .addTrustedCertificate(authority.certificate())
                .build();
        world.client = DiscoveryOkHttp.configure(new OkHttpClient.Builder(), world.fairlead)
                .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
                .build();
        return new HandshakeCertificates.Builder().heldCertificate(orders).build();
    }

    private void start(int count, HandshakeCertificates tls, Protocol protocol) throws Exception {
        for (int i = 0; i < count; i++) {
            MockWebServer server = new MockWebServer();
            if (tls != null) {
                server.useHttps(tls.sslSocketFactory());
            }
            server.setProtocols(
                    protocol == Protocol.HTTP_2
                            ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1)
                            : List.of(Protocol.HTTP_1_1));
            server.setDispatcher(answering("i" + i));
            server.start(InetAddress.getByName("127.0.0.1"), 0);
            servers.add(server);
            world.add("i" + i, server.getPort());
        }
        world.awaitInstances(count);
    }

    private static Dispatcher answering(String id) {
        return new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                String target = request.getTarget();
                if (target.equals("/redirect-to-orders")) {
                    return redirect("http://orders/landing");
                }
                return target.equals("/redirect")
                        ? redirect(request.getHeaders().get("X-To"))
                        : new MockResponse.Builder().body(id).build();
            }
        };
    }

    private static MockResponse redirect(String to) {
        return new MockResponse.Builder().code(302).addHeader("Location", to).build();
    }
}
