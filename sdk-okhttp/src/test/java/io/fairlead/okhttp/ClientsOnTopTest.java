// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import feign.Feign;
import feign.FeignException;
import feign.Headers;
import feign.RequestLine;
import feign.RetryableException;
import feign.Retryer;
import feign.okhttp.OkHttpClient;
import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.RejectedException;
import io.fairlead.balancer.ServiceUnavailableException;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import retrofit2.Call;
import retrofit2.Response;
import retrofit2.Retrofit;
import retrofit2.http.Body;
import retrofit2.http.GET;
import retrofit2.http.POST;

/** Retrofit and Feign over the interceptor: what succeeds, what fails, and how often the servers were asked. */
class ClientsOnTopTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final List<MockWebServer> servers = new ArrayList<>();
    private World world;

    interface ByRetrofit {
        @GET("v1/42")
        Call<ResponseBody> order();

        @POST("v1")
        Call<ResponseBody> pay(@Body RequestBody body);
    }

    interface ByFeign {
        @RequestLine("GET /v1/42")
        String order();

        @RequestLine("POST /v1")
        @Headers("Content-Type: text/plain")
        String pay(String body);
    }

    @AfterEach
    void stop() {
        if (!servers.isEmpty()) {
            world.assertNothingInFlight();
        }
        world.close();
        servers.forEach(MockWebServer::close);
    }

    @Test
    void theirGetsGoElsewhereAfterA503() throws Exception {
        world(builder -> builder.policy("round_robin"));
        start("bad", answer("bad").code(503));
        start("good", answer("good"));
        world.awaitInstances(2);
        for (int i = 0; i < 6; i++) {
            assertThat(retrofit().order().execute().body().string()).isEqualTo("good");
            assertThat(feign().order()).isEqualTo("good");
        }
        assertThat(servers.get(1).getRequestCount()).isEqualTo(12);
    }

    @Test
    void aLastBadAnswerReachesThemAsTheyExpectIt() throws Exception {
        world(builder -> builder);
        start("bad", answer("busy").code(503));
        world.awaitInstances(1);
        Response<ResponseBody> response = retrofit().order().execute();
        assertThat(response.code()).isEqualTo(503);
        assertThat(response.errorBody().string()).isEqualTo("busy");
        assertThatThrownBy(() -> feign().order())
                .asInstanceOf(type(FeignException.ServiceUnavailable.class))
                .extracting(FeignException::contentUTF8)
                .isEqualTo("busy");
        assertThat(servers.get(0).getRequestCount()).isEqualTo(2);
    }

    @Test
    void theirPostsThatMayHaveBeenProcessedAreSentOnce() throws Exception {
        world(builder -> builder.policy("round_robin"));
        start("a", answer("lost").onResponseStart(new SocketEffect.CloseSocket()));
        start("b", answer("lost").onResponseStart(new SocketEffect.CloseSocket()));
        world.awaitInstances(2);
        for (int i = 1; i <= 4; i++) {
            assertThatThrownBy(() -> retrofit()
                            .pay(RequestBody.create("{}", MediaType.get("text/plain")))
                            .execute())
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> feign().pay("{}"))
                    .isInstanceOf(RetryableException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThat(requests()).isEqualTo(2 * i);
        }
    }

    @Test
    void rejectionsAndMissingInstancesReachThemWithTheirReason() throws Exception {
        world(builder -> builder.forService("orders", o -> o.withRateLimit(RateLimit.of(0, 1))));
        start("a", answer("ok"));
        world.awaitInstances(1);
        assertThat(feign().order()).isEqualTo("ok");
        assertThatThrownBy(() -> retrofit().order().execute())
                .asInstanceOf(type(RejectedException.class))
                .extracting(RejectedException::stage)
                .isEqualTo(Stage.RATE_LIMIT);
        assertThatThrownBy(() -> feign().order()).hasCauseInstanceOf(RejectedException.class);
        assertThat(requests()).isEqualTo(1);
        ByFeign nobody = Feign.builder()
                .client(new OkHttpClient(world.client))
                .retryer(Retryer.NEVER_RETRY)
                .target(ByFeign.class, "http://nobody");
        assertThatThrownBy(nobody::order).hasCauseInstanceOf(ServiceUnavailableException.class);
    }

    @Test
    void aCancelledRetrofitCallLeavesNothing() throws Exception {
        world(builder -> builder);
        start("slow", answer("late").headersDelay(20, TimeUnit.SECONDS));
        world.awaitInstances(1);
        Call<ResponseBody> call = retrofit().order();
        Thread canceller = new Thread(() -> {
            await().until(() ->
                    world.fairlead.status("orders").instances().get(0).inFlight() == 1);
            call.cancel();
        });
        canceller.start();
        assertThatThrownBy(call::execute).isInstanceOf(IOException.class);
        canceller.join();
        assertThat(world.fairlead.status("orders").instances().get(0).failures())
                .isZero();
    }

    private ByRetrofit retrofit() {
        return new Retrofit.Builder()
                .baseUrl("http://orders/")
                .client(world.client)
                .build()
                .create(ByRetrofit.class);
    }

    /** Its own retryer is off: whoever leaves it on multiplies the attempts. */
    private ByFeign feign() {
        return Feign.builder()
                .client(new OkHttpClient(world.client))
                .retryer(Retryer.NEVER_RETRY)
                .target(ByFeign.class, "http://orders");
    }

    private int requests() {
        return servers.stream().mapToInt(MockWebServer::getRequestCount).sum();
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
}
