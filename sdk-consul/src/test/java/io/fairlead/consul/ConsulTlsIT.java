// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.ConsulServer;
import java.nio.file.Files;
import java.nio.file.Path;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real Consul that speaks HTTPS only. */
@ExtendWith(WarmClient.class)
class ConsulTlsIT {
    private final HeldCertificate authority =
            new HeldCertificate.Builder().certificateAuthority(0).build();
    private final HandshakeCertificates trusting = new HandshakeCertificates.Builder()
            .addTrustedCertificate(authority.certificate())
            .build();

    @TempDir
    private Path folder;

    @Test
    void registersAndWatchesOverTls() throws Exception {
        try (ConsulServer consul = ConsulServer.start(options("127.0.0.1"));
                Registry registry = registry(consul, trusting)) {
            RecordingSnapshots seen = new RecordingSnapshots();
            registry.watch("orders", seen);
            registry.register(instance(), HealthCheck.none());
            await().untilAsserted(() -> assertThat(seen.ids()).containsExactly("one"));
        }
    }

    @Test
    void anUnknownAuthorityIsRefused() throws Exception {
        HandshakeCertificates strangers = new HandshakeCertificates.Builder()
                .addPlatformTrustedCertificates()
                .build();
        try (ConsulServer consul = ConsulServer.start(options("127.0.0.1"));
                Registry registry = registry(consul, strangers)) {
            assertThatThrownBy(() -> registry.list("orders")).isInstanceOf(RegistryException.class);
            assertThatThrownBy(() -> registry.register(instance(), HealthCheck.none()))
                    .isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void aCertificateOfAnotherHostIsRefused() throws Exception {
        try (ConsulServer consul = ConsulServer.start(options("127.0.0.1"));
                Registry registry = ConsulRegistry.builder()
                        .address("localhost:" + consul.port())
                        .tls(trusting.sslContext(), trusting.trustManager())
                        .build()) {
            assertThatThrownBy(() -> registry.list("orders")).isInstanceOf(RegistryException.class);
            assertThatThrownBy(() -> registry.register(instance(), HealthCheck.none()))
                    .isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void aClientCertificateIsShownWhereOneIsAsked() throws Exception {
        HeldCertificate own = new HeldCertificate.Builder().signedBy(authority).build();
        HandshakeCertificates known = new HandshakeCertificates.Builder()
                .addTrustedCertificate(authority.certificate())
                .heldCertificate(own)
                .build();
        try (ConsulServer consul = ConsulServer.start(asking("127.0.0.1", known));
                Registry registry = registry(consul, known);
                Registry stranger = registry(consul, trusting)) {
            RecordingSnapshots seen = new RecordingSnapshots();
            registry.watch("orders", seen);
            registry.register(instance(), HealthCheck.none());
            await().untilAsserted(() -> assertThat(seen.ids()).containsExactly("one"));
            assertThatThrownBy(() -> stranger.list("orders")).isInstanceOf(RegistryException.class);
        }
    }

    private static Registry registry(ConsulServer consul, HandshakeCertificates certificates) {
        return ConsulRegistry.builder()
                .address("127.0.0.1:" + consul.port())
                .timing(ConsulRegistryIT.QUICK)
                .tls(certificates.sslContext(), certificates.trustManager())
                .build();
    }

    private ConsulServer.Options options(String host) throws Exception {
        return new ConsulServer.Options(true, null, certificates(host, trusting), null);
    }

    private ConsulServer.Options asking(String host, HandshakeCertificates client) throws Exception {
        Path trusted = Files.writeString(folder.resolve("ca.pem"), authority.certificatePem());
        return new ConsulServer.Options(
                true,
                null,
                certificates(host, client),
                "\"verify_incoming_https\": true, \"ca_file\": \"" + trusted + "\"");
    }

    private ConsulServer.Tls certificates(String host, HandshakeCertificates client) throws Exception {
        HeldCertificate held = new HeldCertificate.Builder()
                .addSubjectAlternativeName(host)
                .signedBy(authority)
                .build();
        Path certificate = Files.writeString(folder.resolve("consul.pem"), held.certificatePem());
        Path key = Files.writeString(folder.resolve("consul.key"), held.privateKeyPkcs8Pem());
        return new ConsulServer.Tls(certificate, key, client.sslContext());
    }

    private static ServiceInstance instance() {
        return ServiceInstance.builder("orders")
                .id("one")
                .address("127.0.0.1", 8080)
                .build();
    }
}
