// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.RateLimit;
import io.fairlead.balancer.RejectedException;
import io.fairlead.balancer.Throttle;
import io.fairlead.testkit.LeakCheck;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Limits, throttle, guard and fallback over HTTP: who rejects first, what comes back, and what the servers saw. */
class StageOrderTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private HeldServers servers;

    @AfterEach
    void stop() {
        servers.close();
    }

    @Test
    void theRateLimitRejectsBeforeTheThrottleAndTheGuardAreAsked() throws Exception {
        servers = new HeldServers(
                builder -> builder.rateLimit(RateLimit.of(0, 3))
                        .throttle(Throttle.defaults())
                        .rejectByServiceGuard(),
                "a");
        for (int i = 0; i < 3; i++) {
            assertThat(servers.code()).isEqualTo(200);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(servers.rejection()).isEqualTo(Stage.RATE_LIMIT);
        }
        assertThat(servers.gate.taken).hasValue(3);
        assertThat(servers.requests("a")).isEqualTo(3);
    }

    @Test
    void aThrottledCallGivesItsTokenBackAndDoesNotAskTheGuard() throws Exception {
        int tokens = 40;
        servers = new HeldServers(
                builder -> builder.rateLimit(RateLimit.of(0, tokens))
                        .throttle(Throttle.defaults())
                        .attempts(1)
                        .rejectByServiceGuard(),
                "a");
        servers.answers.put(
                "a",
                CompletableFuture.completedFuture(
                        HeldServers.ok().newBuilder().code(503).build()));
        int throttled = 0;
        int sent = 0;
        while (throttled < 2 * tokens) {
            try {
                assertThat(servers.code()).isEqualTo(503);
                sent++;
            } catch (RejectedException rejected) {
                assertThat(rejected.stage()).isEqualTo(Stage.THROTTLE);
                throttled++;
            }
        }
        assertThat(servers.requests("a")).isEqualTo(sent).isBetween(10, tokens - 1);
        assertThat(servers.gate.taken).hasValue(sent);
    }

    @Test
    void aGuardThatRejectsGivesTheTokenBackAndIsNoOverload() throws Exception {
        servers = new HeldServers(
                builder -> builder.rateLimit(RateLimit.of(0, 5))
                        .throttle(Throttle.defaults())
                        .rejectByServiceGuard(),
                "a");
        servers.gate.open = true;
        for (int i = 0; i < 100; i++) {
            assertThat(servers.rejection()).isEqualTo(Stage.SERVICE_GUARD);
        }
        servers.gate.open = false;
        for (int i = 0; i < 5; i++) {
            assertThat(servers.code())
                    .as("neither a token nor the throttle's trust was lost")
                    .isEqualTo(200);
        }
        assertThat(servers.requests("a")).isEqualTo(5);
        assertThat(servers.rejection()).isEqualTo(Stage.RATE_LIMIT);
    }

    @Test
    void aFullServiceGivesTokenThrottleAndGuardBackAndTheFallbackAnswers() throws Exception {
        servers = new HeldServers(
                builder -> builder.rateLimit(RateLimit.of(0, 2))
                        .throttle(Throttle.defaults())
                        .rejectByServiceGuard()
                        .concurrencyLimits(ConcurrencyLimits.fixed(1)),
                "a");
        servers.answers.put("a", new CompletableFuture<>());
        CompletableFuture<Integer> held = servers.enqueue();
        await().until(() -> servers.inFlight("a") == 1);
        OkHttpClient falling = new OkHttpClient.Builder()
                .addInterceptor(DiscoveryInterceptor.of(servers.world.fairlead)
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
            try (Response response = falling.newCall(HeldServers.get()).execute()) {
                assertThat(response.header(DiscoveryInterceptor.FALLBACK_HEADER))
                        .isEqualTo("true");
                assertThat(response.body().string()).contains("CONCURRENCY_LIMIT");
            }
        }
        assertThat(servers.requests("a")).isEqualTo(1);
        servers.answers.get("a").complete(HeldServers.ok());
        assertThat(held.get(20, TimeUnit.SECONDS)).isEqualTo(200);
        await().until(() -> servers.inFlight("a") == 0);
        assertThat(servers.code()).as("the second token is still there").isEqualTo(200);
        assertThat(servers.rejection()).isEqualTo(Stage.RATE_LIMIT);
    }

    @Test
    void aRetryThatFindsNobodyGivesItsTokenBack() throws Exception {
        servers = new HeldServers(builder -> builder.policy("round_robin").retryBudget(0, 1), "a");
        servers.answers.put(
                "a",
                CompletableFuture.completedFuture(
                        HeldServers.ok().newBuilder().code(503).build()));
        for (int i = 0; i < 50; i++) {
            assertThat(servers.code()).isEqualTo(503);
        }
        assertThat(servers.requests("a")).isEqualTo(50);
        servers.start("b");
        servers.world.awaitInstances(2);
        int wasB = servers.requests("b");
        for (int i = 0; i < 10; i++) {
            assertThat(servers.code()).as("ten saved retries are still there").isEqualTo(200);
        }
        assertThat(servers.requests("b") - wasB).isEqualTo(10);
    }
}
