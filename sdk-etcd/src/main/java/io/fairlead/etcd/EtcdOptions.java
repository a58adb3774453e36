// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.fairlead.spi.Environment;
import io.fairlead.spi.kit.SystemThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** How etcd is reached, as a registry or a document was configured. Never prints its password. */
record EtcdOptions(
        List<String> endpoints,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path authority,
        @Nullable Path certificate,
        @Nullable Path key,
        Duration fullListEvery,
        EtcdThreads threads) {
    private static final Duration KEEPALIVE = Duration.ofSeconds(10);
    private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration CONNECT = Duration.ofSeconds(2);

    /**
     * The client retries twice, after this and twice this. It must have failed before gRPC connects again by itself, 0.8 s
     * after it was refused at the earliest, or each try of a fresh client costs an absent server two connections.
     */
    private static final long RETRY_MILLIS = 150;

    /** A list is one answer: gRPC's own 4 MiB would let three large foreign values hide everybody. */
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    EtcdConnection connection(Environment environment) {
        return new EtcdConnection(() -> newClient(false), () -> newClient(true), toString(), environment);
    }

    List<String> urls() {
        String scheme = authority == null ? "http://" : "https://";
        return endpoints.stream().map(endpoint -> scheme + endpoint).toList();
    }

    /** @param apart whether it has threads of its own for the network, and not those all of gRPC shares */
    Client newClient(boolean apart) {
        ClientBuilder client = Client.builder()
                .endpoints(urls().toArray(String[]::new))
                .waitForReady(false)
                .keepaliveWithoutCalls(false)
                .keepaliveTime(KEEPALIVE)
                .keepaliveTimeout(KEEPALIVE_TIMEOUT)
                .connectTimeout(CONNECT)
                .retryDelay(RETRY_MILLIS)
                .retryMaxDelay(2 * RETRY_MILLIS)
                .maxInboundMessageSize(MAX_ANSWER_BYTES)
                .executorService(threads.executor())
                .interceptor(threads);
        if (user != null && password != null) {
            client.user(KeyLayout.bytes(user)).password(KeyLayout.bytes(password));
        }
        if (authority != null) {
            secure(client, authority);
        }
        return SystemThreads.onOwn((apart ? client.useVertx() : client)::build);
    }

    private void secure(ClientBuilder client, Path trusted) {
        try {
            client.sslContext(context -> {
                context.trustManager(trusted.toFile());
                if (certificate != null && key != null) {
                    context.keyManager(certificate.toFile(), key.toFile());
                }
            });
        } catch (SSLException unusable) {
            throw new IllegalArgumentException(
                    "tls: " + unusable.getMessage() + " (expected: files in PEM that can be read, the key in PKCS #8)",
                    unusable);
        }
    }

    @Override
    public String toString() {
        return "etcd " + String.join(",", urls());
    }
}
