// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import com.sun.net.httpserver.HttpServer;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.spi.Environment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Five real servers of one service, a client that calls them all the time, and the page of its balancer. */
final class World implements AutoCloseable {
    static final String SERVICE = "orders";
    private static final int CALLERS = 4;
    private static final long PAUSE_MILLIS = 10;

    final EventLog events = new EventLog();
    final MemoryRegistry registry = MemoryRegistry.builder()
            .environment(Environment.system().andListener(events))
            .build();
    final Fairlead fairlead;
    final AdminServer admin;
    private final Map<String, HttpServer> servers = new LinkedHashMap<>();
    private final List<Registration> registrations = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "world");
        thread.setDaemon(true);
        return thread;
    });

    World() throws IOException {
        for (int i = 1; i <= 5; i++) {
            serve("orders-" + i, i);
        }
        fairlead = Fairlead.builder(registry)
                .addListener(events)
                .addressPolicy(AddressPolicy.defaults().allowLoopback())
                .build();
        fairlead.awaitReady(Duration.ofSeconds(10), SERVICE);
        admin = AdminServer.builder(fairlead)
                .port(0)
                .name("checkout")
                .events(events)
                .start();
        for (int i = 0; i < CALLERS; i++) {
            threads.execute(this::callOn);
        }
    }

    private void serve(String id, int number) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, -1);
            }
        });
        server.start();
        servers.put(id, server);
        ServiceInstance instance = ServiceInstance.builder(SERVICE)
                .id(id)
                .address("127.0.0.1", server.getAddress().getPort())
                .zone(number < 4 ? "eu-1a" : "eu-1b")
                .version(number < 4 ? "2.4.0" : "2.5.0-rc1")
                .build();
        registrations.add(registry.register(instance, HealthCheck.none()));
    }

    private void callOn() {
        try {
            while (!closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                try {
                    fairlead.call(SERVICE, attempt -> {
                        ask(attempt.instance());
                        return "";
                    });
                } catch (IOException | RuntimeException failed) {
                    // Who calls knows; the page is to show it.
                }
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private static void ask(ServiceInstance instance) throws IOException {
        try (Socket socket = new Socket(instance.host(), instance.port())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            if (socket.getInputStream().read() < 0) {
                throw new IOException("no answer");
            }
        }
    }

    /** Ends a server; its port refuses from now on. */
    void kill(String id) {
        servers.get(id).stop(0);
    }

    @Override
    public void close() {
        closed.countDown();
        admin.close();
        registrations.forEach(Registration::idle);
        servers.values().forEach(server -> server.stop(0));
        fairlead.close();
        registry.close();
        threads.shutdownNow();
    }
}
