// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is taken out of rotation, how many, and what is left when too few are. */
class EjectionTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final Fairlead fairlead = Fairlead.builder(registry)
            .environment(time.environment(11, events))
            .policy("round_robin")
            .build();

    @Test
    void twoRefusedConnectionsTakeAnInstanceOutAndTwoProbesBringItBack() {
        registry.lists("a", "b", "c", "d");
        fail(Set.of("b"), Outcome.UNREACHABLE, 40);
        assertThat(events.events("guard")).containsExactly("guard b CLOSED OPEN");
        assertThat(picks(40)).doesNotContain("b");
        time.advance(Duration.ofSeconds(7));
        assertThat(picks(40)).contains("b");
        assertThat(events.events("guard"))
                .containsExactly("guard b CLOSED OPEN", "guard b OPEN HALF_OPEN", "guard b HALF_OPEN CLOSED");
    }

    @Test
    void atMostThirtyPercentAreTakenOutAndNeverTheLast() {
        registry.lists("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        fail(Set.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"), Outcome.UNREACHABLE, 400);
        assertThat(events.events("guard")).hasSize(3);
        registry.lists(List.of());
    }

    @Test
    void aLoneInstanceIsNeverTakenOut() {
        registry.lists("a");
        fail(Set.of("a"), Outcome.UNREACHABLE, 50);
        assertThat(events.events("guard")).isEmpty();
    }

    @Test
    void theCapHoldsUnderRacingThreads() throws Exception {
        AtomicInteger out = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        EjectionQuota quota = new EjectionQuota();
        EjectionQuota.Owner owner = new EjectionQuota.Owner() {
            @Override
            public void onEjectionChanged(boolean ejected) {
                int now = ejected ? out.incrementAndGet() : out.decrementAndGet();
                most.accumulateAndGet(now, Math::max);
            }

            @Override
            public void onEjectionDenied(String reason) {}

            @Override
            public long unreported() {
                return 0;
            }
        };
        quota.setInstances(20);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        CountDownLatch go = new CountDownLatch(1);
        List<Future<?>> races = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            var seats =
                    IntStream.range(0, 20).mapToObj(i -> quota.seatFor(owner)).toList();
            races.add(threads.submit(() -> {
                go.await();
                for (int round = 0; round < 5_000; round++) {
                    var seat = seats.get(round % 20);
                    if (seat.tryEject("race")) {
                        assertThat(quota.ejected()).isLessThanOrEqualTo(6);
                        seat.restore("race");
                    }
                }
                return null;
            }));
        }
        go.countDown();
        for (Future<?> race : races) {
            race.get();
        }
        threads.shutdown();
        assertThat(quota.ejected()).isZero();
        assertThat(most.get()).isBetween(1, 6);
    }

    @Test
    void allCriticalIsPanicNotEmptiness() {
        registry.lists(List.of(
                FakeRegistry.with("a", InstanceStatus.CRITICAL), FakeRegistry.with("b", InstanceStatus.CRITICAL)));
        assertThat(picks(20)).contains("a", "b");
        assertThat(events.events("panic")).containsExactly("panic orders true");
    }

    @Test
    void panicEndsWhenSixtyPercentHaveBeenUsableForASecond() {
        registry.lists(List.of(
                FakeRegistry.with("a", InstanceStatus.CRITICAL),
                FakeRegistry.with("b", InstanceStatus.CRITICAL),
                FakeRegistry.with("c", InstanceStatus.CRITICAL),
                FakeRegistry.instance("d"),
                FakeRegistry.instance("e")));
        assertThat(picks(50)).contains("a", "b", "c", "d", "e");
        for (int weight = 2; weight < 7; weight++) {
            registry.lists(List.of(
                    FakeRegistry.with("a", InstanceStatus.CRITICAL),
                    FakeRegistry.with("b", InstanceStatus.CRITICAL),
                    FakeRegistry.weighted("c", weight),
                    FakeRegistry.instance("d"),
                    FakeRegistry.instance("e")));
        }
        assertThat(events.events("panic")).as("after five lists at once").containsExactly("panic orders true");
        time.advance(Duration.ofSeconds(3));
        assertThat(events.events("panic")).containsExactly("panic orders true", "panic orders false");
        assertThat(picks(50)).doesNotContain("a", "b");
    }

    @Test
    void aDrainingInstanceGetsNothingUnlessItIsAllThereIs() {
        registry.lists(List.of(FakeRegistry.instance("a"), FakeRegistry.with("b", InstanceStatus.DRAINING)));
        assertThat(picks(20)).containsOnly("a");
        registry.lists(List.of(FakeRegistry.with("b", InstanceStatus.DRAINING)));
        assertThat(picks(5)).containsOnly("b");
    }

    @Test
    void inFlightCountsSurviveAnInstanceThatLeavesAndComesBack() {
        registry.lists("a", "b", "c");
        List<Attempt> open = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            open.add(fairlead.acquire("orders", PickContext.none()));
        }
        registry.lists("a", "b");
        time.advance(Duration.ofSeconds(30));
        registry.lists("a", "b", "c");
        assertThat(fairlead.status("orders").instances())
                .extracting(InstanceView::inFlight)
                .containsExactly(3, 3, 3);
        open.forEach(Attempt::close);
        open.forEach(Attempt::close);
        assertThat(fairlead.status("orders").instances())
                .extracting(InstanceView::inFlight)
                .containsExactly(0, 0, 0);
    }

    @Test
    void aChangedWeightArrivesWithoutLosingState() {
        registry.lists("a", "b");
        picks(10);
        registry.lists(List.of(FakeRegistry.weighted("a", 9), FakeRegistry.instance("b")));
        InstanceView a = fairlead.status("orders").instances().get(0);
        assertThat(a.effectiveWeight()).isEqualTo(9);
        assertThat(a.started()).isEqualTo(5);
    }

    @Test
    void aNewcomerStartsSlowly() {
        registry.lists("a", "b", "c");
        picks(3);
        registry.lists("a", "b", "c", "d");
        assertThat(weightOf("d")).isEqualTo(0.1);
        time.advance(Duration.ofSeconds(15));
        assertThat(weightOf("d")).isBetween(0.4, 0.6);
        time.advance(Duration.ofSeconds(20));
        assertThat(weightOf("d")).isEqualTo(1);
    }

    private double weightOf(String id) {
        return fairlead.status("orders").instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .findFirst()
                .orElseThrow()
                .effectiveWeight();
    }

    private void fail(Set<String> ids, Outcome outcome, int calls) {
        for (int i = 0; i < calls; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(ids.contains(attempt.instance().id()) ? outcome : Outcome.SUCCESS);
            }
        }
    }

    private List<String> picks(int calls) {
        List<String> picked = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(Outcome.SUCCESS);
                picked.add(attempt.instance().id());
            }
        }
        return picked;
    }
}
