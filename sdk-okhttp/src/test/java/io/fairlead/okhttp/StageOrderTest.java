// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.InstanceView;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.Throttle;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Limits, throttle, guard and fallback over HTTP: who rejects first, what comes back, and what the servers saw. */
class StageOrderTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final Map<String, MockWebServer> servers = new HashMap<>();
    private final Map<String, CompletableFuture<MockResponse>> answers = new ConcurrentHashMap<>();
    private final Gate gate = new Gate();
    private World world;

    @AfterEach
    void stop() {
        answers.values().forEach(answer -> answer.complete(ok()));
        world.assertNothingInFlight();
        assertThat(gate.taken).as("the service guard's permits").hasValue(gate.released.get());
        world.close();
        servers.values().forEach(MockWebServer::close);
    }

    @Test
    void anInstanceAtItsLimitIsPassedOverAndWhenAllAreTheCallIsRejectedAndNobodyBlamed() throws Exception {
        world(builder -> builder.policy("round_robin").concurrencyLimits(ConcurrencyLimits.fixed(2)));
        start("a");
        start("b");
        world.awaitInstances(2);
        answers.put("a", new CompletableFuture<>());
        List<CompletableFuture<Integer>> held = new ArrayList<>();
        while (inFlight("a") < 2) {
            int before = inFlight("a");
            CompletableFuture<Integer> call = enqueue();
            held.add(call);
            await().until(() -> call.isDone() || inFlight("a") > before);
        }
        assertThat(requests("a")).isEqualTo(2);
        for (int i = 0; i < 20; i++) {
            assertThat(code()).isEqualTo(200);
        }
        assertThat(requests("a")).as("passed over").isEqualTo(2);
        answers.put("b", new CompletableFuture<>());
        held.add(enqueue());
        held.add(enqueue());
        await().until(() -> inFlight("b") == 2);
        int sent = requests("a") + requests("b");
        assertThatThrownBy(this::code)
                .hasMessageStartingWith("call to 'orders' rejected by CONCURRENCY_LIMIT: every instance has as many")
                .isInstanceOf(RejectedException.class);
        assertThat(requests("a") + requests("b")).isEqualTo(sent);
        answers.values().forEach(answer -> answer.complete(ok()));
        for (CompletableFuture<Integer> one : held) {
            assertThat(one.handle((code, rejected) -> 0).get(20, TimeUnit.SECONDS))
                    .isZero();
        }
        await().until(() -> inFlight("a") + inFlight("b") == 0);
        assertThat(code()).isEqualTo(200);
        assertThat(failures()).isZero();
    }

    enum End {
        ANSWERED,
        FAILED,
        CANCELLED_BEFORE,
        CANCELLED_DURING,
        CANCELLED_AFTER_HEADERS,
        UNREAD,
        CALL_TIMEOUT,
        INTERRUPTED
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void everyEndOfACallGivesBackItsPlaceUnderTheLimitAndItsPermits(End end) throws Exception {
        world(builder -> builder.concurrencyLimits(ConcurrencyLimits.fixed(1))
                .attempts(1)
                .serviceGuard(gate));
        start("a");
        world.awaitInstances(1);
        for (int i = 0; i < 3; i++) {
            play(end);
            await().until(() -> inFlight("a") == 0);
        }
        answers.clear();
        assertThat(code()).as("the only place is free").isEqualTo(200);
    }

    private void play(End end) throws Exception {
        boolean hangs = end == End.CANCELLED_DURING || end == End.CALL_TIMEOUT || end == End.INTERRUPTED;
        CompletableFuture<MockResponse> answer = new CompletableFuture<>();
        if (!hangs) {
            answer.complete(
                    switch (end) {
                        case FAILED -> ok().newBuilder().code(503).build();
                        case UNREAD, CANCELLED_AFTER_HEADERS ->
                            ok().newBuilder().body("x".repeat(3_000_000)).build();
                        default -> ok();
                    });
        }
        answers.put("a", answer);
        OkHttpClient client = end == End.CALL_TIMEOUT
                ? world.client.newBuilder().callTimeout(Duration.ofMillis(100)).build()
                : world.client;
        Call call = client.newCall(get());
        if (end == End.CANCELLED_BEFORE) {
            call.cancel();
        }
        Thread caller = Thread.currentThread();
        Thread meddler = new Thread(() -> {
            await().until(() -> inFlight("a") == 1);
            if (end == End.INTERRUPTED) {
                caller.interrupt();
            } else {
                call.cancel();
            }
        });
        if (end == End.CANCELLED_DURING || end == End.INTERRUPTED) {
            meddler.start();
        }
        try (Response response = call.execute()) {
            if (end == End.CANCELLED_AFTER_HEADERS) {
                call.cancel();
            }
        } catch (IOException ended) {
            assertThat(end).isIn(End.CANCELLED_BEFORE, End.CANCELLED_DURING, End.CALL_TIMEOUT, End.INTERRUPTED);
        } finally {
            answer.complete(ok());
            meddler.join();
            boolean unused = Thread.interrupted();
        }
    }

    @Test
    void theRateLimitRejectsBeforeTheThrottleAndTheGuardAreAsked() throws Exception {
        world(builder -> builder.rateLimit(RateLimit.of(0, 3))
                .throttle(Throttle.defaults())
                .serviceGuard(gate)
                .rejectByServiceGuard());
        start("a");
        world.awaitInstances(1);
        for (int i = 0; i < 3; i++) {
            assertThat(code()).isEqualTo(200);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(rejection()).isEqualTo(Stage.RATE_LIMIT);
        }
        assertThat(gate.taken).hasValue(3);
        assertThat(requests("a")).isEqualTo(3);
    }

    @Test
    void aThrottledCallGivesItsTokenBackAndDoesNotAskTheGuard() throws Exception {
        int tokens = 40;
        world(builder -> builder.rateLimit(RateLimit.of(0, tokens))
                .throttle(Throttle.defaults())
                .attempts(1)
                .serviceGuard(gate)
                .rejectByServiceGuard());
        start("a");
        world.awaitInstances(1);
        answers.put(
                "a",
                CompletableFuture.completedFuture(ok().newBuilder().code(503).build()));
        int throttled = 0;
        int sent = 0;
        while (throttled < 2 * tokens) {
            try {
                assertThat(code()).isEqualTo(503);
                sent++;
            } catch (RejectedException rejected) {
                assertThat(rejected.stage()).isEqualTo(Stage.THROTTLE);
                throttled++;
            }
        }
        assertThat(requests("a")).isEqualTo(sent).isBetween(10, tokens - 1);
        assertThat(gate.taken).hasValue(sent);
    }

    @Test
    void aGuardThatRejectsGivesTheTokenBackAndIsNoOverload() throws Exception {
        world(builder -> builder.rateLimit(RateLimit.of(0, 5))
                .throttle(Throttle.defaults())
                .serviceGuard(gate)
                .rejectByServiceGuard());
        start("a");
        world.awaitInstances(1);
        gate.open = true;
        for (int i = 0; i < 100; i++) {
            assertThat(rejection()).isEqualTo(Stage.SERVICE_GUARD);
        }
        gate.open = false;
        for (int i = 0; i < 5; i++) {
            assertThat(code())
                    .as("neither a token nor the throttle's trust was lost")
                    .isEqualTo(200);
        }
        assertThat(requests("a")).isEqualTo(5);
        assertThat(rejection()).isEqualTo(Stage.RATE_LIMIT);
    }

    @Test
    void aFullServiceGivesTokenThrottleAndGuardBackAndTheFallbackAnswers() throws Exception {
        world(builder -> builder.rateLimit(RateLimit.of(0, 2))
                .throttle(Throttle.defaults())
                .serviceGuard(gate)
                .rejectByServiceGuard()
                .concurrencyLimits(ConcurrencyLimits.fixed(1)));
        start("a");
        world.awaitInstances(1);
        answers.put("a", new CompletableFuture<>());
        CompletableFuture<Integer> held = enqueue();
        await().until(() -> inFlight("a") == 1);
        OkHttpClient falling = new OkHttpClient.Builder()
                .addInterceptor(DiscoveryInterceptor.of(world.fairlead)
                        .withFallback((request, failed) -> new Response.Builder()
                                .request(request)
                                .protocol(Protocol.HTTP_1_1)
                                .code(200)
                                .message("OK")
                                .body(ResponseBody.create(
                                        String.valueOf(failed.cause().getMessage()), null))
                                .build()))
                .build();
        for (int i = 0; i < 50; i++) {
            try (Response response = falling.newCall(get()).execute()) {
                assertThat(response.header(DiscoveryInterceptor.FALLBACK_HEADER))
                        .isEqualTo("true");
                assertThat(response.body().string()).contains("CONCURRENCY_LIMIT");
            }
        }
        assertThat(requests("a")).isEqualTo(1);
        answers.get("a").complete(ok());
        assertThat(held.get(20, TimeUnit.SECONDS)).isEqualTo(200);
        await().until(() -> inFlight("a") == 0);
        assertThat(code()).as("the second token is still there").isEqualTo(200);
        assertThat(rejection()).isEqualTo(Stage.RATE_LIMIT);
    }

    @Test
    void aRetryThatFindsNobodyGivesItsTokenBack() throws Exception {
        world(builder -> builder.policy("round_robin").retryBudget(0, 1));
        start("a");
        world.awaitInstances(1);
        answers.put(
                "a",
                CompletableFuture.completedFuture(ok().newBuilder().code(503).build()));
        for (int i = 0; i < 50; i++) {
            assertThat(code()).isEqualTo(503);
        }
        assertThat(requests("a")).isEqualTo(50);
        start("b");
        world.awaitInstances(2);
        int wasB = requests("b");
        for (int i = 0; i < 10; i++) {
            assertThat(code()).as("ten saved retries are still there").isEqualTo(200);
        }
        assertThat(requests("b") - wasB).isEqualTo(10);
    }

    private void world(UnaryOperator<FairleadBuilder> options) {
        world = new World(options);
    }

    private void start(String id) throws IOException {
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
    }

    private static MockResponse ok() {
        return new MockResponse.Builder().body("ok").build();
    }

    private int requests(String id) {
        return servers.get(id).getRequestCount();
    }

    private int inFlight(String id) {
        return world.fairlead.status("orders").instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .mapToInt(InstanceView::inFlight)
                .sum();
    }

    private long failures() {
        return world.fairlead.status("orders").instances().stream()
                .mapToLong(InstanceView::failures)
                .sum();
    }

    private int code() throws IOException {
        try (Response response = world.client.newCall(get()).execute()) {
            return response.code();
        }
    }

    private Stage rejection() throws IOException {
        try {
            return Stage.valueOf("sent, and answered with " + code());
        } catch (RejectedException rejected) {
            return rejected.stage();
        }
    }

    private CompletableFuture<Integer> enqueue() {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return code();
                    } catch (IOException failed) {
                        throw new java.io.UncheckedIOException(failed);
                    }
                },
                world.client.dispatcher().executorService());
    }

    private static Request get() {
        return new Request.Builder().url("http://orders/").build();
    }

    /** A service guard that rejects when told, and counts its permits. */
    private static final class Gate implements ServiceGuard, ServiceGuard.Factory {
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
            return new InstanceGuard.Description(open ? "OPEN" : "CLOSED", "", 0);
        }
    }
}
