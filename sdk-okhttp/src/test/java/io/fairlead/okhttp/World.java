// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.RegistrationTiming;
import io.fairlead.testkit.CountingGuards;
import io.fairlead.testkit.LeakCheck;
import java.time.Duration;
import java.util.function.UnaryOperator;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** A memory registry, a balancer and a client; at the end nothing may be in flight. */
final class World implements AutoCloseable {
    private final Environment environment = LeakCheck.environment();
    final MemoryRegistry registry = MemoryRegistry.builder()
            .environment(environment)
            .timing(RegistrationTiming.defaults().withPropagation(Duration.ZERO).withInFlight(Duration.ZERO))
            .build();
    final CountingGuards guards = new CountingGuards();
    final Fairlead fairlead;
    OkHttpClient client;

    World(String policy) {
        this(builder -> builder.policy(policy));
    }

    World(UnaryOperator<FairleadBuilder> options) {
        fairlead = options.apply(
                        Fairlead.builder(registry).environment(environment).guard(guards))
                .build();
        client = DiscoveryOkHttp.newClient(fairlead);
    }

    void add(String id, int port) {
        registry.register(
                ServiceInstance.builder("orders")
                        .id(id)
                        .address("127.0.0.1", port)
                        .build(),
                HealthCheck.none());
    }

    void awaitInstances(int count) {
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        await().until(() -> fairlead.status("orders").instances().size() == count);
    }

    String get(String url) throws Exception {
        try (Response response =
                client.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.body().string();
        }
    }

    /** No attempt, no permit, no connection but idle ones of the pool; threads are {@code LeakCheck}'s. */
    void assertNothingInFlight() {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(fairlead.status("orders").instances())
                    .extracting(InstanceView::inFlight)
                    .containsOnly(0);
            assertThat(guards.permits()).as("permits out").isZero();
            assertThat(client.connectionPool().connectionCount()
                            - client.connectionPool().idleConnectionCount())
                    .as("connections in use")
                    .isZero();
            assertThat(client.dispatcher().runningCallsCount())
                    .as("calls running")
                    .isZero();
        });
    }

    @Override
    public void close() {
        fairlead.close();
        registry.close();
        client.dispatcher().executorService().shutdownNow();
        client.connectionPool().evictAll();
    }
}
