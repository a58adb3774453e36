// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.balancer.ConcurrencyLimits;
import io.fairlead.balancer.RejectedException;
import io.fairlead.testkit.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The limit of each instance over HTTP: whom it passes over, and what gives a place back. */
@Tag("slow")
class ConcurrencyLimitTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private HeldServers servers;

    @AfterEach
    void stop() {
        servers.close();
    }

    @Test
    void anInstanceAtItsLimitIsPassedOverAndWhenAllAreTheCallIsRejectedAndNobodyBlamed() throws Exception {
        servers = new HeldServers(
                builder -> builder.policy("round_robin").concurrencyLimits(ConcurrencyLimits.fixed(2)), "a", "b");
        servers.answers.put("a", new CompletableFuture<>());
        List<CompletableFuture<Integer>> held = new ArrayList<>();
        while (servers.inFlight("a") < 2) {
            int before = servers.inFlight("a");
            CompletableFuture<Integer> call = servers.enqueue();
            held.add(call);
            await().until(() -> call.isDone() || servers.inFlight("a") > before);
        }
        assertThat(servers.requests("a")).isEqualTo(2);
        for (int i = 0; i < 20; i++) {
            assertThat(servers.code()).isEqualTo(200);
        }
        assertThat(servers.requests("a")).as("passed over").isEqualTo(2);
        servers.answers.put("b", new CompletableFuture<>());
        held.add(servers.enqueue());
        held.add(servers.enqueue());
        await().until(() -> servers.inFlight("b") == 2);
        int sent = servers.requests("a") + servers.requests("b");
        assertThatThrownBy(servers::code)
                .hasMessageStartingWith("call to 'orders' rejected by CONCURRENCY_LIMIT: every instance has as many")
                .isInstanceOf(RejectedException.class);
        assertThat(servers.requests("a") + servers.requests("b")).isEqualTo(sent);
        servers.answers.values().forEach(answer -> answer.complete(HeldServers.ok()));
        for (CompletableFuture<Integer> one : held) {
            assertThat(one.handle((code, rejected) -> 0).get(20, TimeUnit.SECONDS))
                    .isZero();
        }
        await().until(() -> servers.inFlight("a") + servers.inFlight("b") == 0);
        assertThat(servers.code()).isEqualTo(200);
        assertThat(servers.failures()).isZero();
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
        servers = new HeldServers(
                builder -> builder.concurrencyLimits(ConcurrencyLimits.fixed(1)).attempts(1), "a");
        for (int i = 0; i < 3; i++) {
            play(end);
            await().until(() -> servers.inFlight("a") == 0);
        }
        servers.answers.clear();
        assertThat(servers.code()).as("the only place is free").isEqualTo(200);
    }

    private void play(End end) throws Exception {
        boolean hangs = end == End.CANCELLED_DURING || end == End.CALL_TIMEOUT || end == End.INTERRUPTED;
        CompletableFuture<MockResponse> answer = new CompletableFuture<>();
        if (!hangs) {
            answer.complete(
                    switch (end) {
                        case FAILED -> HeldServers.ok().newBuilder().code(503).build();
                        case UNREAD, CANCELLED_AFTER_HEADERS ->
                            HeldServers.ok()
                                    .newBuilder()
                                    .body("x".repeat(3_000_000))
                                    .build();
                        default -> HeldServers.ok();
                    });
        }
        servers.answers.put("a", answer);
        OkHttpClient.Builder client = servers.world.client.newBuilder();
        if (end == End.CALL_TIMEOUT) {
            client.callTimeout(Duration.ofMillis(100));
        }
        if (end == End.INTERRUPTED) {
            // OkHttp looks at the flag only when its read is over.
            client.readTimeout(Duration.ofMillis(500));
        }
        Call call = client.build().newCall(HeldServers.get());
        if (end == End.CANCELLED_BEFORE) {
            call.cancel();
        }
        Thread caller = Thread.currentThread();
        Thread meddler = new Thread(() -> {
            await().until(() -> servers.inFlight("a") == 1);
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
            answer.complete(HeldServers.ok());
            meddler.join();
            boolean unused = Thread.interrupted();
        }
    }
}
