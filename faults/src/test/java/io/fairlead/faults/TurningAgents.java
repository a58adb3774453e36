// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fairlead.testkit.server.ConsulServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** One address for several agents, of which each request gets any. Safe for any thread. */
final class TurningAgents implements AutoCloseable {
    private final List<ConsulServer> agents;
    private final AtomicIntegerArray answers;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Random random = new Random(7);
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "turning-agents");
        thread.setDaemon(true);
        return thread;
    });

    TurningAgents(ConsulServer... agents) throws IOException {
        this.agents = List.of(agents);
        this.answers = new AtomicIntegerArray(agents.length);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/", this::pass);
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    int answersOf(int agent) {
        return answers.get(agent);
    }

    private void pass(HttpExchange exchange) throws IOException {
        int turn = random.nextInt(agents.size());
        URI target = URI.create("http://127.0.0.1:" + agents.get(turn).port() + exchange.getRequestURI());
        try (exchange) {
            HttpResponse<byte[]> answer =
                    client.send(HttpRequest.newBuilder(target).GET().build(), HttpResponse.BodyHandlers.ofByteArray());
            answer.headers().map().forEach((name, values) -> {
                if (name.toLowerCase(Locale.ROOT).startsWith("x-consul")) {
                    exchange.getResponseHeaders().put(name, values);
                }
            });
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
            answers.incrementAndGet(turn);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
