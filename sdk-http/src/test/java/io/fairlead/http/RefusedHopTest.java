// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** An instance can not aim our calls at a cloud's metadata service, however it spells it and on whichever hop. */
class RefusedHopTest {
    private static final List<String> METADATA = List.of(
            "169.254.169.254",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:a9fe:a9fe::1]",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "[fd00:ec2::254]",
            "[fd20:ce::254]",
            // To the JDK's client no host at all.
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "169.254.43518",
            "169.254.169.254.");

    @Test
    void aRedirectToAMetadataServiceIsRefusedOnEveryHop() throws Exception {
        WireMockServer instance = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
        instance.start();
        try (World world = new World(
                () -> HttpClient.newBuilder().followRedirects(Redirect.ALWAYS).build(), builder -> builder)) {
            world.add("one", instance.port());
            world.awaitInstances(1);
            Map<String, String> reached = new TreeMap<>();
            for (String host : METADATA) {
                String target = "http://" + host + "/latest/meta-data";
                for (String hops : List.of("one hop", "two hops")) {
                    instance.resetAll();
                    instance.stubFor(any(anyUrl()).willReturn(redirect(target)));
                    if (hops.equals("two hops")) {
                        // Not the instance's own address, so a hop outside discovery.
                        String between = "http://localhost:" + instance.port() + "/";
                        instance.stubFor(
                                any(anyUrl()).withHost(equalTo("orders")).willReturn(redirect(between)));
                    }
                    HttpRequest request = HttpRequest.newBuilder(URI.create("http://orders/"))
                            .timeout(Duration.ofSeconds(10))
                            .build();
                    try {
                        reached.put(hops + host, "" + world.client.send(request, BodyHandlers.ofString()));
                    } catch (IOException refused) {
                        String message = String.valueOf(refused.getMessage());
                        if (!message.contains("redirect") && !message.contains("No service is called")) {
                            reached.put(hops + " " + host, refused.toString());
                        }
                    }
                }
            }
            assertThat(reached).isEmpty();
            assertThat(world.failures()).isZero();
        } finally {
            instance.stop();
        }
    }

    private static ResponseDefinitionBuilder redirect(String location) {
        return aResponse().withStatus(302).withHeader("Location", location);
    }
}
