// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketAddress;
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
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects, cookies, passwords and proxies: what the JDK's client keeps by address has the service's name here. */
@Tag("slow")
class HopsTest {
    private final List<WireMockServer> servers = new ArrayList<>();
    private World world;

    @RegisterExtension
    final LeakCheck leaks = World.leakCheck();

    @AfterEach
    void stop() {
        world.close();
        servers.forEach(WireMockServer::stop);
    }

    @ParameterizedTest
    @ValueSource(strings = {"refused", "unresolved", "tls", "service", "hung up", "unreadable", "absent", "metadata"})
    void aPostThatWasAnsweredIsProcessedOnceAndNobodyIsBlamedForALaterHop(String trouble) throws Exception {
        world(client -> client.followRedirects(Redirect.ALWAYS));
        WireMockServer other = server();
        ResponseDefinitionBuilder led = aResponse().withStatus(303);
        try (ServerSocket refusing = new ServerSocket(0)) {
            String location = switch (trouble) {
                case "refused" -> "http://127.0.0.1:" + refusing.getLocalPort() + "/";
                case "unresolved" -> "http://no-such-host.invalid/";
                case "tls" -> "https://127.0.0.1:" + other.port() + "/";
                case "service" -> "http://nobody/";
                case "hung up" -> "http://127.0.0.1:" + other.port() + "/";
                case "unreadable" -> "http://[";
                case "metadata" -> "http://169.254.169.254/latest";
                default -> null;
            };
            led = location == null ? led : led.withHeader("Location", location);
            refusing.close();
            other.stubFor(any(anyUrl()).willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
            List<WireMockServer> instances = List.of(server(), server(), server());
            for (WireMockServer instance : instances) {
                instance.stubFor(any(anyUrl()).willReturn(led));
                world.add("i" + instance.port(), instance.port());
            }
            world.awaitInstances(3);
            HttpRequest post = HttpRequest.newBuilder(URI.create("http://orders/pay"))
                    .POST(BodyPublishers.ofString("{}"))
                    .build();
            assertThatThrownBy(() -> world.client.send(post, BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
            assertThat(instances.stream()
                            .mapToInt(instance -> instance.getAllServeEvents().size())
                            .sum())
                    .isEqualTo(1);
            assertThat(world.failures()).isZero();
        }
    }

    @Test
    void aLocationThatNamesAServiceIsFollowedThroughDiscoveryAndTheChainIsKept() throws Exception {
        world(client -> client.followRedirects(Redirect.NORMAL));
        orders().stubFor(any(anyUrl())
                .willReturn(aResponse().withStatus(302).withHeader("Location", "http://billing/pay?x=1")));
        WireMockServer billing = server();
        billing.stubFor(any(anyUrl()).willReturn(aResponse().withBody("paid")));
        billing(billing.port());
        HttpRequest post = HttpRequest.newBuilder(URI.create("http://orders/pay"))
                .header("Authorization", "secret")
                .header("X-Other", "kept")
                .POST(BodyPublishers.ofString("{}"))
                .build();
        HttpResponse<String> response = world.client.send(post, BodyHandlers.ofString());
        assertThat(response.body()).isEqualTo("paid");
        assertThat(response.uri()).hasToString("http://billing/pay?x=1");
        assertThat(response.request().method()).isEqualTo("GET");
        HttpResponse<String> first = response.previousResponse().orElseThrow();
        assertThat(first.statusCode()).isEqualTo(302);
        assertThat(first.request()).isSameAs(post);
        assertThat(first.previousResponse()).isEmpty();
        assertThat(header(billing, "Authorization")).isNull();
        assertThat(header(billing, "X-Other")).isEqualTo("kept");
    }

    @Test
    void aLocationWithTheInstancesOwnAddressMeansTheService() throws Exception {
        world(client -> client.followRedirects(Redirect.NORMAL));
        WireMockServer orders = orders();
        orders.stubFor(any(anyUrl())
                .willReturn(aResponse()
                        .withStatus(308)
                        .withHeader("Location", "http://127.0.0.1:" + orders.port() + "/there")));
        orders.stubFor(any(urlEqualTo("/there")).willReturn(aResponse().withBody("there")));
        HttpRequest put = HttpRequest.newBuilder(URI.create("http://orders/"))
                .PUT(BodyPublishers.ofString("sent twice"))
                .build();
        HttpResponse<String> response = world.client.send(put, BodyHandlers.ofString());
        assertThat(response.body()).isEqualTo("there");
        assertThat(response.uri()).hasToString("http://orders/there");
        assertThat(orders.getAllServeEvents())
                .extracting(event -> event.getRequest().getBodyAsString())
                .containsExactly("sent twice", "sent twice");
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 302, 303, 304, 305, 307, 308})
    void redirectsAreFollowedAsTheJdksClientDoes(int status) throws Exception {
        world(client -> client.followRedirects(Redirect.NORMAL));
        WireMockServer orders = orders();
        orders.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status).withHeader("Location", "/loop?a=%20")));
        for (String method : List.of("GET", "POST", "PUT", "HEAD", "DELETE", "PATCH")) {
            List<Integer> statuses = new ArrayList<>();
            List<List<String>> seen = new ArrayList<>();
            for (String host : List.of("127.0.0.1:" + orders.port(), "orders")) {
                orders.resetRequests();
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + "/"))
                        .method(method, method.equals("POST") ? BodyPublishers.ofString("b") : BodyPublishers.noBody())
                        .build();
                statuses.add(world.client.send(request, BodyHandlers.ofString()).statusCode());
                seen.add(orders.getAllServeEvents().stream()
                        .map(ServeEvent::getRequest)
                        .map(got -> got.getMethod() + " " + got.getUrl() + " " + got.getBodyAsString())
                        .toList());
            }
            assertThat(statuses.get(1)).isEqualTo(statuses.get(0));
            assertThat(seen.get(1)).as(method).isEqualTo(seen.get(0)).isNotEmpty();
        }
    }

    @Test
    void servicesOnOneAddressHaveNoCookieInCommon() throws Exception {
        world(client -> client.cookieHandler(new CookieManager()));
        WireMockServer both = orders();
        billing(both.port());
        both.stubFor(any(anyUrl())
                .willReturn(aResponse().withStatus(200).withHeader("Set-Cookie", "session=orders; Path=/")));
        get("http://orders/");
        both.stubFor(any(anyUrl()).willReturn(aResponse()));
        get("http://billing/");
        assertThat(header(both, "Cookie")).isNull();
        HttpRequest own = HttpRequest.newBuilder(URI.create("http://orders/"))
                .header("Cookie", "own=1")
                .build();
        world.client.send(own, BodyHandlers.discarding());
        assertThat(header(both, "Cookie")).isEqualTo("own=1; session=orders");
    }

    @Test
    void anAuthenticatorIsAskedUnderTheServicesName() throws Exception {
        List<String> asked = new ArrayList<>();
        world(client -> client.authenticator(new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                asked.add(getRequestingHost() + " " + getRequestingPrompt() + " " + getRequestingURL());
                return new PasswordAuthentication("me", "pass".toCharArray());
            }
        }));
        WireMockServer orders = orders();
        orders.stubFor(any(anyUrl())
                .willReturn(aResponse()
                        .withStatus(401)
                        .withHeader("WWW-Authenticate", "Digest realm=\"x\", Basic realm=\"shop\"")));
        orders.stubFor(
                any(anyUrl()).withBasicAuth("me", "pass").willReturn(aResponse().withBody("in")));
        assertThat(get("http://orders/a").body()).isEqualTo("in");
        assertThat(asked).containsExactly("orders shop http://orders/a");
        assertThat(world.failures()).isZero();
    }

    @Test
    void passwordsAreRememberedAndRefusedAsByTheJdksClient() throws Exception {
        List<String> asked = new ArrayList<>();
        world(client -> client.followRedirects(Redirect.NORMAL).authenticator(new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                asked.add(getRequestingURL().getPath());
                return new PasswordAuthentication("me", "pass".toCharArray());
            }
        }));
        WireMockServer orders = orders();
        ResponseDefinitionBuilder refused =
                aResponse().withStatus(401).withHeader("WWW-Authenticate", "Basic realm=\"shop\"");
        List<List<String>> seen = new ArrayList<>();
        for (String origin : List.of("http://127.0.0.1:" + orders.port(), "http://orders")) {
            orders.stubFor(any(anyUrl()).willReturn(refused));
            orders.stubFor(any(anyUrl()).withBasicAuth("me", "pass").willReturn(aResponse()));
            orders.stubFor(any(urlEqualTo("/a/led"))
                    .withBasicAuth("me", "pass")
                    .willReturn(aResponse().withStatus(302).withHeader("Location", "/z/there")));
            orders.resetRequests();
            asked.clear();
            for (String path : List.of("/a/b", "/a/c?x=1", "/a/d/e", "/a/led", "/z/there", "", "/any")) {
                HttpResponse<String> response = get(origin + path);
                assertThat(response.request().headers().map()).isEmpty();
            }
            if (origin.equals("http://orders")) {
                // Before Java 24 the JDK's client sends another one than the caller's own.
                HttpRequest own = HttpRequest.newBuilder(URI.create(origin + "/own"))
                        .header("Authorization", "Basic mine")
                        .build();
                assertThat(world.client.send(own, BodyHandlers.ofString()).statusCode())
                        .isEqualTo(401);
                orders.removeServeEventsMatching(
                        anyRequestedFor(urlEqualTo("/own")).build());
            }
            orders.stubFor(any(anyUrl()).willReturn(refused));
            assertThatThrownBy(() -> get(origin + "/a/b")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> get(origin + "/a/b")).isInstanceOf(IOException.class);
            List<String> all = new ArrayList<>(asked);
            all.addAll(orders.getAllServeEvents().stream()
                    .map(ServeEvent::getRequest)
                    .map(got -> got.getUrl() + " " + got.getHeader("Authorization"))
                    .toList());
            seen.add(all);
        }
        assertThat(seen.get(1)).isEqualTo(seen.get(0));
        assertThat(world.failures()).isZero();
    }

    @Test
    void noMoreThanTheNewestPasswordsAreKept() {
        world(client -> client);
        AcceptedPasswords accepted = new AcceptedPasswords();
        for (int i = 0; i < 2 * AcceptedPasswords.MOST; i++) {
            accepted.add(URI.create("http://orders/" + i + "/"), "Basic " + i);
        }
        assertThat(accepted.under(URI.create("http://ORDERS/" + AcceptedPasswords.MOST + "/x")))
                .isEqualTo("Basic " + AcceptedPasswords.MOST);
        assertThat(accepted.under(URI.create("http://orders/0/"))).isNull();
    }

    @Test
    void aProxyIsAskedForOtherHostsOnly() throws Exception {
        List<URI> asked = new ArrayList<>();
        WireMockServer proxy = server();
        proxy.stubFor(any(anyUrl()).willReturn(aResponse().withBody("by proxy")));
        world(client -> client.followRedirects(Redirect.NORMAL).proxy(new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                asked.add(uri);
                return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", proxy.port())));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        }));
        WireMockServer orders = orders();
        orders.stubFor(any(anyUrl()).willReturn(aResponse().withBody("straight")));
        assertThat(get("http://orders/").body()).isEqualTo("straight");
        assertThat(asked).isEmpty();
        orders.stubFor(
                any(anyUrl()).willReturn(aResponse().withStatus(302).withHeader("Location", "http://far.invalid/x")));
        assertThat(get("http://orders/").body()).isEqualTo("by proxy");
        assertThat(asked).containsOnly(URI.create("http://far.invalid/x"));
    }

    @Test
    void aClientOfAnotherMakeIsTakenOnlyIfItHidesNoHop() {
        world(client -> client);
        HttpClient plain = DiscoveryHttpClient.wrap(HttpClient.newHttpClient(), world.fairlead);
        assertThat(DiscoveryHttpClient.wrap(plain, world.fairlead)).isNotNull();
        HttpClient hiding = DiscoveryHttpClient.wrap(
                HttpClient.newBuilder().followRedirects(Redirect.NORMAL).build(), world.fairlead);
        assertThatThrownBy(() -> DiscoveryHttpClient.wrap(hiding, world.fairlead))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("redirects NORMAL")
                .hasMessageContaining("expected: the JDK's own client");
    }

    private HttpResponse<String> get(String url) throws Exception {
        return world.client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }

    private static String header(WireMockServer server, String name) {
        return server.getAllServeEvents().get(0).getRequest().getHeader(name);
    }

    private void world(UnaryOperator<HttpClient.Builder> client) {
        world = new World(
                () -> client.apply(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1))
                        .build(),
                builder -> builder);
    }

    private WireMockServer orders() {
        WireMockServer orders = server();
        world.add("one", orders.port());
        world.awaitInstances(1);
        return orders;
    }

    private void billing(int port) {
        world.registry.register(
                ServiceInstance.builder("billing").address("127.0.0.1", port).build(), HealthCheck.none());
        world.fairlead.awaitReady(Duration.ofSeconds(5), "billing");
    }

    private WireMockServer server() {
        WireMockServer server = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        servers.add(server);
        return server;
    }
}
