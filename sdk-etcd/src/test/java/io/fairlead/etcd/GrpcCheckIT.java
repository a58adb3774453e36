// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import io.fairlead.testkit.server.EtcdServer;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The gRPC check we run ourselves, against a real gRPC server that speaks the standard health protocol. */
@ExtendWith(WarmClient.class)
class GrpcCheckIT {
    private static final int SERVING = 1;
    private static final int NOT_SERVING = 2;

    private final AtomicInteger answer = new AtomicInteger(SERVING);
    private final AtomicReference<String> asked = new AtomicReference<>("");

    @Test
    void theServersAnswerDecides() throws Exception {
        Server server = server();
        try (EtcdServer etcd = EtcdServer.start();
                Registry registry = EtcdRegistry.builder()
                        .endpoints(List.of("127.0.0.1:" + etcd.port()))
                        .timing(EtcdRegistryIT.QUICK)
                        .build()) {
            RecordingSnapshots seen = new RecordingSnapshots();
            registry.watch("orders", seen);
            registry.register(
                    ServiceInstance.builder("orders")
                            .id("one")
                            .address("127.0.0.1", server.getPort())
                            .build(),
                    HealthCheck.grpc("shop.Orders").every(Duration.ofMillis(200)));
            becomes(seen, InstanceStatus.PASSING);
            assertThat(asked.get()).isEqualTo("shop.Orders");
            answer.set(NOT_SERVING);
            becomes(seen, InstanceStatus.CRITICAL);
            answer.set(SERVING);
            becomes(seen, InstanceStatus.PASSING);
        } finally {
            server.shutdownNow();
        }
    }

    private static void becomes(RecordingSnapshots seen, InstanceStatus status) {
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(seen.instances())
                        .extracting(ServiceInstance::status)
                        .containsExactly(status));
    }

    private Server server() throws IOException {
        MethodDescriptor<byte[], byte[]> check = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("grpc.health.v1.Health/Check")
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        ServerServiceDefinition health = ServerServiceDefinition.builder("grpc.health.v1.Health")
                .addMethod(check, ServerCalls.asyncUnaryCall((request, reply) -> {
                    // field 1 of both messages: a string's tag and length, an enum's tag
                    asked.set(new String(request, 2, request.length - 2, StandardCharsets.UTF_8));
                    reply.onNext(new byte[] {8, (byte) answer.get()});
                    reply.onCompleted();
                }))
                .build();
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(health)
                .build()
                .start();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
