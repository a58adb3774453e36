// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fairlead.balancer.Fairlead;
import io.fairlead.spi.kit.SystemThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A small web server that shows what the balancers of this process know and do: as a page at {@code /}, as JSON under {@code
 * /api/v1/}, as text at {@code /status.txt} and as a stream at {@code /events}. It listens on 127.0.0.1 port 8990 unless told
 * otherwise, changes nothing unless actions are on, and stands on the JDK's own server.
 *
 * <p>Thread-safe. While nobody looks it reads a few counts every 10 s and costs calls nothing.
 */
public final class AdminServer implements AutoCloseable {
    private static final int THREADS = 8;
    private static final int MOST_WAITING = 256;
    private static final long CLOSE_MILLIS = 800;

    private final HttpServer server;
    private final ThreadPoolExecutor executor;
    /** For what may block as long as a client likes: a thread for each. */
    private final Executor workers = SystemThreads.executor();

    private final Answers answers;
    private final AdminGate gate;
    private final Streams streams;
    private final Sampler sampler;
    private final AtomicBoolean closed = new AtomicBoolean();

    private AdminServer(Builder options) {
        Clock clock = Clock.systemUTC();
        ProcessFacts process = new ProcessFacts(options.name, clock);
        StatusReader reader = new StatusReader(List.copyOf(options.fairleads), options.events, process, clock);
        this.gate = new AdminGate(options.hosts, options.token);
        this.answers = new Answers(reader, gate, options.actions ? new Actions(reader::registrationsOpen) : null);
        this.streams = new Streams(reader, workers);
        this.sampler = new Sampler(reader, process);
        this.executor = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), daemons());
        executor.allowCoreThreadTimeOut(true);
        try {
            server = HttpServer.create(new InetSocketAddress(options.address, options.port), 0);
        } catch (IOException taken) {
            throw new UncheckedIOException(
                    "admin server: " + options.address.getHostAddress() + ":" + options.port
                            + " (expected: a free port, 0 for any): " + taken.getMessage(),
                    taken);
        }
    }

    /** A builder for a server that shows this balancer. */
    public static Builder builder(Fairlead fairlead) {
        return new Builder().fairlead(fairlead);
    }

    private void begin() {
        server.setExecutor(executor);
        server.createContext("/", this::handle);
        workers.execute(sampler);
        server.start();
    }

    private static ThreadFactory daemons() {
        AtomicLong number = new AtomicLong();
        return task -> {
            Thread thread = SystemThreads.thread(task, "fairlead-admin-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private void handle(HttpExchange exchange) {
        try {
            Headers response = exchange.getResponseHeaders();
            response.set("X-Content-Type-Options", "nosniff");
            response.set("Referrer-Policy", "no-referrer");
            response.set("Cache-Control", "no-store");
            AdminRequest request = AdminRequest.of(exchange);
            sampler.look();
            if (!isStream(request, exchange) || !streams.begin(exchange, request)) {
                send(exchange, request, answer(exchange, request));
            }
        } catch (IOException gone) {
            exchange.close();
        }
    }

    private boolean isStream(AdminRequest request, HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        return request.path().equals("/events")
                && request.method().equals("GET")
                && gate.isOurHost(headers)
                && gate.mayRead(headers);
    }

    private AdminAnswer answer(HttpExchange exchange, AdminRequest request) {
        try {
            return isStream(request, exchange)
                    ? AdminAnswer.problem(
                                    503,
                                    "streams: " + Streams.MOST + " are open (expected: fewer; /api/v1/status answers)")
                            .with("Retry-After", "5")
                    : answers.to(request, exchange.getRequestHeaders());
        } catch (RuntimeException | Error failed) {
            // Codes of policies and guards are users' own, and so is what they throw; its words may be secret.
            return AdminAnswer.problem(500, "not answered: " + failed.getClass().getName());
        }
    }

    private static void send(HttpExchange exchange, AdminRequest request, AdminAnswer answer) throws IOException {
        try (exchange) {
            Headers response = exchange.getResponseHeaders();
            response.set("Content-Type", answer.type());
            // Keep-alive answers of the JDK's server take 44 ms on Java 17, unless the process sets
            // sun.net.httpserver.nodelay.
            response.set("Connection", "close");
            answer.headers().forEach(response::set);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            boolean hasBody = !request.method().equals("HEAD") && answer.status() != 204;
            exchange.sendResponseHeaders(answer.status(), hasBody && body.length > 0 ? body.length : -1);
            if (hasBody && body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** Where it listens, as in {@code http://127.0.0.1:8990/}. */
    public URI uri() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort() + "/");
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Ends it within a second, whatever its clients do. The balancers stay as they are. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        streams.close();
        sampler.close();
        // Only the stop of the server frees a thread that writes to somebody who never reads.
        CountDownLatch stopped = new CountDownLatch(1);
        workers.execute(() -> {
            server.stop(0);
            stopped.countDown();
        });
        executor.shutdownNow();
        try {
            if (!stopped.await(CLOSE_MILLIS, TimeUnit.MILLISECONDS)) {
                // The JDK's server is on its way; what it waits for is a client, and this caller is not to.
                return;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Collects the options of an {@link AdminServer}. Not thread-safe. */
    public static final class Builder {
        private final List<Fairlead> fairleads = new ArrayList<>();
        private final Set<String> hosts = new LinkedHashSet<>();
        private EventLog events = new EventLog();
        private InetAddress address = InetAddress.getLoopbackAddress();
        private int port = 8990;
        private @Nullable String token;
        private boolean actions;
        private String name = "";

        private Builder() {}

        /** Shows one more balancer. Of a service that several watch the first one's is shown. */
        public Builder fairlead(Fairlead value) {
            fairleads.add(Objects.requireNonNull(value, "fairlead"));
            return this;
        }

        /** Where events come from; by default nobody tells any. */
        public Builder events(EventLog value) {
            this.events = Objects.requireNonNull(value, "events");
            return this;
        }

        /** The address to listen on, a literal; default 127.0.0.1. Any but loopback needs a token. */
        public Builder address(String value) {
            try {
                this.address = InetAddress.getByName(Objects.requireNonNull(value, "address"));
            } catch (UnknownHostException unknown) {
                throw new IllegalArgumentException("address: '" + value + "' (expected: as in '127.0.0.1')", unknown);
            }
            return this;
        }

        /** The port to listen on; default 8990, 0 for any. */
        public Builder port(int value) {
            if (value < 0 || value > 65_535) {
                throw new IllegalArgumentException("port: " + value + " (expected: 0..65535)");
            }
            this.port = value;
            return this;
        }

        /** One more name by which browsers reach it, beside 127.0.0.1, [::1] and localhost; without a port. */
        public Builder host(String value) {
            hosts.add(Objects.requireNonNull(value, "host"));
            return this;
        }

        /** What every reader must send, 16 to 256 letters, digits or {@code -._~+/=}; default none. */
        public Builder token(String value) {
            if (!value.matches("[A-Za-z0-9._~+/=-]{16,256}")) {
                // The value itself is a secret.
                throw new IllegalArgumentException(
                        "token: " + value.length() + " characters (expected: 16 to 256 letters, digits or -._~+/=)");
            }
            this.token = value;
            return this;
        }

        /** Whether an operator can drain this process's own registrations; default false. Needs a token. */
        public Builder actions(boolean value) {
            this.actions = value;
            return this;
        }

        /** What the page calls this process; default nothing. */
        public Builder name(String value) {
            this.name = Objects.requireNonNull(value, "name");
            return this;
        }

        /**
         * Starts the server.
         *
         * @throws IllegalArgumentException when actions are on, or the address is not loopback, and there is no token
         * @throws UncheckedIOException when the port is taken
         */
        public AdminServer start() {
            if (actions && token == null) {
                throw new IllegalArgumentException("actions: on (expected: a token too)");
            }
            if (!address.isLoopbackAddress() && token == null) {
                throw new IllegalArgumentException(
                        "address: " + address.getHostAddress() + " (expected: a loopback address, or a token too)");
            }
            AdminServer server = new AdminServer(this);
            server.begin();
            return server;
        }
    }
}
