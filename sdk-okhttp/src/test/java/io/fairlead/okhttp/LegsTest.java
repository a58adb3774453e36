// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.balancer.Hedging;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Hedged calls, each attempt of which is a clone that comes through every interceptor in front. */
class LegsTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final World world = new World(
            builder -> builder.policy("round_robin").hedging(Hedging.defaults().withDelay(Duration.ofSeconds(20))));
    private final List<MockWebServer> servers = new ArrayList<>();
    private final AtomicInteger arrived = new AtomicInteger();

    @AfterEach
    void stop() {
        world.assertNothingInFlight();
        world.close();
        servers.forEach(MockWebServer::close);
    }

    @Test
    void anInterceptorInFrontThatThrowsAfterTheAnswerIsNobodysFailureAndNothingIsSentAgain() throws Exception {
        serve(200);
        front(chain -> {
            chain.proceed(chain.request()).close();
            throw new IOException("dislikes the answer");
        });
        for (int call = 0; call < 6; call++) {
            assertThatThrownBy(() -> get().close())
                    .isInstanceOf(IOException.class)
                    .hasMessage("dislikes the answer");
        }
        assertThat(arrived).hasValue(6);
        assertBlamed(0);
    }

    @Test
    void aBodyThatBreaksInAnInterceptorInFrontIsNotSentForAgain() throws Exception {
        serve(new MockResponse.Builder()
                .body("x".repeat(500_000))
                .onResponseBody(new SocketEffect.CloseSocket())
                .build());
        front(chain -> {
            try (Response response = chain.proceed(chain.request())) {
                return response.newBuilder()
                        .body(ResponseBody.create(response.body().string(), null))
                        .build();
            }
        });
        for (int call = 0; call < 3; call++) {
            assertThatThrownBy(() -> get().close()).isInstanceOf(IOException.class);
        }
        assertThat(arrived).hasValue(3);
        assertBlamed(0);
    }

    @Test
    void aSecondPassOfAnInterceptorInFrontIsBookedOnItsOwnPick() throws Exception {
        for (String id : List.of("a", "b", "c")) {
            serve(
                    id,
                    request -> new MockResponse.Builder()
                            .code(request.getHeaders().get("Token") == null ? 401 : 500)
                            .body("answer")
                            .build());
        }
        world.awaitInstances(3);
        front(chain -> {
            if (chain.request().header("Token") != null) {
                return chain.proceed(chain.request());
            }
            chain.proceed(chain.request()).close();
            return chain.proceed(
                    chain.request().newBuilder().header("Token", "new").build());
        });
        try (Response response = get()) {
            assertThat(response.code()).isEqualTo(500);
        }
        // The call's own two passes, each a clone with two.
        assertThat(arrived).hasValue(4);
        assertBlamed(2);
    }

    @Test
    void whatTheInstanceAnsweredCountsThoughAnInterceptorInFrontThrowsThen() throws Exception {
        serve(500);
        front(chain -> {
            chain.proceed(chain.request()).close();
            throw new IOException("dislikes the answer");
        });
        assertThatThrownBy(() -> get().close()).hasMessage("dislikes the answer");
        assertThat(arrived).hasValue(1);
        assertBlamed(1);
    }

    @Test
    void anAnswerThatAnInterceptorInFrontMakesIsNotTheInstances() throws Exception {
        AtomicInteger passes = new AtomicInteger();
        serve(200);
        front(chain -> {
            chain.proceed(chain.request()).close();
            passes.incrementAndGet();
            return new Response.Builder()
                    .request(chain.request())
                    .protocol(Protocol.HTTP_1_1)
                    .code(503)
                    .message("made here")
                    .build();
        });
        try (Response response = get()) {
            assertThat(response.code()).isEqualTo(503);
        }
        assertThat(arrived).hasValue(1);
        // The call's own, and the clone's.
        assertThat(passes).hasValue(2);
        assertBlamed(0);
    }

    @Test
    void aRuntimeExceptionOfAnInterceptorComesOutAsItIs() throws Exception {
        serve(200);
        IllegalStateException own = new IllegalStateException("own");
        front(chain -> {
            throw own;
        });
        assertThatThrownBy(() -> get().close()).isSameAs(own);
        assertThat(arrived).hasValue(0);
        assertBlamed(0);
    }

    @Test
    void aCancelledCallSaysWhatOkHttpSays() throws Exception {
        Call[] call = new Call[1];
        for (String id : List.of("a", "b", "c")) {
            serve(id, request -> {
                call[0].cancel();
                return new MockResponse.Builder()
                        .onResponseStart(SocketEffect.Stall.INSTANCE)
                        .build();
            });
        }
        world.awaitInstances(3);
        call[0] =
                world.client.newCall(new Request.Builder().url("http://orders/").build());
        assertThatThrownBy(() -> call[0].execute().close())
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("Canceled");
        assertThat(arrived).hasValue(1);
        assertBlamed(0);
    }

    private void assertBlamed(int failures) {
        assertThat(world.fairlead.status("orders").instances().stream()
                        .mapToLong(view -> view.failures())
                        .sum())
                .isEqualTo(failures);
    }

    private Response get() throws IOException {
        return world.client
                .newCall(new Request.Builder().url("http://orders/").build())
                .execute();
    }

    private void front(Interceptor interceptor) {
        world.client = DiscoveryOkHttp.configure(new OkHttpClient.Builder().addInterceptor(interceptor), world.fairlead)
                .build();
    }

    /** Three instances that answer so. */
    private void serve(int status) throws IOException {
        serve(new MockResponse.Builder().code(status).body("answer").build());
    }

    private void serve(MockResponse answer) throws IOException {
        for (String id : List.of("a", "b", "c")) {
            serve(id, request -> answer);
        }
        world.awaitInstances(3);
    }

    private void serve(String id, Function<RecordedRequest, MockResponse> answer) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                arrived.incrementAndGet();
                return answer.apply(request);
            }
        });
        server.start();
        servers.add(server);
        world.add(id, server.getPort());
    }
}
