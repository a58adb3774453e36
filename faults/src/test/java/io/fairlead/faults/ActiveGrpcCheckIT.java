// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceHealth.State;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.HealthPolicy;
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
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The balancer's own gRPC check, against real gRPC servers that speak the standard health protocol. */
class ActiveGrpcCheckIT {
    private static final int SERVING = 1;
    private static final int NOT_SERVING = 2;
    private static final Duration QUICK = Duration.ofMillis(200);

    @Test
    void theServersAnswerTakesItsInstanceOutAndLetsItBack() throws Exception {
        AtomicInteger answer = new AtomicInteger(SERVING);
        Server sick = server(answer);
        Server well = server(new AtomicInteger(SERVING));
        HealthCheck check = HealthCheck.grpc("").every(QUICK);
        try (Registry registry = Registry.connect("memory:active-grpc");
                Fairlead fairlead = Fairlead.builder(registry)
                        .health(HealthPolicy.defaults().withCheck(check).withFailures(2))
                        .build()) {
            registry.register(instance("sick", sick), HealthCheck.none());
            registry.register(instance("well", well), HealthCheck.none());
            fairlead.awaitReady(Duration.ofSeconds(5), "orders");
            assertThat(health(fairlead).state()).isEqualTo(State.ACTIVE);
            answer.set(NOT_SERVING);
            becomes(fairlead, State.CHECK_FAILED);
            assertThat(health(fairlead).evidence()).contains("the gRPC health service answered 2");
            answer.set(SERVING);
            becomes(fairlead, State.EJECTED);
        } finally {
            sick.shutdownNow();
            well.shutdownNow();
        }
    }

    private static void becomes(Fairlead fairlead, State state) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(health(fairlead).state()).isEqualTo(state));
    }

    private static InstanceHealth health(Fairlead fairlead) {
        return fairlead.status("orders").instances().get(0).health();
    }

    private static ServiceInstance instance(String id, Server server) {
        return ServiceInstance.builder("orders")
                .id(id)
                .address("127.0.0.1", server.getPort())
                .build();
    }

    private static Server server(AtomicInteger answer) throws IOException {
        MethodDescriptor<byte[], byte[]> check = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("grpc.health.v1.Health/Check")
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        ServerServiceDefinition health = ServerServiceDefinition.builder("grpc.health.v1.Health")
                .addMethod(check, ServerCalls.asyncUnaryCall((request, reply) -> {
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
