// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Answers as a Consul agent would, with whatever a test wants to see. Safe for any thread. */
final class FakeAgent implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final Map<String, String> headers = new ConcurrentHashMap<>();
    private volatile Function<String, Answer> answers;

    /**
     * One answer.
     *
     * @param index Consul's, 0 for none
     */
    record Answer(int status, long index, byte[] body, boolean gzip) {
        static Answer list(long index, String... entries) {
            return new Answer(
                    200, index, ("[" + String.join(",", entries) + "]").getBytes(StandardCharsets.UTF_8), false);
        }

        static Answer of(int status, String text) {
            return new Answer(status, 0, text.getBytes(StandardCharsets.UTF_8), false);
        }
    }

    /** @param answers gives the answer to a method and path with query, as in {@code GET /v1/health/service/orders} */
    FakeAgent(Function<String, Answer> answers) {
        this.answers = answers;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** Methods and paths asked so far, oldest first. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** What came with them. */
    List<String> bodies() {
        return List.copyOf(bodies);
    }

    void answer(Function<String, Answer> now) {
        answers = now;
    }

    /** From now on every answer has this header too. */
    void header(String name, String value) {
        headers.put(name, value);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String asked =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().toASCIIString();
        requests.add(asked);
        bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        Answer answer = answers.apply(asked);
        if (answer.index > 0) {
            exchange.getResponseHeaders().set("X-Consul-Index", String.valueOf(answer.index));
        }
        headers.forEach(exchange.getResponseHeaders()::set);
        if (answer.gzip) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        }
        try (exchange) {
            exchange.sendResponseHeaders(answer.status, answer.body.length == 0 ? -1 : answer.body.length);
            exchange.getResponseBody().write(answer.body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** An entry of a health answer. */
    static String entry(String node, String id, String host, long created) {
        return "{\"Node\":{\"Node\":\"" + node + "\",\"Address\":\"10.0.0.9\"},\"Service\":{\"ID\":\"" + id
                + "\",\"Service\":\"orders\",\"Address\":\"" + host + "\",\"Port\":8080,\"CreateIndex\":" + created
                + "},\"Checks\":[]}";
    }
}
