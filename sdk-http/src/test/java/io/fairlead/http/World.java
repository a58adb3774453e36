// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A memory registry, a balancer and a JDK client of their own; at the end nothing may be in flight. A client that nobody
 * refers to any more ends its selector, and with it every connection, once none of its calls is under way: so a selector
 * that ends proves that no connection is held. It looks at the end of a call, for which {@link #close} has a last one, and
 * else as often as {@code fairlead.test.jvm} of the root pom says: the JDK reads that once, and tests that use its client
 * before the first world are in the same JVM.
 */
final class World implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(10);
    private static final AtomicBoolean CALLED = new AtomicBoolean();
    private static final String SELECTOR = "HttpClient-\\d+-SelectorManager";

    private final Environment environment = LeakCheck.environment();
    final MemoryRegistry registry = MemoryRegistry.builder()
            .environment(environment)
            .timing(RegistrationTiming.defaults().withPropagation(Duration.ZERO).withInFlight(Duration.ZERO))
            .build();
    final CountingGuards guards = new CountingGuards();
    final Fairlead fairlead;
    private final Set<Thread> before = selectors();
    private HttpClient jdk;
    DiscoveryHttpClient client;

    World(HttpClient.Version version, UnaryOperator<FairleadBuilder> balancer) {
        this(() -> HttpClient.newBuilder().version(version).build(), balancer);
    }

    World(Supplier<HttpClient> jdk, UnaryOperator<FairleadBuilder> balancer) {
        if (CALLED.compareAndSet(false, true)) {
            firstCall();
        }
        fairlead = balancer.apply(
                        Fairlead.builder(registry).environment(environment).guard(guards))
                .build();
        this.jdk = jdk.get();
        client = DiscoveryHttpClient.wrap(this.jdk, fairlead);
    }

    /** The first of a JVM loads the client's classes, which on a busy machine takes longer than the timeouts of tests. */
    private static void firstCall() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://orders/"))
                .PUT(BodyPublishers.ofString("first"))
                .build();
        WireMockServer server = new WireMockServer(options().dynamicPort());
        server.start();
        try (World world = new World(HttpClient.Version.HTTP_1_1, builder -> builder)) {
            server.stubFor(any(anyUrl()).willReturn(aResponse()));
            world.add("one", server.port());
            world.awaitInstances(1);
            world.client.send(request, BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("the first call of this JVM", e);
        }
        server.stop();
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
        forgetClients();
        await().pollInterval(POLL).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            System.gc();
            Set<Thread> left = selectors();
            left.removeAll(before);
            assertThat(left).as("clients that still hold a connection").isEmpty();
        });
    }

    /** Lets the clients go while each has a last call, whose end makes its selector look whether it may end. */
    private void forgetClients() {
        // Nobody accepts: its end resets what the system holds for it.
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            List<WeakReference<HttpClient>> forgotten =
                    lastCalls(URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/"));
            client = null;
            jdk = null;
            await().pollInterval(POLL).atMost(Duration.ofSeconds(10)).until(() -> {
                System.gc();
                return forgotten.stream().allMatch(each -> each.get() == null);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A method of its own, after which no variable has a client. */
    private List<WeakReference<HttpClient>> lastCalls(URI uri) {
        List<WeakReference<HttpClient>> called = new ArrayList<>();
        for (HttpClient each : new HashSet<>(List.of(jdk, client.hops.services(), client.hops.elsewhere()))) {
            called.add(new WeakReference<>(each));
            try {
                each.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
            } catch (RuntimeException e) {
                // Out of a test's cookie handler or executor: that selector looks by itself within a second.
            }
        }
        return called;
    }

    private static Set<Thread> selectors() {
        Set<Thread> alive = new HashSet<>(Thread.getAllStackTraces().keySet());
        alive.removeIf(thread -> !thread.getName().matches(SELECTOR));
        return alive;
    }
}
