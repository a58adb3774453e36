// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The live page: one file without outside addresses, and the scene as server-sent events twice a second. */
final class DemoPage implements AutoCloseable {
    static {
        // Read once by the JDK's server; see HttpInstance.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final long BEAT_MILLIS = 500;

    private final HttpServer server;
    private final Scene scene;
    private final CountDownLatch closed = new CountDownLatch(1);

    private DemoPage(HttpServer server, Scene scene) {
        this.server = server;
        this.scene = scene;
    }

    /** Serves on loopback, at {@code port} or, when that is taken, at a free one. */
    static DemoPage start(Scene scene, int port) throws IOException {
        DemoPage page = new DemoPage(bind(port), scene);
        page.server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "page");
            thread.setDaemon(true);
            return thread;
        }));
        page.server.createContext("/", page::file);
        page.server.createContext("/state.json", exchange -> answer(exchange, "application/json", scene.json()));
        page.server.createContext("/events", page::stream);
        page.server.start();
        return page;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
    }

    private static HttpServer bind(int port) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try {
            return HttpServer.create(new InetSocketAddress(loopback, port), 16);
        } catch (BindException taken) {
            return HttpServer.create(new InetSocketAddress(loopback, 0), 16);
        }
    }

    private void file(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestURI().getPath().equals("/")) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        try (InputStream page = DemoPage.class.getResourceAsStream("page.html")) {
            if (page == null) {
                throw new IOException("page.html is missing from the class path");
            }
            answer(exchange, "text/html", new String(page.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private void stream(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            do {
                out.write(("data: " + scene.json() + "\n\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            } while (!closed.await(BEAT_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.getResponseHeaders()
                .set(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; "
                                + "script-src 'unsafe-inline'; connect-src 'self'");
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
