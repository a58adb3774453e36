// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a guard that asks for less is spared, and what it is still told. */
class UnreportedTest {
    private static final Object PERMIT = new Object();
    private static final long SECOND = 1_000_000_000;

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile InstanceGuard.EjectionCap seat;
    private volatile EventListener tells;
    private volatile ServiceInstance guarded;
    private volatile long unreportedNanos = SECOND;

    private InstanceGuard guard(ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment environment) {
        seat = cap;
        tells = environment.listener();
        guarded = instance;
        return new InstanceGuard() {
            @Override
            public Object tryAcquire(long nowNanos) {
                asked.incrementAndGet();
                return PERMIT;
            }

            @Override
            public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
                if (outcome == Outcome.SUCCESS) {
                    told.incrementAndGet();
                } else {
                    failures.incrementAndGet();
                }
            }

            @Override
            public long unreportedNanos(Object permit, long nowNanos) {
                return unreportedNanos;
            }

            @Override
            public boolean isAvailable(long nowNanos) {
                return true;
            }

            @Override
            public Description describe(long nowNanos) {
                return new Description(GuardState.CLOSED, "", 0);
            }
        };
    }

    @Test
    void aGuardIsSparedWhatItNeedNotHearForAsLongAsItSaid() {
        VirtualTime time = new VirtualTime();
        FakeRegistry registry = new FakeRegistry(time.environment());
        try (Fairlead fairlead = over(registry, time.environment())) {
            registry.lists("a");
            for (int call = 0; call < 3_000; call++) {
                play(fairlead, Outcome.SUCCESS);
                time.advance(Duration.ofMillis(1));
            }
            assertThat(told).as("told once a second").hasValue(3);
            assertThat(asked).as("asked once a second").hasValue(3);
            assertThat(seat.unreported()).isEqualTo(3_000 - 3);
            play(fairlead, Outcome.FAILURE);
            assertThat(failures).as("told of every failure").hasValue(1);
            play(fairlead, Outcome.SUCCESS);
            assertThat(told).as("told of the success after it").hasValue(4);
            assertThat(asked).as("asked for both, a second being over").hasValue(5);
        }
    }

    @Test
    void aGuardIsAskedAgainWhenTheTimeItGaveIsOverThoughNothingWasAnsweredSince() {
        VirtualTime time = new VirtualTime();
        FakeRegistry registry = new FakeRegistry(time.environment());
        try (Fairlead fairlead = over(registry, time.environment())) {
            registry.lists("a");
            play(fairlead, Outcome.SUCCESS);
            Attempt hangs = fairlead.acquire("orders", PickContext.none());
            assertThat(asked).as("within the time it gave").hasValue(1);
            time.advance(Duration.ofSeconds(1));
            Attempt after = fairlead.acquire("orders", PickContext.none());
            assertThat(asked).as("after it").hasValue(2);
            hangs.close();
            after.close();
            unreportedNanos = 0;
            play(fairlead, Outcome.SUCCESS);
            play(fairlead, Outcome.SUCCESS);
            assertThat(asked).as("since it gives no more").hasValue(4);
        }
    }

    @Test
    void whoIsToldThatAGuardChangedFindsItAskedAlready() {
        VirtualTime time = new VirtualTime();
        FakeRegistry registry = new FakeRegistry(time.environment());
        AtomicInteger askedMeanwhile = new AtomicInteger(-1);
        AtomicReference<Fairlead> shared = new AtomicReference<>();
        EventListener listener = new EventListener() {
            @Override
            public void onGuardChanged(ServiceInstance instance, GuardState from, GuardState to, String reason) {
                int before = asked.get();
                shared.get().acquire("orders", PickContext.none()).close();
                askedMeanwhile.set(asked.get() - before);
            }
        };
        try (Fairlead fairlead = over(registry, time.environment().withListener(listener))) {
            shared.set(fairlead);
            registry.lists("a");
            play(fairlead, Outcome.SUCCESS);
            tells.onGuardChanged(guarded, GuardState.CLOSED, GuardState.OPEN, "by the test");
            assertThat(askedMeanwhile).hasValue(1);
        }
    }

    @Test
    void aGuardThatWantsToHearEverythingDoes() {
        unreportedNanos = 0;
        VirtualTime time = new VirtualTime();
        FakeRegistry registry = new FakeRegistry(time.environment());
        try (Fairlead fairlead = over(registry, time.environment())) {
            registry.lists("a");
            for (int call = 0; call < 100; call++) {
                play(fairlead, Outcome.SUCCESS);
            }
            assertThat(asked).hasValue(100);
            assertThat(told).hasValue(100);
            assertThat(seat.unreported()).isZero();
        }
    }

    @Test
    void everySuccessIsCountedOrGivenBackAndNoneTwiceWhateverFailsMeanwhile() throws Exception {
        unreportedNanos = 1_000;
        Environment system = Environment.system();
        Environment direct =
                new Environment(system.ticker(), system.scheduler(), Runnable::run, system.random(), system.listener());
        FakeRegistry registry = new FakeRegistry(direct);
        try (Fairlead fairlead = over(registry, direct)) {
            registry.lists("a");
            ExecutorService threads = Executors.newFixedThreadPool(2);
            Future<?> fails = threads.submit(() -> playMany(fairlead, 97));
            Future<?> succeeds = threads.submit(() -> playMany(fairlead, 1_000_000));
            fails.get();
            succeeds.get();
            threads.shutdown();
            int failed = (int) Math.ceil(200_000 / 97.0) + 1;
            assertThat(failures).hasValue(failed);
            assertThat(seat.unreported()).isPositive();
            assertThat(told.get() + seat.unreported()).isEqualTo(400_000 - failed);
        }
    }

    private Fairlead over(FakeRegistry registry, Environment environment) {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(environment)
                .guard(this::guard)
                .build();
        registry.lists("a");
        fairlead.awaitReady(Duration.ofSeconds(10), "orders");
        return fairlead;
    }

    private static void playMany(Fairlead fairlead, int failEvery) {
        for (int call = 0; call < 200_000; call++) {
            play(fairlead, call % failEvery == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
        }
    }

    private static void play(Fairlead fairlead, Outcome outcome) {
        try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
            attempt.complete(outcome);
        }
    }
}
