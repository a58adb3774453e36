// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fairlead.api.CheckEndpoint;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.ConsulServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Checks that a real Consul agent runs, and reads of a datacentre by name. */
@ExtendWith(WarmClient.class)
class ConsulChecksIT {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ConsulServer consul = ConsulServer.start();
    private final Registry registry = builder().build();
    private final RecordingSnapshots seen = new RecordingSnapshots();

    @AfterEach
    void stop() {
        registry.close();
        consul.close();
    }

    @Test
    void theAgentAsksTheHttpPathAndItsAnswerDecides() throws Exception {
        AtomicInteger code = new AtomicInteger(200);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.createContext("/ready", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(code.get(), -1);
            }
        });
        server.start();
        try {
            register(server.getAddress().getPort(), HealthCheck.http("/ready").every(SECOND));
            becomes(InstanceStatus.PASSING);
            code.set(503);
            becomes(InstanceStatus.CRITICAL);
            code.set(429);
            becomes(InstanceStatus.WARNING);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void theAgentConnectsForATcpCheck() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.start();
        register(server.getAddress().getPort(), HealthCheck.tcp().every(SECOND));
        becomes(InstanceStatus.PASSING);
        server.stop(0);
        becomes(InstanceStatus.CRITICAL);
    }

    /** A plain-text HTTP/2 server that answers as the standard gRPC health service does. */
    @Test
    void theAgentAsksTheGrpcHealthService() throws Exception {
        AtomicInteger serving = new AtomicInteger(1);
        AtomicReference<String> asked = new AtomicReference<>("");
        try (MockWebServer server = new MockWebServer()) {
            server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
            server.setDispatcher(new Dispatcher() {
                @Override
                public MockResponse dispatch(RecordedRequest request) {
                    asked.set(request.getTarget());
                    // not compressed, two bytes: field 1, the status
                    Buffer message = new Buffer().write(new byte[] {0, 0, 0, 0, 2, 8, (byte) serving.get()});
                    return new MockResponse.Builder()
                            .setHeader("Content-Type", "application/grpc")
                            .body(message)
                            .trailers(Headers.of("grpc-status", "0"))
                            .build();
                }
            });
            server.start(InetAddress.getByName("127.0.0.1"), 0);
            register(server.getPort(), HealthCheck.grpc("shop.Orders").every(SECOND));
            becomes(InstanceStatus.PASSING);
            assertThat(asked.get()).isEqualTo("/grpc.health.v1.Health/Check");
            serving.set(2);
            becomes(InstanceStatus.CRITICAL);
        }
    }

    /** The name to expect is Consul's from 1.9 on; see AgentRefusalsTest for what it is told. */
    @Test
    void theAgentVerifiesACertificateUnlessItIsToldNotTo() throws Exception {
        HeldCertificate selfSigned = new HeldCertificate.Builder().build();
        try (MockWebServer server = new MockWebServer()) {
            server.useHttps(new HandshakeCertificates.Builder()
                    .heldCertificate(selfSigned)
                    .build()
                    .sslSocketFactory());
            server.setDispatcher(new Dispatcher() {
                @Override
                public MockResponse dispatch(RecordedRequest request) {
                    return new MockResponse.Builder().build();
                }
            });
            server.start(InetAddress.getByName("127.0.0.1"), 0);
            CheckEndpoint management = CheckEndpoint.ofInstance().withPort(server.getPort());
            CheckEndpoint verified = management.withScheme("https");
            registry.watch("orders", seen);
            register("verified", HealthCheck.http("/health").every(SECOND).at(verified));
            register("believed", HealthCheck.http("/health").every(SECOND).at(verified.withoutTlsVerification()));
            await().atMost(Duration.ofSeconds(20)).until(() -> server.getRequestCount() >= 2);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(seen.instances())
                            .extracting(instance -> instance.id() + " " + instance.status())
                            .containsExactly("believed PASSING", "verified CRITICAL"));
        }
    }

    @Test
    void readsGoToTheDatacentreThatWasNamed() {
        register(8080, HealthCheck.none());
        try (Registry own = builder().datacenter("dc1").build();
                Registry absent = builder().datacenter("nowhere").build()) {
            assertThat(own.list("orders").instances())
                    .extracting(ServiceInstance::id)
                    .containsExactly("one");
            assertThat(own.services()).contains("orders");
            assertThatThrownBy(() -> absent.list("orders")).isInstanceOf(RegistryException.class);
        }
    }

    private void register(int port, HealthCheck check) {
        registry.watch("orders", seen);
        registry.register(
                ServiceInstance.builder("orders")
                        .id("one")
                        .address("127.0.0.1", port)
                        .build(),
                check);
    }

    private void register(String id, HealthCheck check) {
        registry.register(
                ServiceInstance.builder("orders")
                        .id(id)
                        .address("127.0.0.1", 8_080)
                        .build(),
                check);
    }

    private void becomes(InstanceStatus status) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(seen.instances())
                        .extracting(ServiceInstance::status)
                        .containsExactly(status));
    }

    private ConsulRegistry.Builder builder() {
        return ConsulRegistry.builder().address("127.0.0.1:" + consul.port()).timing(ConsulRegistryIT.QUICK);
    }
}
