// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two threads pick while one of them changes the list, at every so many of its picks. */
@Tag("slow")
class SwapRaceTest {
    private static final int IDS = 12;
    private static final PickContext[] CONTEXTS = contexts();

    /** The number of the last list that held an instance; written before that list is published. */
    private final AtomicIntegerArray lastListed = new AtomicIntegerArray(IDS);

    /** The number of the last list that is surely in force. */
    private volatile int inForce;

    private int lists;

    static Stream<String> policies() {
        return ServiceLoader.load(BalancingPolicy.class).stream()
                .map(ServiceLoader.Provider::get)
                .map(BalancingPolicy::name);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void picksAgainstListSwapsNeverFindAnInstanceLongGoneAndLeaveNothingInFlight(String policy) throws Exception {
        race(policy, 200_000, 400);
    }

    @Test
    void tenMillionPicksAgainstTenThousandSwaps() throws Exception {
        race("adaptive", 10_000_000, 10_000);
    }

    private void race(String policy, int picks, int swaps) throws Exception {
        Environment system = Environment.system();
        Environment direct =
                new Environment(system.ticker(), system.scheduler(), Runnable::run, system.random(), system.listener());
        FakeRegistry registry = new FakeRegistry(direct);
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(direct)
                .outagePolicy(OutagePolicy.off())
                .policy(policy)
                .build()) {
            SplittableRandom random = new SplittableRandom(1);
            swap(registry, random);
            fairlead.awaitReady(Duration.ofSeconds(10), "orders");
            ExecutorService threads = Executors.newFixedThreadPool(2);
            int half = picks / 2;
            int every = half / swaps;
            Future<?> swapping = threads.submit(() -> {
                for (int pick = 0; pick < half; pick++) {
                    if (pick % every == 0) {
                        swap(registry, random);
                    }
                    pick(fairlead, pick);
                }
            });
            Future<?> picking = threads.submit(() -> {
                for (int pick = 0; pick < half; pick++) {
                    pick(fairlead, pick);
                }
            });
            swapping.get();
            picking.get();
            threads.shutdown();
            assertThat(lists).isEqualTo(swaps + 1);
            lastList(registry);
            assertThat(fairlead.status("orders").instances())
                    .hasSize(IDS)
                    .allSatisfy(view -> assertThat(view.inFlight()).isZero());
        }
    }

    private void pick(Fairlead fairlead, int number) {
        int before = inForce;
        try (Attempt attempt = fairlead.acquire("orders", CONTEXTS[number & CONTEXTS.length - 1])) {
            int id = Integer.parseInt(attempt.instance().id());
            if (lastListed.get(id) < before) {
                throw new AssertionError("picked " + id + ", last in list " + lastListed.get(id) + ", when list "
                        + before + " was in force");
            }
            attempt.complete(number % 10 == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
        }
    }

    private void swap(FakeRegistry registry, SplittableRandom random) {
        List<ServiceInstance> list = new ArrayList<>();
        int number = ++lists;
        for (int id = 0; id < IDS; id++) {
            if (id < 2 || random.nextBoolean()) {
                list.add(FakeRegistry.weighted(String.valueOf(id), 1 + random.nextInt(3)));
                lastListed.set(id, number);
            }
        }
        registry.lists(list);
        inForce = number;
    }

    private static void lastList(FakeRegistry registry) {
        List<ServiceInstance> all = new ArrayList<>();
        for (int id = 0; id < IDS; id++) {
            all.add(FakeRegistry.instance(String.valueOf(id)));
        }
        registry.lists(all);
    }

    private static PickContext[] contexts() {
        PickContext[] contexts = new PickContext[64];
        for (int i = 0; i < contexts.length; i++) {
            contexts[i] = i % 2 == 0 ? PickContext.none() : PickContext.hashedBy("user-" + i);
        }
        return contexts;
    }
}
