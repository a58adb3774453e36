// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

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
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A memory registry, a balancer and a JDK client of their own; at the end nothing may be in flight. A client that nobody
 * refers to any more ends its selector, and with it every connection, once none of its calls is under way: so a selector
 * that ends proves that no connection is held. How often it looks, {@code fairlead.test.jvm} of the root pom says: the
 * JDK reads that once, and tests that use its client before the first world are in the same JVM.
 */
final class World implements AutoCloseable {
    private static final String SELECTOR = "HttpClient-\\d+-SelectorManager";

    private final Environment environment = LeakCheck.environment();
    final MemoryRegistry registry = MemoryRegistry.builder()
            .environment(environment)
            .timing(RegistrationTiming.defaults().withPropagation(Duration.ZERO).withInFlight(Duration.ZERO))
            .build();
    final CountingGuards guards = new CountingGuards();
    final Fairlead fairlead;
    private final Set<Thread> before = selectors();
    DiscoveryHttpClient client;

    World(HttpClient.Version version, UnaryOperator<FairleadBuilder> options) {
        this(() -> HttpClient.newBuilder().version(version).build(), options);
    }

    World(Supplier<HttpClient> jdk, UnaryOperator<FairleadBuilder> options) {
        fairlead = options.apply(
                        Fairlead.builder(registry).environment(environment).guard(guards))
                .build();
        client = DiscoveryHttpClient.wrap(jdk.get(), fairlead);
    }

    /** Before Java 21 the client's idle workers stay for a minute; its selector must not. */
    static LeakCheck leakCheck() {
        return new LeakCheck().ignoringThreads("HttpClient-\\d+-Worker.*");
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

    int inFlight() {
        return fairlead.status("orders").instances().stream()
                .mapToInt(InstanceView::inFlight)
                .sum();
    }

    long failures() {
        return fairlead.status("orders").instances().stream()
                .mapToLong(InstanceView::failures)
                .sum();
    }

    /** No attempt, no permit, then no connection either. */
    @Override
    public void close() {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            if (fairlead.status("orders") != null) {
                assertThat(inFlight()).as("attempts in flight").isZero();
            }
            assertThat(guards.permits()).as("permits out").isZero();
        });
        fairlead.close();
        registry.close();
        client = null;
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            System.gc();
            Set<Thread> left = selectors();
            left.removeAll(before);
            assertThat(left).as("clients that still hold a connection").isEmpty();
        });
    }

    private static Set<Thread> selectors() {
        Set<Thread> alive = new HashSet<>(Thread.getAllStackTraces().keySet());
        alive.removeIf(thread -> !thread.getName().matches(SELECTOR));
        return alive;
    }
}
