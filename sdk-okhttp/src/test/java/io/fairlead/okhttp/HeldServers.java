// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.RejectedException;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Request;
import okhttp3.Response;

/** Servers that answer when the test says so, a service guard that rejects when told, and a client that calls them. */
final class HeldServers implements AutoCloseable {
    /** Without one a server answers {@code ok}. */
    final Map<String, CompletableFuture<MockResponse>> answers = new ConcurrentHashMap<>();

    final Gate gate = new Gate();
    final World world;
    private final Map<String, MockWebServer> servers = new HashMap<>();

    HeldServers(UnaryOperator<FairleadBuilder> options, String... ids) throws IOException {
        world = new World(builder -> options.apply(builder.serviceGuard(gate)));
        for (String id : ids) {
            start(id);
        }
    }

    @Override
    public void close() {
        answers.values().forEach(answer -> answer.complete(ok()));
        world.assertNothingInFlight();
        assertThat(gate.taken).as("the service guard's permits").hasValue(gate.released.get());
        world.close();
        servers.values().forEach(MockWebServer::close);
    }

    void start(String id) throws IOException {
        MockWebServer server = new MockWebServer();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                CompletableFuture<MockResponse> answer = answers.get(id);
                return answer == null ? ok() : answer.join();
            }
        });
        server.start();
        servers.put(id, server);
        world.add(id, server.getPort());
        world.awaitInstances(servers.size());
    }

    static MockResponse ok() {
        return new MockResponse.Builder().body("ok").build();
    }

    int requests(String id) {
        return servers.get(id).getRequestCount();
    }

    int inFlight(String id) {
        return world.fairlead.status("orders").instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .mapToInt(InstanceView::inFlight)
                .sum();
    }

    long failures() {
        return world.fairlead.status("orders").instances().stream()
                .mapToLong(InstanceView::failures)
                .sum();
    }

    int code() throws IOException {
        try (Response response = world.client.newCall(get()).execute()) {
            return response.code();
        }
    }

    Stage rejection() throws IOException {
        try {
            return Stage.valueOf("sent, and answered with " + code());
        } catch (RejectedException rejected) {
            return rejected.stage();
        }
    }

    CompletableFuture<Integer> enqueue() {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return code();
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                },
                world.client.dispatcher().executorService());
    }

    static Request get() {
        return new Request.Builder().url("http://orders/").build();
    }

    /** A service guard that rejects when told, and counts its permits. */
    static final class Gate implements ServiceGuard, ServiceGuard.Factory {
        final AtomicInteger taken = new AtomicInteger();
        final AtomicInteger released = new AtomicInteger();
        volatile boolean open;

        @Override
        public ServiceGuard newGuard(String service, boolean mayReject, Environment environment) {
            return this;
        }

        @Override
        public Object tryAcquire(long nowNanos) {
            if (open) {
                return null;
            }
            taken.incrementAndGet();
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            released.incrementAndGet();
        }

        @Override
        public InstanceGuard.Description describe(long nowNanos) {
            return new InstanceGuard.Description(open ? GuardState.OPEN : GuardState.CLOSED, "", 0);
        }
    }
}
