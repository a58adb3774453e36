// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FairleadBuilder;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who sits on a seat among the ejected, when instances leave, return and change while their guards do too. */
class SeatTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final Map<String, Shutter> shutters = new HashMap<>();

    @Test
    void whoeverLeftWithCallsInFlightThatFailOccupiesNoSeat() {
        Fairlead fairlead = fairlead(null);
        registry.lists("a", "b", "c");
        List<Attempt> inFlight = held(fairlead, "c", 20);
        registry.lists("a", "b", "d");
        inFlight.forEach(attempt -> end(attempt, Outcome.UNREACHABLE));
        fail(fairlead, "b", 60);
        assertThat(share(fairlead, "b", 300))
                .as("of a broken one after a deploy")
                .isLessThan(0.02);
    }

    @Test
    void whoeverDrainsWhileItsLastCallsFailOccupiesNoSeat() {
        Fairlead fairlead = fairlead(null);
        registry.lists("a", "b", "c");
        List<Attempt> inFlight = held(fairlead, "c", 20);
        registry.lists(List.of(
                FakeRegistry.instance("a"),
                FakeRegistry.instance("b"),
                FakeRegistry.with("c", InstanceStatus.DRAINING),
                FakeRegistry.instance("d")));
        inFlight.forEach(attempt -> end(attempt, Outcome.UNREACHABLE));
        fail(fairlead, "b", 60);
        assertThat(share(fairlead, "b", 300)).isLessThan(0.02);
    }

    @Test
    void anEjectedOneThatBeginsToDrainGivesItsSeatToOthers() {
        Fairlead fairlead = fairlead(null);
        registry.lists("a", "b", "c", "d");
        fail(fairlead, "c", 60);
        registry.lists(List.of(
                FakeRegistry.instance("a"),
                FakeRegistry.instance("b"),
                FakeRegistry.with("c", InstanceStatus.DRAINING),
                FakeRegistry.instance("d")));
        fail(fairlead, "b", 60);
        assertThat(share(fairlead, "b", 300)).isLessThan(0.02);
    }

    @Test
    void aReturnToTheListAndALastProbeThatSucceedsComeToTheSameInEitherOrder() throws Exception {
        EjectionQuota quota = new EjectionQuota();
        quota.setInstances(4);
        CyclicBarrier together = new CyclicBarrier(2);
        EjectionQuota.Seat[] seats = new EjectionQuota.Seat[5_000];
        for (int i = 0; i < seats.length; i++) {
            seats[i] = quota.seatFor(Deaf.NOBODY);
            assertThat(seats[i].tryEject("test")).isTrue();
            seats[i].leave();
        }
        Thread probing = new Thread(() -> {
            for (EjectionQuota.Seat seat : seats) {
                await(together);
                seat.restore("its last probe succeeded");
                await(together);
            }
        });
        probing.start();
        for (EjectionQuota.Seat seat : seats) {
            await(together);
            seat.comeBack();
            await(together);
            assertThat(seat.isGuardOut()).isFalse();
            assertThat(quota.ejected()).isZero();
        }
        probing.join();
    }

    @Test
    void whoeverIsOutAndGetsOtherPeersTakesASeatAmongThemAndLeavesItsOwn() {
        EjectionQuota before = quotaOf(4);
        EjectionQuota after = quotaOf(4);
        EjectionQuota.Seat seat = before.seatFor(Deaf.NOBODY);
        EjectionQuota.Seat late = before.seatFor(Deaf.NOBODY);
        assertThat(seat.tryEject("test")).isTrue();
        seat.moveTo(after);
        assertThat(seat.isTaken()).isTrue();
        assertThat(before.ejected()).isZero();
        assertThat(after.ejected()).isOne();
        assertThat(late.tryEject("test")).isTrue();
        late.moveTo(after);
        assertThat(late.isPardoned()).isTrue();
        assertThat(before.ejected()).isZero();
        seat.restore("well");
        assertThat(after.ejected()).isZero();
    }

    @Test
    void whoeverOthersAnswerForMayBeOutToTheLast() {
        EjectionQuota quota = quotaOf(2);
        quota.setReplaceable(true);
        assertThat(quota.seatFor(Deaf.NOBODY).tryEject("test")).isTrue();
        assertThat(quota.seatFor(Deaf.NOBODY).tryEject("test")).isTrue();
    }

    @Test
    void aMoveToOtherPeersAndAnEjectionOrAReturnAtOnceLoseNoSeat() throws Exception {
        EjectionQuota before = quotaOf(4);
        EjectionQuota after = quotaOf(4);
        CyclicBarrier together = new CyclicBarrier(2);
        int rounds = 5_000;
        EjectionQuota.Seat[] seats = new EjectionQuota.Seat[rounds];
        Thread guard = new Thread(() -> {
            for (int i = 0; i < rounds; i++) {
                await(together);
                if (i % 2 == 0) {
                    seats[i].restore("well");
                } else {
                    boolean unused = seats[i].tryEject("test");
                }
                await(together);
            }
        });
        for (int i = 0; i < rounds; i++) {
            seats[i] = before.seatFor(Deaf.NOBODY);
        }
        guard.start();
        for (int i = 0; i < rounds; i++) {
            boolean unused = i % 2 == 0 && seats[i].tryEject("test");
            await(together);
            seats[i].moveTo(after);
            await(together);
            assertThat(before.ejected()).as("seats left behind").isZero();
            seats[i].restore("well");
            assertThat(after.ejected()).isZero();
        }
        guard.join();
    }

    private static EjectionQuota quotaOf(int instances) {
        EjectionQuota quota = new EjectionQuota();
        quota.setInstances(instances);
        return quota;
    }

    @Test
    void aGuardWithWordsOfItsOwnLeavesAndReturnsAndGetsItsShare() {
        Fairlead fairlead = fairlead(this::shutter);
        registry.lists("a", "b", "c", "d");
        assertThat(share(fairlead, "b", 400)).isBetween(0.2, 0.3);
        registry.lists("a", "c", "d");
        registry.lists("a", "b", "c", "d");
        time.advance(Duration.ofMinutes(2));
        assertThat(share(fairlead, "b", 4_000)).isBetween(0.2, 0.3);
    }

    @ParameterizedTest
    @EnumSource
    void whateverStateAGuardNamesWhoAdmitsAllLeavesAndReturnsAndGetsItsShare(GuardState named) {
        Fairlead fairlead = fairlead((instance, cap, environment) -> {
            Shutter shutter = new Shutter(instance, cap, environment);
            shutter.named = named;
            return shutter;
        });
        registry.lists("a", "b", "c", "d");
        registry.lists("a", "c", "d");
        registry.lists("a", "b", "c", "d");
        assertThat(share(fairlead, "b", 4_000)).isBetween(0.2, 0.3);
        assertThat(health(fairlead, "b").isServing()).isTrue();
    }

    @Test
    void aGuardWithWordsOfItsOwnIsOutWhenItAskedForASeatAndBackWhenItGaveItBack() {
        Fairlead fairlead = fairlead(this::shutter);
        registry.lists("a", "b", "c", "d");
        shutters.get("b").shut();
        assertThat(share(fairlead, "b", 400)).isZero();
        assertThat(health(fairlead, "b")).isEqualTo(InstanceHealth.State.EJECTED);
        registry.lists("a", "c", "d");
        registry.lists("a", "b", "c", "d");
        assertThat(share(fairlead, "b", 400)).isZero();
        shutters.get("b").open();
        time.advance(Duration.ofMinutes(2));
        assertThat(health(fairlead, "b")).isEqualTo(InstanceHealth.State.ACTIVE);
        assertThat(share(fairlead, "b", 400)).isBetween(0.2, 0.3);
    }

    private Fairlead fairlead(InstanceGuard.@Nullable Factory guards) {
        FairleadBuilder builder =
                Fairlead.builder(registry).environment(time.environment()).policy("round_robin");
        Fairlead fairlead = (guards == null ? builder : builder.guard(guards)).build();
        registry.lists("a", "b", "c");
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    private InstanceGuard shutter(ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment environment) {
        return shutters.computeIfAbsent(instance.id(), id -> new Shutter(instance, cap, environment));
    }

    private static List<Attempt> held(Fairlead fairlead, String id, int attempts) {
        List<Attempt> held = new ArrayList<>();
        while (held.size() < attempts) {
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            if (attempt.instance().id().equals(id)) {
                held.add(attempt);
            } else {
                end(attempt, Outcome.SUCCESS);
            }
        }
        return held;
    }

    private static void fail(Fairlead fairlead, String id, int calls) {
        for (int i = 0; i < calls; i++) {
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            end(attempt, attempt.instance().id().equals(id) ? Outcome.FAILURE : Outcome.SUCCESS);
        }
    }

    private static double share(Fairlead fairlead, String id, int calls) {
        int there = 0;
        for (int i = 0; i < calls; i++) {
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            there += attempt.instance().id().equals(id) ? 1 : 0;
            end(attempt, Outcome.SUCCESS);
        }
        return (double) there / calls;
    }

    private static InstanceHealth.State health(Fairlead fairlead, String id) {
        return fairlead.status("orders").instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .findFirst()
                .orElseThrow()
                .health()
                .state();
    }

    private static void end(Attempt attempt, Outcome outcome) {
        attempt.complete(outcome);
        attempt.close();
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** A guard that says "ajar" and "shut". */
    private static final class Shutter implements InstanceGuard {
        private final ServiceInstance instance;
        private final EjectionCap cap;
        private final Environment environment;
        private GuardState named = GuardState.CLOSED;
        private boolean shut;

        Shutter(ServiceInstance instance, EjectionCap cap, Environment environment) {
            this.instance = instance;
            this.cap = cap;
            this.environment = environment;
        }

        void shut() {
            assertThat(cap.tryEject("by the test")).isTrue();
            shut = true;
            environment.listener().onGuardChanged(instance, GuardState.CLOSED, GuardState.OPEN, "by the test");
        }

        void open() {
            shut = false;
            cap.restore("by the test");
            environment.listener().onGuardChanged(instance, GuardState.OPEN, GuardState.CLOSED, "by the test");
        }

        @Override
        public @Nullable Object tryAcquire(long nowNanos) {
            return shut ? null : this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

        @Override
        public boolean isAvailable(long nowNanos) {
            return !shut;
        }

        @Override
        public Description describe(long nowNanos) {
            return new Description(shut ? GuardState.OPEN : named, shut ? "shut" : "ajar", 0);
        }
    }
}
