// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.CheckEndpoint;
import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceHealth.State;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.HealthPolicy;
import io.fairlead.spi.kit.HealthProbe;
import io.fairlead.testkit.LeakCheck;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Checks over TLS, made by the registering process and by the balancer, against a server with a certificate by name. */
class CheckTlsTest {
    private static final Duration QUICK = Duration.ofMillis(200);
    private static final Duration PATIENT = Duration.ofSeconds(20);
    private static final CheckEndpoint OWN = CheckEndpoint.ofInstance().withScheme("https");
    private static final CheckEndpoint NAMED = OWN.withServerName("orders.internal");

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final HeldCertificate authority =
            new HeldCertificate.Builder().certificateAuthority(0).build();
    private final HeldCertificate certificate = new HeldCertificate.Builder()
            .signedBy(authority)
            .addSubjectAlternativeName("orders.internal")
            .build();
    private final HandshakeCertificates trusting = new HandshakeCertificates.Builder()
            .addTrustedCertificate(authority.certificate())
            .build();
    private final MockWebServer server = new MockWebServer();
    private SSLContext before;

    @BeforeEach
    void start() throws Exception {
        before = SSLContext.getDefault();
        server.useHttps(new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslSocketFactory());
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                boolean isGrpc = request.getTarget().startsWith("/grpc.health");
                return isGrpc
                        ? new MockResponse.Builder()
                                .setHeader("Content-Type", "application/grpc")
                                .body(new Buffer().write(new byte[] {0, 0, 0, 0, 2, 8, 1}))
                                .trailers(Headers.of("grpc-status", "0"))
                                .build()
                        : new MockResponse.Builder().build();
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        SSLContext.setDefault(before);
        server.close();
    }

    @Test
    void aCertificateOfNobodyWeTrustFailsUnlessVerificationIsOff() throws Exception {
        assertThatThrownBy(() -> probe(HealthCheck.http("/health").at(OWN))).isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> probe(HealthCheck.http("/health").at(NAMED))).isInstanceOf(SSLException.class);
        assertThat(probe(HealthCheck.http("/health").at(OWN.withoutTlsVerification())))
                .isEqualTo(InstanceStatus.PASSING);
    }

    @Test
    void theServerNameIsSentAndExpected() throws Exception {
        SSLContext.setDefault(trusting.sslContext());
        assertThatThrownBy(() -> probe(HealthCheck.http("/health").at(OWN)))
                .as("the certificate is for no address")
                .isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> probe(HealthCheck.http("/health").at(OWN.withServerName("billing.internal"))))
                .isInstanceOf(SSLException.class);
        assertThat(probe(HealthCheck.http("/health").at(NAMED))).isEqualTo(InstanceStatus.PASSING);
        RecordedRequest seen = server.takeRequest();
        assertThat(seen.getHandshakeServerNames()).containsExactly("orders.internal");
        assertThat(seen.getTarget()).isEqualTo("/health");
    }

    @Test
    void aGrpcCheckSpeaksTlsWhereItIsAskedTo() throws Exception {
        SSLContext.setDefault(trusting.sslContext());
        server.setProtocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1));
        assertThat(probe(HealthCheck.grpc("shop.Orders").at(NAMED))).isEqualTo(InstanceStatus.PASSING);
        assertThatThrownBy(() -> probe(HealthCheck.grpc("shop.Orders").at(OWN))).isInstanceOf(SSLException.class);
    }

    @Test
    void theRegisteringProcessAndTheBalancerTakeTheSameOptions() {
        HealthCheck check =
                HealthCheck.http("/health").port(server.getPort()).every(QUICK).timeout(PATIENT);
        CheckEndpoint believed = check.endpoint().withScheme("https").withoutTlsVerification();
        try (World world = new World(builder -> builder.forService(
                        "orders", o -> o.withHealth(active(check.endpoint().withScheme("https"))))
                .forService("billing", o -> o.withHealth(active(believed))))) {
            for (String service : List.of("orders", "billing")) {
                world.registry.register(instance(service, 1, "a"), check.at(believed));
                world.registry.register(instance(service, 1, "b"), HealthCheck.none());
            }
            await().untilAsserted(() -> assertThat(world.registry.list("orders").instances())
                    .extracting(ServiceInstance::status)
                    .containsOnly(InstanceStatus.PASSING));
            world.fairlead.awaitReady(Duration.ofSeconds(5), "orders", "billing");
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(
                            () -> assertThat(world.fairlead.status("orders").instances())
                                    .as("not believed by the balancer")
                                    .anySatisfy(view ->
                                            assertThat(view.health().state()).isEqualTo(State.CHECK_FAILED)));
            assertThat(world.fairlead.status("billing").instances())
                    .allSatisfy(view ->
                            assertThat(view.health().state().isServing()).isTrue());
        }
    }

    private static HealthPolicy active(CheckEndpoint endpoint) {
        return HealthPolicy.defaults()
                .withCheck(HealthCheck.http("/health")
                        .every(QUICK)
                        .timeout(PATIENT)
                        .at(endpoint))
                .withFailures(2);
    }

    private InstanceStatus probe(HealthCheck check) throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        return HealthProbe.of(check.kind())
                .check(instance("orders", server.getPort(), "one"), loopback, check.timeout(PATIENT));
    }

    private static ServiceInstance instance(String service, int port, String id) {
        return ServiceInstance.builder(service)
                .id(id)
                .address("127.0.0.1", port)
                .build();
    }
}
