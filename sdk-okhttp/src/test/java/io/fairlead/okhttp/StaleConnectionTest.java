// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.testkit.LeakCheck;
import io.fairlead.testkit.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers that answer one request a connection and hang up on the next, as those do that cap their idle connections. */
class StaleConnectionTest {
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
    void aGetNeedsOneMoreAttemptHoweverManyPooledConnectionsAreDead() throws Exception {
        startAll();
        int most = 0;
        for (int i = 0; i < 40; i++) {
            int before = requests();
            assertThat(world.get("http://orders/" + i)).isEqualTo("answer");
            most = Math.max(most, requests() - before);
        }
        assertThat(most).isEqualTo(2);
        assertThat(world.fairlead.status("orders").instances())
                .allSatisfy(view -> assertThat(view.failures()).isZero());
    }

    @Test
    void aPostOnADeadConnectionIsNotSentAgain() throws Exception {
        startAll();
        for (int i = 0; i < 4; i++) {
            assertThat(world.get("http://orders/first")).isEqualTo("answer");
        }
        Request post = new Request.Builder()
                .url("http://orders/pay")
                .post(RequestBody.create("{}", MediaType.get("application/json")))
                .build();
        int before = requests();
        assertThatThrownBy(() -> world.client.newCall(post).execute()).isInstanceOf(IOException.class);
        assertThat(requests() - before).isEqualTo(1);
    }

    @Test
    void aWebSocketThatMetADeadConnectionIsOpenedOnANewOne() throws Exception {
        // Else its connections are not those of other calls.
        world.client =
                world.client.newBuilder().protocols(List.of(Protocol.HTTP_1_1)).build();
        startAll();
        for (int i = 0; i < 4; i++) {
            assertThat(world.get("http://orders/first")).isEqualTo("answer");
        }
        CompletableFuture<String> heard = new CompletableFuture<>();
        Request request = new Request.Builder().url("http://orders/socket").build();
        WebSocket socket = world.client.newWebSocket(request, new WebSocketListener() {
            @Override
            public void onMessage(WebSocket open, String text) {
                heard.complete(text);
                open.close(1000, "done");
            }

            @Override
            public void onFailure(WebSocket broken, Throwable failure, Response response) {
                heard.completeExceptionally(failure);
            }
        });
        assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("hello");
        socket.cancel();
        assertThat(requests()).isEqualTo(4 + 2);
    }

    @Test
    void anInstanceThatIsBackOnItsPortMeetsOneDeadConnectionHoweverManyWerePooled() throws Exception {
        int connections = 8;
        CountDownLatch together = new CountDownLatch(connections);
        MockWebServer server = new MockWebServer();
        servers.add(server);
        server.setProtocols(List.of(Protocol.HTTP_1_1));
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
                together.countDown();
                together.await();
                return new MockResponse.Builder().body("answer").build();
            }
        });
        server.start(InetAddress.getByName("127.0.0.1"), 0);
        TcpProxy proxy = TcpProxy.to("127.0.0.1", server.getPort());
        world.add("a", proxy.port());
        world.awaitInstances(1);
        List<CompletableFuture<String>> calls = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            CompletableFuture<String> call = new CompletableFuture<>();
            calls.add(call);
            world.client
                    .newCall(new Request.Builder().url("http://orders/" + i).build())
                    .enqueue(new Callback() {
                        @Override
                        public void onFailure(Call failed, IOException failure) {
                            call.completeExceptionally(failure);
                        }

                        @Override
                        public void onResponse(Call answered, Response response) throws IOException {
                            call.complete(response.body().string());
                        }
                    });
        }
        for (CompletableFuture<String> call : calls) {
            assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("answer");
        }
        assertThat(proxy.openConnections()).isEqualTo(connections);
        proxy.resetAll();
        // A POST is not sent again, so that each dead connection shows as a failed call.
        Request post = new Request.Builder()
                .url("http://orders/pay")
                .post(RequestBody.create("{}", MediaType.get("application/json")))
                .build();
        int failed = 0;
        for (int i = 0; i < connections; i++) {
            try (Response response = world.client.newCall(post).execute()) {
                assertThat(response.body().string()).isEqualTo("answer");
            } catch (IOException dead) {
                failed++;
            }
        }
        assertThat(failed).isLessThanOrEqualTo(1);
        long before = world.fairlead.status("orders").instances().get(0).started();
        for (int i = 0; i < connections; i++) {
            assertThat(world.get("http://orders/" + i)).isEqualTo("answer");
        }
        assertThat(world.fairlead.status("orders").instances().get(0).started() - before)
                .isEqualTo(connections);
        proxy.close();
    }

    private int requests() {
        return servers.stream().mapToInt(MockWebServer::getRequestCount).sum();
    }

    private void startAll() throws IOException {
        for (String id : List.of("a", "b", "c", "d")) {
            MockWebServer server = new MockWebServer();
            server.setProtocols(List.of(Protocol.HTTP_1_1));
            server.setDispatcher(new OnceAConnection());
            server.start(InetAddress.getByName("127.0.0.1"), 0);
            servers.add(server);
            world.add(id, server.getPort());
        }
        world.awaitInstances(4);
    }

    private static final class OnceAConnection extends Dispatcher {
        @Override
        public MockResponse dispatch(RecordedRequest request) {
            MockResponse.Builder answer = new MockResponse.Builder().body("answer");
            boolean isNew = request.getExchangeIndex() == 0;
            if (isNew && "Upgrade".equals(request.getHeaders().get("Connection"))) {
                return new MockResponse.Builder().webSocketUpgrade(new Hello()).build();
            }
            return isNew
                    ? answer.build()
                    : answer.onResponseStart(new SocketEffect.CloseSocket()).build();
        }
    }

    private static final class Hello extends WebSocketListener {
        @Override
        public void onOpen(WebSocket socket, Response response) {
            socket.send("hello");
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            socket.close(code, reason);
        }
    }
}
