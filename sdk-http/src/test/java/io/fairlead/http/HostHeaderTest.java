// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whom an instance is told it was called as. The JDK reads its property once, so each answer needs a process. */
class HostHeaderTest {

    @Test
    void anInstanceSeesItsAddressUnlessTheJdkLetsTheNameBeSet() throws Exception {
        assertThat(hosts())
                .containsExactly(
                        "HTTP_1_1 address", "HTTP_1_1 address", "own: refused", "HTTP_2 address", "HTTP_2 address");
    }

    /** An upgrade is asked for with HTTP/1.1; what follows has no Host beside its authority. */
    @Test
    void anInstanceSeesTheServicesNameWhereTheJdkLetsItBeSet() throws Exception {
        assertThat(hosts("-Djdk.httpclient.allowRestrictedHeaders=host"))
                .containsExactly(
                        "HTTP_1_1 orders", "HTTP_1_1 orders:81", "HTTP_1_1 own", "HTTP_2 orders", "HTTP_2 address");
    }

    private static List<String> hosts(String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Collections.addAll(command, options);
        Collections.addAll(
                command,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                HostHeaderTest.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines()
                .filter(line -> line.startsWith("HTTP_") || line.startsWith("own:"))
                .toList();
    }

    /** Calls a server that speaks HTTP/1.1 only, then one that speaks HTTP/2, and prints what they saw. */
    public static void main(String... none) {
        int status = 1;
        try {
            call(server(options().http2PlainDisabled(true)), server(options()));
            status = 0;
        } catch (Throwable failed) {
            failed.printStackTrace(System.out);
        } finally {
            System.exit(status);
        }
    }

    private static void call(WireMockServer old, WireMockServer modern) throws Exception {
        try (MemoryRegistry registry =
                        MemoryRegistry.of(List.of(instance("orders", old), instance("modern.orders", modern)));
                Fairlead fairlead = Fairlead.builder(registry)
                        .services(host -> host.endsWith("orders"))
                        .build()) {
            fairlead.awaitReady(Duration.ofSeconds(10), "orders", "modern.orders");
            HttpClient client = DiscoveryHttpClient.wrap(HttpClient.newHttpClient(), fairlead);
            call(client, old, HttpRequest.newBuilder(URI.create("http://orders/")));
            call(client, old, HttpRequest.newBuilder(URI.create("http://orders:81/")));
            try {
                HttpRequest.Builder own =
                        HttpRequest.newBuilder(URI.create("http://orders/")).header("Host", "own");
                call(client, old, own);
            } catch (IllegalArgumentException restricted) {
                System.out.println("own: refused");
            }
            call(client, modern, HttpRequest.newBuilder(URI.create("http://modern.orders/")));
            call(client, modern, HttpRequest.newBuilder(URI.create("http://modern.orders/")));
        }
    }

    private static void call(HttpClient client, WireMockServer server, HttpRequest.Builder request) throws Exception {
        server.resetRequests();
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        LoggedRequest got = server.getAllServeEvents().get(0).getRequest();
        // Over HTTP/2 there is none but for the authority.
        String host = got.containsHeader("Host") ? got.getHeader("Host") : got.getHost() + ":" + got.getPort();
        String said = host.replace("127.0.0.1:" + server.port(), "address").replace("modern.", "");
        System.out.println(response.version() + " " + said);
    }

    private static WireMockServer server(WireMockConfiguration options) {
        WireMockServer server = new WireMockServer(options.dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        server.stubFor(any(anyUrl()).willReturn(aResponse().withBody("x")));
        return server;
    }

    private static ServiceInstance instance(String service, WireMockServer server) {
        return ServiceInstance.builder(service)
                .address("127.0.0.1", server.port())
                .build();
    }
}
