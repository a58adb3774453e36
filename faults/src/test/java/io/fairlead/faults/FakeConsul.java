// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** Answers health queries with whatever a test says; holds a query whose index it already answered. Safe for any thread. */
final class FakeConsul implements AutoCloseable {
    static {
        // Without it the JDK's server on Java 17 stalls 44 ms per keep-alive request (JDK-6968351).
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** Writes one answer. */
    interface Answer {
        void write(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fake-consul");
        thread.setDaemon(true);
        return thread;
    });
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicInteger requests = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> queries = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> tokens = new ConcurrentLinkedQueue<>();
    private Answer answer = list(1, List.of()); // guarded by lock
    private long index = 1; // guarded by lock

    FakeConsul() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String uri() {
        return "consul://" + address();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    int requests() {
        return requests.get();
    }

    List<String> queries() {
        return List.copyOf(queries);
    }

    /** The token header of each request, in order; {@code none} where there was none. */
    List<String> tokens() {
        return List.copyOf(tokens);
    }

    /** Answers with this from now on; queries held at another index are answered at once. */
    void answer(long withIndex, Answer with) {
        lock.lock();
        try {
            index = withIndex;
            answer = with;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void instances(long withIndex, String... ids) {
        answer(withIndex, list(withIndex, List.of(ids)));
    }

    static Answer list(long index, List<String> ids) {
        return body(index, json(ids));
    }

    static String json(List<String> ids) {
        return ids.stream()
                .map(id -> "{\"Node\":{\"Node\":\"n\",\"Address\":\"10.0.0.1\"},\"Service\":{\"ID\":\"" + id
                        + "\",\"Service\":\"orders\",\"Address\":\"10.0.0.2\",\"Port\":8080},\"Checks\":[]}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    static Answer body(long index, String text) {
        return exchange -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("X-Consul-Index", String.valueOf(index));
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    static Answer status(int code, String text, String... headers) {
        return exchange -> {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        String query = String.valueOf(exchange.getRequestURI().getRawQuery());
        String token = exchange.getRequestHeaders().getFirst("X-Consul-Token");
        tokens.add(token == null ? "none" : token);
        queries.add(exchange.getRequestURI().getRawPath() + "?" + query);
        long asked = query.contains("index=") ? Long.parseLong(query.replaceAll(".*index=(\\d+).*", "$1")) : 0;
        try (exchange) {
            next(asked).write(exchange);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private Answer next(long asked) throws InterruptedException {
        lock.lock();
        try {
            while (asked == index) {
                changed.await();
            }
            return answer;
        } finally {
            lock.unlock();
        }
    }
}
