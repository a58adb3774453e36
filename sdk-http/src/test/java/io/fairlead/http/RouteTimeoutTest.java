// SPDX-License-Identifier: Apache-2.0
package io.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The time that a rule or a service gives its calls ends those that are under way, on an instance that hangs. */
class RouteTimeoutTest {
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(20);

    @RegisterExtension
    final LeakCheck leaks = World.leakCheck();

    /** Takes connections, as far as the system does by itself, and reads nothing. */
    private ServerSocket server;

    private World world;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        world.close();
    }

    @Test
    void aRulesTimeoutEndsItsCallsAndBlamesTheInstance() {
        world(options -> options.withRoutes(within(SHORT)));
        assertEndsSoon(call(null));
        assertThat(failures()).isEqualTo(1);
    }

    @Test
    void theServicesTimeoutEndsItsCallsAndBlamesTheInstance() {
        world(options -> options.withTimeout(SHORT));
        assertEndsSoon(call(null));
        assertThat(failures()).isEqualTo(1);
    }

    @Test
    void aRulesTimeoutEndsAnAsynchronousCall() {
        world(options -> options.withRoutes(within(SHORT)));
        assertEndsSoon(() ->
                world.client.sendAsync(call(LONG), BodyHandlers.ofString()).get());
        assertThat(failures()).isEqualTo(1);
    }

    @Test
    void aCallsOwnShorterDeadlineStands() {
        world(options -> options.withRoutes(within(LONG)));
        assertEndsSoon(call(SHORT));
        assertThat(failures()).isEqualTo(1);
    }

    @Test
    void aRulesTimeoutShortensACallsOwnLongerDeadline() {
        world(options -> options.withRoutes(within(SHORT)));
        assertEndsSoon(call(LONG));
        assertThat(failures()).isEqualTo(1);
    }

    private void world(UnaryOperator<ServiceOptions> options) {
        world = new World(HttpClient.Version.HTTP_1_1, builder -> builder.forService("orders", options));
        world.add("hangs", server.getLocalPort());
        world.awaitInstances(1);
    }

    private static Routes within(Duration timeout) {
        return Routes.builder()
                .subset("all", Subset.ofMetadata("pool", "a"))
                .otherwise(Rule.otherwise()
                        .to("all")
                        .fallback(Rule.ANY)
                        .timeout(timeout)
                        .build())
                .build();
    }

    private static HttpRequest call(Duration deadline) {
        HttpRequest.Builder call = HttpRequest.newBuilder(URI.create("http://orders/"));
        return deadline == null ? call.build() : call.timeout(deadline).build();
    }

    private void assertEndsSoon(HttpRequest request) {
        assertEndsSoon(() -> world.client.send(request, BodyHandlers.ofString()));
    }

    private static void assertEndsSoon(ThrowingCallable call) {
        long startNanos = System.nanoTime();
        assertThatThrownBy(call)
                .satisfies(thrown -> assertThat(thrown instanceof ExecutionException ? thrown.getCause() : thrown)
                        .isInstanceOf(HttpTimeoutException.class));
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(SHORT.multipliedBy(3));
    }

    private long failures() {
        return world.failures();
    }
}
