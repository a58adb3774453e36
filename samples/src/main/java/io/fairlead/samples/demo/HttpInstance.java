// SPDX-License-Identifier: Apache-2.0
package io.fairlead.samples.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fairlead.balancer.CallSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One real HTTP instance on the loopback address that can be killed (its sockets close without a word), revived on the
 * same port, and slowed. Answers {@code /health} and everything else with a small body.
 */
public final class HttpInstance implements AutoCloseable {
    /** A header of a call by which an instance counts what it got, see {@link #served(String)}. */
    public static final String MARK = "X-Mark";

    static {
        // Without it the JDK's server on Java 17 stalls 44 ms per keep-alive request (JDK-6968351).
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final String id;
    private final int port;
    private final AtomicInteger served = new AtomicInteger();
    private final Map<String, AtomicInteger> marks = new ConcurrentHashMap<>();
    private final Set<String> routes = ConcurrentHashMap.newKeySet();
    private volatile Duration delay = Duration.ZERO;
    private volatile Illness illness = new Illness(0, 200);
    private HttpServer server;
    private ExecutorService threads;
    private CountDownLatch killed;

    private HttpInstance(String id, HttpServer server) {
        this.id = id;
        this.server = server;
        this.port = server.getAddress().getPort();
        this.killed = new CountDownLatch(1);
        this.threads = run(server);
    }

    /** Starts an instance on a free port. */
    public static HttpInstance start(String id) throws IOException {
        return new HttpInstance(id, bind(0));
    }

    /** Registry id. */
    public String id() {
        return id;
    }

    /** Port on the loopback address; the same after a revival. */
    public int port() {
        return port;
    }

    /** Calls that arrived, health checks left out. */
    public int served() {
        return served.get();
    }

    /** Calls that arrived with this mark. */
    public int served(String mark) {
        AtomicInteger count = marks.get(mark);
        return count == null ? 0 : count.get();
    }

    /** The marks that arrived so far. */
    public Set<String> marks() {
        return Set.copyOf(marks.keySet());
    }

    /** What calls that arrived so far said of their route, as in {@code split/canary}; empty for one that said nothing. */
    public Set<String> routes() {
        return Set.copyOf(routes);
    }

    /** Waits this long before each answer to a call (health checks stay quick). */
    public void slowBy(Duration value) {
        delay = value;
    }

    /** Answers this share of the calls with {@code status}, at once and evenly spread (health checks stay well); 0 heals. */
    public void fail(double share, int status) {
        illness = new Illness(share, status);
    }

    /** Closes every socket at once, as {@code kill -9} would; nobody is told. */
    public void kill() {
        killed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    /** Listens again on the same port. */
    public void revive() throws IOException {
        killed = new CountDownLatch(1);
        server = bind(port);
        threads = run(server);
    }

    @Override
    public void close() {
        kill();
    }

    private static HttpServer bind(int port) throws IOException {
        return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 256);
    }

    private ExecutorService run(HttpServer http) {
        ExecutorService pool = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "instance-" + id);
            thread.setDaemon(true);
            return thread;
        });
        CountDownLatch end = killed;
        http.setExecutor(pool);
        http.createContext("/health", exchange -> answer(exchange, 200, "ok\n"));
        http.createContext("/", exchange -> {
            int number = served.incrementAndGet();
            String mark = exchange.getRequestHeaders().getFirst(MARK);
            if (mark != null) {
                marks.computeIfAbsent(mark, first -> new AtomicInteger()).incrementAndGet();
            }
            String route = exchange.getRequestHeaders().getFirst(CallSpec.ROUTE_HEADER);
            routes.add(route == null ? "" : route);
            Illness now = illness;
            if (now.strikes(number)) {
                answer(exchange, now.status, "ill\n");
                return;
            }
            try {
                end.await(delay.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException dying) {
                Thread.currentThread().interrupt();
            }
            answer(exchange, 200, "{\"from\":\"" + id + "\"}\n");
        });
        http.start();
        return pool;
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private record Illness(double share, int status) {
        boolean strikes(int number) {
            return Math.floor(number * share) > Math.floor((number - 1) * share);
        }
    }
}
