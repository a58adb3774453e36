// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.PickContext;
import io.fairlead.api.Registration;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatus.LaneView;
import io.fairlead.testkit.VirtualTime;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Counters do not fall, and calls make no meter. */
class CountersTest {
    private final VirtualTime time = new VirtualTime();
    private final ListedInstances listed = new ListedInstances(time.environment());
    private final Fairlead fairlead =
            Fairlead.builder(listed).environment(time.environment()).build();
    private final FairleadMeterBinder binder = new FairleadMeterBinder(fairlead);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        binder.close();
        fairlead.close();
    }

    @Test
    void noCounterFallsWhileInstancesAreReplacedUnderLoadAndEachCallIsCounted() {
        binder.bindTo(meters);
        Map<Meter.Id, Double> before = new HashMap<>();
        for (int round = 0; round < 50; round++) {
            replace(round);
            for (int i = 0; i < 20; i++) {
                call(i % 5 != 0);
            }
            time.advance(Duration.ofSeconds(1));
            for (FunctionCounter counter : counters()) {
                double now = counter.count();
                assertThat(now)
                        .as(counter.getId().toString())
                        .isGreaterThanOrEqualTo(before.getOrDefault(counter.getId(), 0.0));
                before.put(counter.getId(), now);
            }
        }
        time.advance(Duration.ofSeconds(2));
        double calls = meters.get("fairlead.calls").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
        assertThat(calls).isEqualTo(50 * 20);
    }

    @Test
    void callsMakeNoMeterAndNobodyListensToThem() {
        boolean heardBefore = fairlead.environment().hearsCalls();
        boolean attemptsHeardBefore = fairlead.environment().hearsAttempts();
        binder.bindTo(meters);
        replace(0);
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        time.advance(Duration.ofSeconds(2));
        Set<Meter> before = new HashSet<>(meters.getMeters());
        meters.config().onMeterAdded(added -> fail("added " + added.getId()));
        for (int i = 0; i < 1_000; i++) {
            call(i % 5 != 0);
            fairlead.acquire("orders", PickContext.none()).close();
        }
        assertThat(new HashSet<>(meters.getMeters())).isEqualTo(before);
        assertThat(fairlead.environment().hearsCalls()).isEqualTo(heardBefore);
        assertThat(fairlead.environment().hearsAttempts()).isEqualTo(attemptsHeardBefore);
    }

    @Test
    void theCallsOfASubsetStayWhenOneOfItsRulesGoes() {
        SubsetCalls subsets = new SubsetCalls();
        LaneView usual = new LaneView("default", "stable", 1, 100, 0);
        subsets.read(List.of(usual, new LaneView("beta", "stable", 1, 40, 0)), 0);
        assertThat(subsets.calls()).containsEntry("stable", 140L);
        subsets.read(List.of(usual), 1);
        assertThat(subsets.calls()).containsEntry("stable", 140L);
        subsets.read(List.of(), 1);
        assertThat(subsets.calls()).isEmpty();
        assertThat(subsets.expected()).isEmpty();
    }

    @Test
    void lossesStayWhenOneOfTwoRegistrationsOfAServiceIsClosed() {
        Losses losses = new Losses();
        Lost one = new Lost(3);
        Lost two = new Lost(1);
        assertThat(losses.number(List.of(one, two))).isEqualTo(4);
        assertThat(losses.number(List.of(two))).isEqualTo(4);
        assertThat(losses.number(List.of(two, new Lost(2)))).isEqualTo(6);
    }

    private List<FunctionCounter> counters() {
        return meters.getMeters().stream()
                .filter(FunctionCounter.class::isInstance)
                .map(FunctionCounter.class::cast)
                .toList();
    }

    private void replace(int round) {
        listed.lists(
                "orders",
                IntStream.range(0, 5)
                        .mapToObj(n -> ServiceInstance.builder("orders")
                                .id("orders-" + round + "-" + n)
                                .address("10.0." + round + "." + (n + 1), 80)
                                .build())
                        .toList());
    }

    private void call(boolean succeeds) {
        try {
            String unused = fairlead.call("orders", attempt -> {
                if (!succeeds) {
                    throw new ConnectException("refused");
                }
                return "fine";
            });
        } catch (IOException | RuntimeException counted) {
            // a call too
        }
    }

    /** A registration that was lost so often. */
    private static final class Lost implements Registration {
        private final long losses;

        Lost(long losses) {
            this.losses = losses;
        }

        @Override
        public long losses() {
            return losses;
        }

        @Override
        public ServiceInstance instance() {
            throw new UnsupportedOperationException();
        }

        @Override
        public State state() {
            return State.REGISTERED;
        }

        @Override
        public @Nullable RegistryException lastError() {
            return null;
        }

        @Override
        public void update(ServiceInstance instance) {}

        @Override
        public void report(InstanceStatus status, String note) {}

        @Override
        public void drain() {}

        @Override
        public Registration closeOnShutdown() {
            return this;
        }

        @Override
        public void idle() {}

        @Override
        public void close() {}

        @Override
        public CompletionStage<Void> closeAsync() {
            return CompletableFuture.completedFuture(null);
        }
    }
}
