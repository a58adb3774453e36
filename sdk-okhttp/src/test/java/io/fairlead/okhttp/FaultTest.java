// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import io.fairlead.api.GuardState;
import io.fairlead.testkit.LeakCheck;
import io.fairlead.testkit.TcpProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Instances that misbehave, beside one that does not. */
@Tag("slow")
class FaultTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final World world = new World("round_robin");
    private final List<WireMockServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        world.close();
        servers.forEach(WireMockServer::stop);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE"})
    void aGetThatFailsOnOneInstanceSucceedsOnAnother(Fault fault) throws Exception {
        start("bad", aResponse().withFault(fault));
        start("good", aResponse().withBody("good"));
        world.awaitInstances(2);
        for (int i = 0; i < 20; i++) {
            assertThat(world.get("http://orders/" + i)).isEqualTo("good");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"MALFORMED_RESPONSE_CHUNK", "RANDOM_DATA_THEN_CLOSE"})
    void aBrokenAnswerLeavesNothingBehind(Fault fault) {
        start("bad", aResponse().withFault(fault));
        world.awaitInstances(1);
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> world.get("http://orders/")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anInstanceThatHangsIsGivenUpForAnother() throws Exception {
        start("bad", aResponse().withFixedDelay(60_000));
        start("good", aResponse().withBody("good"));
        world.awaitInstances(2);
        world.client =
                world.client.newBuilder().readTimeout(Duration.ofMillis(200)).build();
        for (int i = 0; i < 8; i++) {
            assertThat(world.get("http://orders/" + i)).isEqualTo("good");
        }
    }

    @Test
    void serviceUnavailableIsRetriedElsewhere() throws Exception {
        start("bad", aResponse().withStatus(503).withHeader("Retry-After", "0"));
        start("good", aResponse().withBody("good"));
        world.awaitInstances(2);
        for (int i = 0; i < 10; i++) {
            assertThat(world.get("http://orders/" + i)).isEqualTo("good");
        }
    }

    @Test
    void anInternalErrorStands() throws Exception {
        start("bad", aResponse().withStatus(500).withBody("oops"));
        world.awaitInstances(1);
        try (Response response = world.client
                .newCall(new Request.Builder().url("http://orders/").build())
                .execute()) {
            assertThat(response.code()).isEqualTo(500);
            assertThat(response.body().string()).isEqualTo("oops");
        }
    }

    @Test
    void anInstanceStoppedAbruptlyFailsNoGet() throws Exception {
        start("a", aResponse().withBody("a"));
        start("b", aResponse().withBody("b"));
        start("c", aResponse().withBody("c"));
        world.awaitInstances(3);
        for (int i = 0; i < 300; i++) {
            if (i == 100) {
                servers.get(1).stop();
            }
            assertThat(world.get("http://orders/" + i)).isIn("a", "b", "c");
        }
    }

    @Test
    void aPostGoesElsewhereOnlyWhenItWasNeverSent() throws Exception {
        start("good", aResponse().withBody("good"));
        TcpProxy refusing = TcpProxy.to("127.0.0.1", servers.get(0).port());
        world.add("bad", refusing.port());
        refusing.refuse();
        world.awaitInstances(2);
        for (int i = 0; i < 10; i++) {
            assertThat(post()).isEqualTo("good");
        }
    }

    @Test
    void aPostThatMayHaveBeenProcessedIsNeverSentTwice() {
        WireMockServer server = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        server.stubFor(any(anyUrl()).willReturn(aResponse().withBody("processed")));
        servers.add(server);
        try (TcpProxy proxy = TcpProxy.to("127.0.0.1", server.port())) {
            proxy.mode(TcpProxy.Mode.RESET_ON_ANSWER);
            world.add("one", proxy.port());
            world.add("two", proxy.port());
            world.awaitInstances(2);
            for (int i = 0; i < 1_000; i++) {
                assertThatThrownBy(this::post).isInstanceOf(IOException.class);
            }
            int processed = server.countRequestsMatching(
                            postRequestedFor(anyUrl()).build())
                    .getCount();
            assertThat(processed).isEqualTo(1_000);
        }
    }

    @Test
    void cancelledCallsAndTimeoutsAndUnreadBodiesEndTheirAttempts() throws Exception {
        start("slow", aResponse().withFixedDelay(60_000).withBody("late"));
        world.awaitInstances(1);
        var cancelled =
                world.client.newCall(new Request.Builder().url("http://orders/").build());
        Thread canceller = new Thread(() -> {
            Awaitility.await()
                    .until(() ->
                            world.fairlead.status("orders").instances().get(0).inFlight() == 1);
            cancelled.cancel();
        });
        canceller.start();
        assertThatThrownBy(cancelled::execute).isInstanceOf(IOException.class);
        canceller.join();
        var hurried =
                world.client.newBuilder().callTimeout(Duration.ofMillis(100)).build();
        assertThatThrownBy(() -> hurried.newCall(
                                new Request.Builder().url("http://orders/").build())
                        .execute())
                .isInstanceOf(IOException.class);
        world.assertNothingInFlight();
        servers.get(0).stubFor(any(anyUrl()).willReturn(aResponse().withBody("x".repeat(100_000))));
        world.client
                .newCall(new Request.Builder().url("http://orders/").build())
                .execute()
                .close();
        world.client
                .newCall(new Request.Builder().url("http://orders/").head().build())
                .execute()
                .close();
        assertThat(world.fairlead.status("orders").instances().get(0).guardState())
                .isEqualTo(GuardState.CLOSED);
    }

    private String post() throws IOException {
        try (Response response = world.client.newCall(request()).execute()) {
            return response.body().string();
        }
    }

    private static Request request() {
        return new Request.Builder()
                .url("http://orders/pay")
                .post(RequestBody.create("{}", MediaType.get("application/json")))
                .build();
    }

    private void start(String id, ResponseDefinitionBuilder answer) {
        WireMockServer server = new WireMockServer(options().dynamicPort().bindAddress("127.0.0.1"));
        server.start();
        server.stubFor(any(anyUrl()).willReturn(answer));
        servers.add(server);
        world.add(id, server.port());
    }
}
