// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.Picker;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Options swap back and forth under calls of several threads: each call sees one set of them. */
class ReconfigureRaceTest {
    private static final int CALLERS = 3;
    private static final int SWAPS = 300;

    private final FakeRegistry registry = new FakeRegistry(Environment.system());
    private final Set<List<String>> seen = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void everyCallSeesOneSetFromItsFirstAttemptToItsLast() throws InterruptedException {
        registry.lists("x1", "x2", "x3", "y1", "y2", "y3");
        FairleadOptions common = FairleadOptions.defaults()
                .forEveryService(o -> o.withGuard((instance, cap, environment) -> new Patient())
                        .withHealth(HealthPolicy.off()));
        FairleadOptions three = options(common, "x", 3);
        FairleadOptions two = options(common, "y", 2);
        try (Fairlead fairlead = Fairlead.builder(registry).options(three).build()) {
            fairlead.awaitReady(Duration.ofSeconds(5), "orders");
            CountDownLatch ended = new CountDownLatch(CALLERS);
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Thread caller = new Thread(() -> callUntilOver(fairlead, ended), "caller-" + i);
                callers.add(caller);
                caller.start();
            }
            for (int swap = 0; swap < SWAPS; swap++) {
                fairlead.reconfigure(swap % 2 == 0 ? two : three);
                Thread.yield();
            }
            over.set(true);
            ended.await();
            for (Thread caller : callers) {
                caller.join();
            }
        }
        assertThat(seen).containsExactlyInAnyOrder(List.of("x", "x", "x"), List.of("y", "y"));
    }

    private static FairleadOptions options(FairleadOptions common, String prefix, int attempts) {
        return common.forService(
                "orders",
                o -> o.withPolicy(new Beginning(prefix))
                        .withRetries(Retries.defaults().withAttempts(attempts).withBudget(1, 10_000)));
    }

    private void callUntilOver(Fairlead fairlead, CountDownLatch ended) {
        try {
            while (!over.get() || seen.size() < 2) {
                List<String> tried = new ArrayList<>();
                try {
                    fairlead.call("orders", attempt -> {
                        tried.add(attempt.instance().id().substring(0, 1));
                        throw new ConnectException("refused");
                    });
                } catch (IOException refused) {
                    seen.add(tried);
                }
            }
        } finally {
            ended.countDown();
        }
    }

    /** Picks those whose id begins so. */
    private record Beginning(String prefix) implements BalancingPolicy {
        @Override
        public String name() {
            return "beginning with " + prefix;
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            List<Candidate> mine = candidates.stream()
                    .filter(candidate -> candidate.instance().id().startsWith(prefix))
                    .toList();
            return (context, nowNanos) -> mine.stream()
                    .filter(candidate -> candidate.accepts(context, nowNanos))
                    .findFirst()
                    .orElse(null);
        }
    }

    /** Never objects. */
    private static final class Patient implements InstanceGuard {
        @Override
        public Object tryAcquire(long nowNanos) {
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

        @Override
        public boolean isAvailable(long nowNanos) {
            return true;
        }

        @Override
        public Description describe(long nowNanos) {
            return new Description(GuardState.CLOSED, "", 0);
        }
    }
}
