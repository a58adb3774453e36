// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fairlead.api.EventListener;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.Outcome;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.okhttp.DiscoveryOkHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who answers is who was asked for: a service's certificate, the caller's scheme, the caller's secrets. */
class IdentityIT {
    private static final HeldCertificate AUTHORITY =
            new HeldCertificate.Builder().certificateAuthority(0).build();
    private static final HandshakeCertificates TRUST = new HandshakeCertificates.Builder()
            .addTrustedCertificate(AUTHORITY.certificate())
            .build();

    private final MemoryRegistry registry = MemoryRegistry.create();
    private final ConcurrentLinkedQueue<String> attempts = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<HttpServer> servers = new ConcurrentLinkedQueue<>();
    private final Fairlead fairlead = Fairlead.builder(registry)
            .policy("round_robin")
            .listener(new EventListener() {
                @Override
                public void onAttempt(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
                    attempts.add(instance.id());
                }
            })
            .build();
    private final OkHttpClient client = DiscoveryOkHttp.configure(new OkHttpClient.Builder(), fairlead)
            .sslSocketFactory(TRUST.sslSocketFactory(), TRUST.trustManager())
            .build();

    @AfterEach
    void stop() {
        fairlead.close();
        registry.close();
        servers.forEach(server -> server.stop(0));
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    @Test
    void theRegistryCanNotTakeTlsAway() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Integer> first = new CompletableFuture<>();
            Thread acceptor = new Thread(() -> {
                try (Socket caller = plain.accept()) {
                    first.complete(caller.getInputStream().read());
                } catch (IOException closed) {
                    first.completeExceptionally(closed);
                }
            });
            acceptor.start();
            add(ServiceInstance.builder("orders")
                    .id("evil")
                    .address("127.0.0.1", plain.getLocalPort())
                    .scheme("http")
                    .tag("secure=false")
                    .metadata("secure", "false")
                    .build());
            boolean failed = fails("https://orders/secret");
            acceptor.join();
            boolean hello = first.join() == 0x16;
            record(
                    "S5",
                    "scheme http, tag and metadata secure=false, under an https call",
                    "0 plaintext bytes",
                    (hello ? "a TLS hello arrived first" : "byte " + first.join()) + "; the call "
                            + (failed ? "failed" : "passed"),
                    hello && failed);
            assertThat(hello && failed).isTrue();
        }
    }

    @Test
    void theCertificateNamesTheService() throws Exception {
        for (int i = 0; i < 2; i++) {
            add(instance("i" + i, server("i" + i, "orders").getAddress().getPort()));
        }
        int right = 0;
        for (int i = 0; i < 100; i++) {
            attempts.clear();
            String answered = get("https://orders/");
            right += List.of(answered).equals(List.copyOf(attempts)) ? 1 : 0;
        }
        add("billing", server("x", "somebody-else").getAddress().getPort());
        int refused = 0;
        for (int i = 0; i < 20; i++) {
            refused += fails("https://billing/") ? 1 : 0;
        }
        record(
                "S6",
                "two addresses, one certificate for the service; then a certificate for somebody else",
                "100 of 100 calls on the instance chosen; 100 % of the others refused",
                right + " of 100 on the instance chosen; " + refused + " of 20 refused",
                right == 100 && refused == 20);
        assertThat(right).isEqualTo(100);
        assertThat(refused).isEqualTo(20);
    }

    @Test
    void secretsStayWithTheService() throws Exception {
        AtomicInteger leaked = new AtomicInteger();
        AtomicInteger arrived = new AtomicInteger();
        HttpServer elsewhere = plain(exchange -> {
            arrived.incrementAndGet();
            boolean has = exchange.getRequestHeaders().containsKey("Authorization")
                    || exchange.getRequestHeaders().containsKey("Cookie");
            leaked.addAndGet(has ? 1 : 0);
            return "elsewhere";
        });
        HttpServer evil = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        evil.createContext("/", exchange -> {
            try (exchange) {
                exchange.getResponseHeaders()
                        .add(
                                "Location",
                                "http://localhost:" + elsewhere.getAddress().getPort() + "/");
                exchange.sendResponseHeaders(307, -1);
            }
        });
        start(evil);
        add(instance("evil", evil.getAddress().getPort()));
        for (int i = 0; i < 20; i++) {
            Request request = new Request.Builder()
                    .url("http://orders/")
                    .header("Authorization", "Bearer canary")
                    .build();
            try (Response response = client.newCall(request).execute()) {
                response.body().bytes();
            }
        }
        record(
                "S7",
                "an instance redirects 20 calls with credentials to another host",
                "0 credentials arrive there",
                leaked.get() + " of " + arrived.get() + " redirected calls carried them",
                leaked.get() == 0 && arrived.get() == 20);
        assertThat(leaked.get()).isZero();
        assertThat(arrived.get()).isEqualTo(20);
    }

    @Test
    void aRegistryWithAnotherHostsCertificateIsRefused() throws Exception {
        int refused = 0;
        HttpServer other = server("[]", "other.test");
        HttpServer right = server("[]", "127.0.0.1");
        for (int i = 0; i < 20; i++) {
            try (Registry consul = consul(other)) {
                consul.list("orders");
            } catch (RuntimeException unverified) {
                refused++;
            }
        }
        boolean trusted;
        try (Registry consul = consul(right)) {
            trusted = consul.list("orders").isEmpty();
        }
        record(
                "S12",
                "Consul's certificate is for another host",
                "100 % refused, nothing sent",
                refused + " of 20 refused; the right one " + (trusted ? "accepted" : "refused"),
                refused == 20 && trusted);
        assertThat(refused).isEqualTo(20);
        assertThat(trusted).isTrue();
    }

    private static Registry consul(HttpServer server) {
        return ConsulRegistry.builder()
                .address("127.0.0.1:" + server.getAddress().getPort())
                .tls(TRUST.sslContext(), TRUST.trustManager())
                .build();
    }

    private void add(String service, int port) {
        add(ServiceInstance.builder(service).address("127.0.0.1", port).build());
    }

    private void add(ServiceInstance instance) {
        registry.register(instance, HealthCheck.none()).idle();
        fairlead.awaitReady(Duration.ofSeconds(5), instance.service());
    }

    private static ServiceInstance instance(String id, int port) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("127.0.0.1", port)
                .build();
    }

    private boolean fails(String url) {
        try {
            get(url);
            return false;
        } catch (IOException refused) {
            return true;
        }
    }

    private String get(String url) throws IOException {
        try (Response response =
                client.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.body().string();
        }
    }

    /** What a server says to an exchange. */
    private interface Words {
        String to(HttpExchange exchange);
    }

    private HttpServer plain(Words words) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        answer(server, words);
        return start(server);
    }

    private HttpServer server(String says, String name) throws IOException {
        HeldCertificate held = new HeldCertificate.Builder()
                .addSubjectAlternativeName(name)
                .signedBy(AUTHORITY)
                .build();
        HandshakeCertificates own =
                new HandshakeCertificates.Builder().heldCertificate(held).build();
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(own.sslContext()));
        answer(server, exchange -> says);
        return start(server);
    }

    private HttpServer start(HttpServer server) {
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "identity");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
        servers.add(server);
        return server;
    }

    private static void answer(HttpServer server, Words words) {
        server.createContext("/", exchange -> {
            byte[] body = words.to(exchange).getBytes(UTF_8);
            try (exchange) {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
    }
}
