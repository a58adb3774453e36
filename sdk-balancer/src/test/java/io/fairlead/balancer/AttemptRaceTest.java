// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.spi.Environment;
import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** One thread completes an attempt while another closes or completes it, as a cancellation meets an answer. */
class AttemptRaceTest {
    private static final int ROUNDS = 50_000;

    private final CyclicBarrier before = new CyclicBarrier(2);
    private final CyclicBarrier after = new CyclicBarrier(2);
    private volatile Attempt shared;

    @Test
    void anAttemptThatIsCompletedAndClosedAtOnceCountsOnceAndLeavesNothingInFlight() throws Exception {
        Environment system = Environment.system();
        Environment direct =
                new Environment(system.ticker(), system.scheduler(), Runnable::run, system.random(), system.listener());
        FakeRegistry registry = new FakeRegistry(direct);
        try (Fairlead fairlead = Fairlead.builder(registry).environment(direct).build()) {
            registry.lists("a");
            fairlead.awaitReady(Duration.ofSeconds(10), "orders");
            ExecutorService threads = Executors.newFixedThreadPool(2);
            Future<?> answers = threads.submit(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    shared = fairlead.acquire("orders", PickContext.none());
                    before.await();
                    shared.complete(Outcome.SUCCESS);
                    shared.close();
                    after.await();
                }
                return null;
            });
            Future<?> gives = threads.submit(() -> {
                for (int round = 0; round < ROUNDS; round++) {
                    before.await();
                    Attempt attempt = shared;
                    if (round % 2 == 0) {
                        attempt.complete(Outcome.SUCCESS);
                    }
                    attempt.close();
                    after.await();
                }
                return null;
            });
            answers.get();
            gives.get();
            threads.shutdown();
            InstanceView view = fairlead.status("orders").instances().get(0);
            assertThat(view.inFlight()).isZero();
            assertThat(view.started()).isEqualTo(ROUNDS);
        }
    }
}
