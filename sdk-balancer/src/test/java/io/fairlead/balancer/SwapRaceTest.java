// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwapRaceTest {
    private static final int PICKS_A_THREAD = 100_000;

    @ParameterizedTest
    @ValueSource(
            strings = {"adaptive", "round_robin", "weighted_round_robin", "random", "least_request", "consistent_hash"})
    void picksAgainstListSwapsLeaveNothingInFlight(String policy) throws Exception {
        FakeRegistry registry = new FakeRegistry(Environment.system());
        registry.lists(some(new SplittableRandom(1)));
        try (Fairlead fairlead = Fairlead.builder(registry).policy(policy).build()) {
            fairlead.awaitReady(Duration.ofSeconds(10), "orders");
            ExecutorService threads = Executors.newFixedThreadPool(3);
            AtomicBoolean done = new AtomicBoolean();
            Future<?> swaps = threads.submit(() -> {
                SplittableRandom random = new SplittableRandom(2);
                while (!done.get()) {
                    registry.lists(some(random));
                }
            });
            List<Future<?>> picks = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                picks.add(threads.submit(() -> pickMany(fairlead)));
            }
            for (Future<?> future : picks) {
                future.get();
            }
            done.set(true);
            swaps.get();
            threads.shutdown();
            assertThat(fairlead.status("orders").instances())
                    .allSatisfy(view -> assertThat(view.inFlight()).isZero());
        }
    }

    private static void pickMany(Fairlead fairlead) {
        for (int i = 0; i < PICKS_A_THREAD; i++) {
            PickContext context = i % 2 == 0 ? PickContext.none() : PickContext.hashedBy("user-" + i % 97);
            try (Attempt attempt = fairlead.acquire("orders", context)) {
                attempt.complete(i % 10 == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
            }
        }
    }

    private static List<ServiceInstance> some(SplittableRandom random) {
        List<ServiceInstance> list = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            if (i < 2 || random.nextBoolean()) {
                list.add(FakeRegistry.weighted("i" + i, 1 + random.nextInt(3)));
            }
        }
        return list;
    }
}
