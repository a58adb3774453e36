// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.RejectedException;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hedges, limits and fallbacks through OkHttp. */
class StagesTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final List<MockWebServer> servers = new ArrayList<>();
    private World world;

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        world.close();
        servers.forEach(MockWebServer::close);
    }

    @Test
    void aSlowAnswerIsOvertakenByAnotherInstancesAndLeavesNothing() throws Exception {
        world(builder -> builder.hedging(
                Hedging.defaults().withDelay(Duration.ofMillis(30)).withMaxExtraLoad(1)));
        start("quick", answer("quick"));
        world.awaitInstances(1);
        // calls earn hedges, and what one has earned fades
        for (int i = 0; i < 20; i++) {
            assertThat(world.get("http://orders/" + i)).isEqualTo("quick");
        }
        start("slow", answer("slow").headersDelay(2, TimeUnit.SECONDS));
        world.awaitInstances(2);
        for (int i = 0; i < 6; i++) {
            assertThat(world.get("http://orders/" + i)).isEqualTo("quick");
        }
    }

    @Test
    void aHedgedCallCanBeCancelled() throws Exception {
        world(builder -> builder.hedging(
                Hedging.defaults().withDelay(Duration.ofMillis(10)).withMaxExtraLoad(1)));
        start("a", answer("late").headersDelay(2, TimeUnit.SECONDS));
        start("b", answer("late").headersDelay(2, TimeUnit.SECONDS));
        world.awaitInstances(2);
        OkHttpClient hurried =
                world.client.newBuilder().callTimeout(Duration.ofMillis(200)).build();
        assertThatThrownBy(() -> hurried.newCall(get()).execute()).isInstanceOf(IOException.class);
    }

    @Test
    void aRejectionIsAnIOExceptionThatSaysWhichStageAndWhen() throws Exception {
        world(builder -> builder.forService("orders", o -> o.withRateLimit(RateLimit.of(0.1, 1))));
        start("a", answer("ok"));
        world.awaitInstances(1);
        assertThat(world.get("http://orders/")).isEqualTo("ok");
        assertThatThrownBy(() -> world.get("http://orders/"))
                .hasMessageStartingWith(
                        "call to 'orders' rejected by RATE_LIMIT: more calls than allowed; try again in")
                .asInstanceOf(type(RejectedException.class))
                .satisfies(rejected -> {
                    assertThat(rejected.stage()).isEqualTo(Stage.RATE_LIMIT);
                    assertThat(rejected.retryAfter()).isPositive();
                    assertThat(rejected.getStackTrace()).isEmpty();
                });
    }

    @Test
    void aFallbackAnswersAndSaysSo() throws Exception {
        world(builder -> builder);
        start("a", answer("broken").code(503));
        world.awaitInstances(1);
        world.client = new OkHttpClient.Builder()
                .addInterceptor(DiscoveryInterceptor.of(world.fairlead)
                        .withFallback((request, failed) -> new Response.Builder()
                                .request(request)
                                .protocol(Protocol.HTTP_1_1)
                                .code(200)
                                .message("OK")
                                .body(ResponseBody.create("yesterday's, after " + failed.attempts(), null))
                                .build()))
                .build();
        try (Response response = world.client.newCall(get()).execute()) {
            assertThat(response.body().string()).isEqualTo("yesterday's, after 1");
            assertThat(response.header(DiscoveryInterceptor.FALLBACK_HEADER)).isEqualTo("true");
        }
        assertThat(world.fairlead.status("orders").instances().get(0).failures())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFallbackMayHandOnTheLastResponse(boolean isHedged) throws Exception {
        world(builder -> isHedged ? builder.hedging(Hedging.defaults().withDelay(Duration.ofSeconds(20))) : builder);
        start("a", answer("broken").code(503));
        world.awaitInstances(1);
        world.client = new OkHttpClient.Builder()
                .addInterceptor(DiscoveryInterceptor.of(world.fairlead)
                        .withFallback((request, failed) ->
                                failed.response().newBuilder().code(200).build()))
                .build();
        try (Response response = world.client.newCall(get()).execute()) {
            assertThat(response.code()).isEqualTo(200);
            assertThat(response.body().string()).isEqualTo("broken");
            assertThat(response.header(DiscoveryInterceptor.FALLBACK_HEADER)).isEqualTo("true");
        }
    }

    @Test
    void aDeadlineCutsAnAttemptThatHangs() throws Exception {
        world(builder -> builder);
        start("a", answer("late").headersDelay(2, TimeUnit.SECONDS));
        world.awaitInstances(1);
        Request hurried = get().newBuilder()
                .tag(CallHints.class, CallHints.idempotent(true).within(Duration.ofMillis(150)))
                .build();
        assertThatThrownBy(() -> world.client.newCall(hurried).execute()).isInstanceOf(InterruptedIOException.class);
    }

    private void world(UnaryOperator<FairleadBuilder> options) {
        world = new World(options);
    }

    private void start(String id, MockResponse.Builder answer) throws IOException {
        MockWebServer server = new MockWebServer();
        MockResponse response = answer.build();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return response;
            }
        });
        server.start(InetAddress.getByName("127.0.0.1"), 0);
        servers.add(server);
        world.add(id, server.getPort());
    }

    private static MockResponse.Builder answer(String body) {
        return new MockResponse.Builder().body(body);
    }

    private static Request get() {
        return new Request.Builder().url("http://orders/").build();
    }
}
