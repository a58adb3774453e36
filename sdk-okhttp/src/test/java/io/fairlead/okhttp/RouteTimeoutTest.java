// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.balancer.Hedging;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.function.UnaryOperator;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The time that a rule or a service gives its calls ends those that are under way, on an instance that hangs. */
class RouteTimeoutTest {
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(20);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

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
        world.assertNothingInFlight();
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
    void aRulesTimeoutEndsAHedgedCall() {
        world(options -> options.withRoutes(within(SHORT))
                .withHedging(Hedging.defaults().withDelay(Duration.ofMillis(20)).withMaxExtraLoad(1)));
        assertEndsSoon(call(null));
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
        world = new World(builder -> builder.forService("orders", options));
        world.client = world.client.newBuilder().readTimeout(LONG).build();
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

    private static Request call(Duration deadline) {
        return new Request.Builder()
                .url("http://orders/")
                .tag(CallHints.class, new CallHints(null, null, deadline))
                .build();
    }

    private void assertEndsSoon(Request request) {
        long startNanos = System.nanoTime();
        assertThatThrownBy(() -> world.client.newCall(request).execute()).isInstanceOf(IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(SHORT.multipliedBy(3));
    }

    private long failures() {
        return world.fairlead.status("orders").instances().stream()
                .mapToLong(InstanceView::failures)
                .sum();
    }
}
