// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.EtcdServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real etcd that speaks TLS to its clients. */
@ExtendWith(WarmClient.class)
class EtcdTlsIT {
    private final HeldCertificate authority =
            new HeldCertificate.Builder().certificateAuthority(0).build();

    @TempDir
    private Path folder;

    private EtcdServer.Tls tls;
    private Path trusted;

    @BeforeEach
    void writeCertificates() throws Exception {
        HeldCertificate held = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .signedBy(authority)
                .build();
        trusted = Files.writeString(folder.resolve("ca.pem"), authority.certificatePem());
        HandshakeCertificates client = new HandshakeCertificates.Builder()
                .addTrustedCertificate(authority.certificate())
                .build();
        tls = new EtcdServer.Tls(
                Files.writeString(folder.resolve("etcd.pem"), held.certificatePem()),
                Files.writeString(folder.resolve("etcd.key"), held.privateKeyPkcs8Pem()),
                trusted,
                client.sslContext(),
                false);
    }

    @Test
    void registersAndWatchesOverTls() {
        try (EtcdServer etcd = EtcdServer.start(tls);
                Registry registry = registry("127.0.0.1:" + etcd.port(), trusted)) {
            RecordingSnapshots seen = new RecordingSnapshots();
            registry.watch("orders", seen);
            registry.register(instance(), HealthCheck.none());
            await().untilAsserted(() -> assertThat(seen.ids()).containsExactly("one"));
        }
    }

    @Test
    void anUnknownAuthorityIsRefused() throws Exception {
        HeldCertificate stranger =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        Path other = Files.writeString(folder.resolve("other.pem"), stranger.certificatePem());
        try (EtcdServer etcd = EtcdServer.start(tls);
                Registry registry = registry("127.0.0.1:" + etcd.port(), other)) {
            assertThatThrownBy(() -> registry.list("orders")).isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void aCertificateOfAnotherHostIsRefused() {
        try (EtcdServer etcd = EtcdServer.start(tls);
                Registry registry = registry("localhost:" + etcd.port(), trusted)) {
            assertThatThrownBy(() -> registry.list("orders")).isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void aClientCertificateIsShownWhereOneIsAsked() throws Exception {
        HeldCertificate own = new HeldCertificate.Builder().signedBy(authority).build();
        Path certificate = Files.writeString(folder.resolve("own.pem"), own.certificatePem());
        Path key = Files.writeString(folder.resolve("own.key"), own.privateKeyPkcs8Pem());
        try (EtcdServer etcd = EtcdServer.start(tls.askingClients());
                Registry registry = builder("127.0.0.1:" + etcd.port())
                        .tls(trusted, certificate, key)
                        .build();
                Registry stranger = registry("127.0.0.1:" + etcd.port(), trusted)) {
            registry.register(instance(), HealthCheck.none());
            assertThat(registry.list("orders").instances()).hasSize(1);
            assertThatThrownBy(() -> stranger.list("orders")).isInstanceOf(RegistryException.class);
        }
    }

    private static Registry registry(String endpoint, Path authorityPem) {
        return builder(endpoint).tls(authorityPem).build();
    }

    private static EtcdRegistry.Builder builder(String endpoint) {
        return EtcdRegistry.builder().endpoints(List.of(endpoint)).timing(EtcdRegistryIT.QUICK);
    }

    private static ServiceInstance instance() {
        return ServiceInstance.builder("orders")
                .id("one")
                .address("127.0.0.1", 8080)
                .build();
    }
}
