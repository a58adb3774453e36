// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.ServiceUnavailableException;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of HTTP itself, on one instance beside a good one: who gets what, how often, and what is left. */
@Tag("slow")
class HttpFaultTest {
    private static final int REFUSED_STREAM = 7;

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
    void aResetBeforeTheRequestIsReadSendsAGetElsewhereAndAPostNowhere() throws Exception {
        MockWebServer bad = start("bad", answer().onRequestStart(new SocketEffect.CloseSocket()), Protocol.HTTP_1_1);
        startGood(Protocol.HTTP_1_1);
        assertThat(gets(10)).containsOnly("good");
        int before = bad.getRequestCount();
        posts(10);
        assertThat(bad.getRequestCount() - before).isLessThanOrEqualTo(10);
    }

    @Test
    void aResetAfterTheRequestSendsAGetElsewhereAndAPostNowhere() throws Exception {
        MockWebServer bad = start("bad", answer().onResponseStart(new SocketEffect.CloseSocket()), Protocol.HTTP_1_1);
        MockWebServer good = startGood(Protocol.HTTP_1_1);
        int posted = 0;
        for (int i = 0; i < 10; i++) {
            posted++;
            try (Response response = execute(post())) {
                assertThat(response.body().string()).isEqualTo("good");
            } catch (IOException reset) {
                assertThat(reset).isNotInstanceOf(ServiceUnavailableException.class);
            }
        }
        assertThat(bad.getRequestCount() + good.getRequestCount()).isEqualTo(posted);
        assertThat(gets(10)).containsOnly("good");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatDiesAfterItsHeadersIsTheCallersErrorAndIsNotSentAgain(boolean midBody) throws Exception {
        MockResponse.Builder dying = midBody
                ? answer().body("x".repeat(500_000)).onResponseBody(new SocketEffect.CloseSocket())
                : answer().setHeader("Content-Length", 100).onResponseEnd(new SocketEffect.CloseSocket());
        MockWebServer bad = start("bad", dying, Protocol.HTTP_1_1);
        world.awaitInstances(1);
        assertThatThrownBy(() -> world.get("http://orders/")).isInstanceOf(IOException.class);
        assertThat(bad.getRequestCount()).isEqualTo(1);
        assertThatThrownBy(() -> enqueue(
                                new Request.Builder().url("http://orders/").build())
                        .get(20, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IOException.class);
        assertThat(bad.getRequestCount()).isEqualTo(2);
    }

    @Test
    void aDrippingAnswerEndsWithTheCallTimeout() throws Exception {
        start("slow", answer().body("x".repeat(1_000)).throttleBody(1, 50, TimeUnit.MILLISECONDS), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        world.client =
                world.client.newBuilder().callTimeout(Duration.ofMillis(300)).build();
        assertThatThrownBy(() -> world.get("http://orders/")).isInstanceOf(IOException.class);
    }

    @Test
    void slowHeadersSendAGetElsewhereAndAPostNowhere() throws Exception {
        MockWebServer bad = start("bad", answer().headersDelay(1_500, TimeUnit.MILLISECONDS), Protocol.HTTP_1_1);
        MockWebServer good = startGood(Protocol.HTTP_1_1);
        world.client =
                world.client.newBuilder().readTimeout(Duration.ofMillis(400)).build();
        assertThat(gets(4)).containsOnly("good");
        int before = bad.getRequestCount() + good.getRequestCount();
        posts(4);
        assertThat(bad.getRequestCount() + good.getRequestCount() - before).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void retryAfterInBothItsFormsIsHonouredForAGetAndNotForAPost(int code) throws Exception {
        MockResponse.Builder dated = answer().code(code)
                .addHeader("Date", "Tue, 24 Nov 2026 10:00:00 GMT")
                .addHeader("Retry-After", "Tue, 24 Nov 2026 10:00:01 GMT");
        MockWebServer bad = start("bad", dated, Protocol.HTTP_1_1);
        MockWebServer good = startGood(Protocol.HTTP_1_1);
        assertThat(gets(2)).containsOnly("good");
        respond(bad, answer().code(code).addHeader("Retry-After", "1"));
        assertThat(gets(2)).containsOnly("good");
        int before = bad.getRequestCount() + good.getRequestCount();
        posts(4);
        assertThat(bad.getRequestCount() + good.getRequestCount() - before).isEqualTo(4);
    }

    @Test
    void retryAfterBeyondTheDeadlineSurfacesTheResponse() throws Exception {
        start("a", answer().code(503).addHeader("Retry-After", "20").body("later"), Protocol.HTTP_1_1);
        start("b", answer().code(503).addHeader("Retry-After", "20").body("later"), Protocol.HTTP_1_1);
        world.awaitInstances(2);
        Request hurried = new Request.Builder()
                .url("http://orders/")
                .tag(CallHints.class, new CallHints(null, null, Duration.ofSeconds(5)))
                .build();
        try (Response response = execute(hurried)) {
            assertThat(response.code()).isEqualTo(503);
            assertThat(response.body().string()).isEqualTo("later");
        }
        assertThat(servers).extracting(MockWebServer::getRequestCount).containsOnly(1);
    }

    @Test
    void okHttpItselfSendsNothingAgainAfterRetryAfterZero() throws Exception {
        MockWebServer bad = start("bad", answer().code(503).addHeader("Retry-After", "0"), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        for (int i = 1; i <= 5; i++) {
            try (Response response = execute(post())) {
                assertThat(response.code()).isEqualTo(503);
            }
            assertThat(bad.getRequestCount()).isEqualTo(i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "00", "99999999999999999999", "1"})
    void a503KeepsItsBodyAndHeaderWhateverItsRetryAfterSays(String seconds) throws Exception {
        MockWebServer bad = start(
                "bad", answer().code(503).addHeader("Retry-After", seconds).body("why"), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        for (Request request : List.of(post(), get())) {
            int before = bad.getRequestCount();
            // One attempt: a GET would otherwise come again.
            Request once = request.newBuilder()
                    .tag(CallHints.class, CallHints.idempotent(false))
                    .build();
            try (Response response = execute(once)) {
                assertThat(response.code()).isEqualTo(503);
                assertThat(response.headers("Retry-After")).containsExactly(seconds);
                assertThat(response.body().string()).isEqualTo("why");
            }
            assertThat(bad.getRequestCount() - before).isEqualTo(1);
        }
    }

    @Test
    void withoutTheNetworkInterceptorA503IsStillNotSentAgain() throws Exception {
        MockWebServer bad = start("bad", answer().code(503).addHeader("Retry-After", "0"), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        world.client = new OkHttpClient.Builder()
                .addInterceptor(DiscoveryInterceptor.of(world.fairlead))
                .build();
        try (Response response = execute(post())) {
            assertThat(response.code()).isEqualTo(503);
            assertThat(response.body().string()).isEmpty();
        }
        assertThat(bad.getRequestCount()).isEqualTo(1);
    }

    @Test
    void anInterceptorThatIsOnlyANetworkInterceptorSaysSo() throws Exception {
        MockWebServer any = start("any", answer(), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        OkHttpClient client = new OkHttpClient.Builder()
                .addNetworkInterceptor(DiscoveryInterceptor.of(world.fairlead))
                .build();
        assertThatThrownBy(() -> client.newCall(new Request.Builder()
                                .url(any.url("/").toString())
                                .build())
                        .execute()
                        .close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected: an application interceptor");
        assertThat(any.getRequestCount()).isZero();
    }

    @Test
    void allInstancesAnswering503GetAtMostAQuarterMoreThanIsOffered() throws Exception {
        for (String id : List.of("a", "b", "c")) {
            start(id, answer().code(503).addHeader("Retry-After", "0"), Protocol.HTTP_1_1);
        }
        world.awaitInstances(3);
        int offered = 1_500;
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < offered; i++) {
            answers.add(enqueue(get()));
        }
        for (CompletableFuture<String> answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo("answer");
        }
        int received = servers.stream().mapToInt(MockWebServer::getRequestCount).sum();
        assertThat(received).isBetween(offered, offered * 5 / 4);
    }

    @Test
    void aRefusedStreamGoesElsewhereAlsoForAPost() throws Exception {
        overHttp2();
        MockWebServer bad = start(
                "bad",
                answer().onRequestStart(new SocketEffect.CloseStream(REFUSED_STREAM)),
                Protocol.H2_PRIOR_KNOWLEDGE);
        startGood(Protocol.H2_PRIOR_KNOWLEDGE);
        for (int i = 0; i < 6; i++) {
            try (Response response = execute(post())) {
                assertThat(response.body().string()).isEqualTo("good");
            }
        }
        assertThat(bad.getRequestCount()).isPositive();
        assertThat(world.fairlead.status("orders").instances())
                .allSatisfy(view -> assertThat(view.failures()).isZero());
    }

    @Test
    void goAwayLosesNoCall() throws Exception {
        overHttp2();
        start("leaving", answer().onResponseEnd(SocketEffect.ShutdownConnection.INSTANCE), Protocol.H2_PRIOR_KNOWLEDGE);
        startGood(Protocol.H2_PRIOR_KNOWLEDGE);
        assertThat(gets(20)).containsOnly("good", "answer");
    }

    @Test
    void theAttemptsNumberIsSentFromTheSecondOnAndAnInboundRetryIsNotRetried() throws Exception {
        start("bad", answer().code(503).addHeader("Retry-After", "0"), Protocol.HTTP_1_1);
        startGood(Protocol.HTTP_1_1);
        Request keyed = new Request.Builder()
                .url("http://orders/pay")
                .header("Idempotency-Key", "k-1")
                .post(RequestBody.create("{}", MediaType.get("application/json")))
                .build();
        for (int i = 0; i < 4; i++) {
            try (Response response = execute(keyed)) {
                assertThat(response.body().string()).isEqualTo("good");
                assertThat(response.request()).isSameAs(response.request());
            }
        }
        List<String> numbers = new ArrayList<>();
        for (MockWebServer server : servers) {
            for (int left = server.getRequestCount(); left > 0; left--) {
                RecordedRequest seen = server.takeRequest();
                assertThat(seen.getHeaders().get("Idempotency-Key")).isEqualTo("k-1");
                numbers.add(String.valueOf(seen.getHeaders().get(CallSpec.ATTEMPT_HEADER)));
            }
        }
        assertThat(numbers).containsOnly("null", "2");
        Request inbound = new Request.Builder()
                .url("http://orders/")
                .tag(CallHints.class, CallHints.idempotent(true).onBehalfOf(2))
                .build();
        int failed = 0;
        for (int i = 0; i < 4; i++) {
            try (Response response = execute(inbound)) {
                failed += response.code() == 503 ? 1 : 0;
            }
        }
        assertThat(failed).isPositive();
    }

    @Test
    void aOneShotBodyIsSentOnceUnlessItWasNeverTouched() throws Exception {
        MockWebServer bad = start("bad", answer().onResponseStart(new SocketEffect.CloseSocket()), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        RequestBody oneShot = new RequestBody() {
            @Override
            public MediaType contentType() {
                return MediaType.get("text/plain");
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                sink.writeUtf8("once");
            }

            @Override
            public boolean isOneShot() {
                return true;
            }
        };
        Request put = new Request.Builder().url("http://orders/").put(oneShot).build();
        assertThatThrownBy(() -> execute(put)).isInstanceOf(IOException.class);
        assertThat(bad.getRequestCount()).isEqualTo(1);
    }

    @Test
    void anInterruptedCallerEndsItsAttempt() throws Exception {
        start("hanging", answer().onResponseStart(SocketEffect.Stall.INSTANCE), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        world.client =
                world.client.newBuilder().readTimeout(Duration.ofSeconds(1)).build();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                execute(get()).close();
            } catch (IOException ended) {
                seen.set(ended);
            }
        });
        caller.start();
        await().until(() -> world.fairlead.status("orders").instances().get(0).inFlight() == 1);
        caller.interrupt();
        caller.join();
        assertThat(seen.get()).isInstanceOf(IOException.class);
    }

    @Test
    void aWebSocketLeavesNothingBehind() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        CompletableFuture<String> closed = new CompletableFuture<>();
        start("ws", answer().webSocketUpgrade(new Echo()), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        WebSocket socket = world.client.newWebSocket(get(), new WebSocketListener() {
            @Override
            public void onOpen(WebSocket opened, Response response) {
                opened.send("hello");
            }

            @Override
            public void onMessage(WebSocket open, String text) {
                heard.complete(text);
                open.close(1000, "done");
            }

            @Override
            public void onClosed(WebSocket ended, int code, String reason) {
                closed.complete(reason);
            }

            @Override
            public void onFailure(WebSocket broken, Throwable failure, Response response) {
                heard.completeExceptionally(failure);
            }
        });
        assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("hello");
        assertThat(closed.get(20, TimeUnit.SECONDS)).isNotNull();
        socket.cancel();
    }

    @Test
    void unreadBodiesOfCancelledCallsAreGivenUp() throws Exception {
        start("large", answer().body("x".repeat(5_000_000)), Protocol.HTTP_1_1);
        world.awaitInstances(1);
        for (int i = 0; i < 5; i++) {
            Call call = world.client.newCall(get());
            Response response = call.execute();
            call.cancel();
            response.close();
        }
    }

    private static final class Echo extends WebSocketListener {
        @Override
        public void onMessage(WebSocket socket, String text) {
            socket.send(text);
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            socket.close(code, reason);
        }
    }

    private void overHttp2() {
        world.client = world.client
                .newBuilder()
                .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .build();
    }

    private MockWebServer startGood(Protocol protocol) throws IOException {
        MockWebServer good = start("good", answer().body("good"), protocol);
        world.awaitInstances(servers.size());
        return good;
    }

    private MockWebServer start(String id, MockResponse.Builder answer, Protocol protocol) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setProtocols(List.of(protocol));
        respond(server, answer);
        server.start(InetAddress.getByName("127.0.0.1"), 0);
        servers.add(server);
        world.add(id, server.getPort());
        return server;
    }

    private static void respond(MockWebServer server, MockResponse.Builder answer) {
        MockResponse response = answer.build();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return response;
            }

            @Override
            public MockResponse peek() {
                return response;
            }
        });
    }

    private static MockResponse.Builder answer() {
        return new MockResponse.Builder().body("answer");
    }

    private List<String> gets(int count) throws Exception {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(
                    i % 2 == 0
                            ? world.get("http://orders/" + i)
                            : enqueue(get()).get(20, TimeUnit.SECONDS));
        }
        return answers;
    }

    private void posts(int count) {
        for (int i = 0; i < count; i++) {
            try {
                execute(post()).close();
            } catch (IOException broken) {
                assertThat(broken).isNotInstanceOf(ServiceUnavailableException.class);
            }
        }
    }

    private CompletableFuture<String> enqueue(Request request) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        world.client.newCall(request).enqueue(new Callback() {
            @Override
            public void onFailure(Call call, IOException failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onResponse(Call call, Response response) {
                try (response) {
                    answer.complete(response.body().string());
                } catch (IOException broken) {
                    answer.completeExceptionally(broken);
                }
            }
        });
        return answer;
    }

    private Response execute(Request request) throws IOException {
        return world.client.newCall(request).execute();
    }

    private static Request get() {
        return new Request.Builder().url("http://orders/").build();
    }

    private static Request post() {
        return new Request.Builder()
                .url("http://orders/pay")
                .post(RequestBody.create("{}", MediaType.get("application/json")))
                .build();
    }
}
