// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lock of the user's, taken in a callback and held by whoever asks: nobody waits for the other for ever. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CallbackLockTest {
    private final ReentrantLock users = new ReentrantLock();
    private final VirtualTime time = new VirtualTime();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private volatile String locking = "";
    private final Environment environment =
            new Environment(time, time, workers, new SplittableRandom(1), new Telling());
    private final FakeRegistry registry = new FakeRegistry(environment);
    private final Fairlead fairlead = Fairlead.builder(registry)
            .environment(environment)
            .guard(Watchful::new)
            .forService("orders", o -> o.withPolicy(new FirstOne()))
            .build();

    @AfterEach
    void stop() throws InterruptedException {
        fairlead.close();
        workers.shutdown();
        assertThat(workers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rejected", "snapshot", "newGuard", "isAvailable", "newPicker"})
    void whoeverHoldsTheLockOfACallbackMayAskForEverything(String callback) {
        registry.lists("a", "b");
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        users.lock();
        try {
            locking = callback;
            registry.lists(List.of(
                    FakeRegistry.instance("a"),
                    FakeRegistry.instance("c"),
                    FakeRegistry.instance("d").toBuilder()
                            .address("169.254.169.254", 80)
                            .build()));
            await(users::hasQueuedThreads);
            // As the timer does, which must not wait either.
            time.advance(Duration.ofSeconds(3));
            assertThat(fairlead.status("orders").instances()).isNotEmpty();
            assertThat(fairlead.explain("orders").instances()).isNotEmpty();
            assertThat(fairlead.dryRun("orders", PickContext.none(), 10).shares())
                    .isNotEmpty();
            fairlead.close();
            assertThat(users.hasQueuedThreads()).as("still held up").isTrue();
        } finally {
            locking = "";
            users.unlock();
        }
    }

    @Test
    void aDryRunHoldsNothingThatAListOrAnAnswerWaitsFor() throws Exception {
        registry.lists("a", "b");
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        CountDownLatch asked = new CountDownLatch(1);
        users.lock();
        try {
            var run = workers.submit(() -> fairlead.dryRun(
                    "orders",
                    call -> {
                        asked.countDown();
                        locked();
                        return PickContext.none();
                    },
                    3));
            asked.await();
            time.advance(Duration.ofSeconds(3));
            registry.lists("a", "b", "c");
            await(() -> fairlead.status("orders").instances().size() == 3);
            assertThat(fairlead.acquire("orders", PickContext.none()).instance().id())
                    .isEqualTo("a");
            assertThat(run.isDone()).isFalse();
        } finally {
            users.unlock();
        }
    }

    @Test
    void aListenerThatHangsStopsNoListAndIsToldTheNewestAfterwards() {
        registry.lists("a");
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        users.lock();
        try {
            locking = "panic";
            registry.lists(List.of(FakeRegistry.with("a", InstanceStatus.CRITICAL)));
            await(users::hasQueuedThreads);
            assertThat(fairlead.status("orders").panic()).isTrue();
            time.advance(Duration.ofSeconds(2));
            assertThat(fairlead.status("orders").ready()).isTrue();
        } finally {
            locking = "";
            users.unlock();
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private void locked() {
        users.lock();
        users.unlock();
    }

    private void callback(String name) {
        if (locking.equals(name)) {
            locked();
        }
    }

    private final class Telling implements EventListener {
        @Override
        public void onInstanceRejected(String service, String entry, String reason) {
            callback("rejected");
        }

        @Override
        public void onSnapshot(ServiceSnapshot snapshot) {
            callback("snapshot");
        }

        @Override
        public void onPanic(String service, boolean panic) {
            callback("panic");
        }
    }

    private final class Watchful implements InstanceGuard {
        Watchful(ServiceInstance instance, EjectionCap cap, Environment environment) {
            callback("newGuard");
        }

        @Override
        public @Nullable Object tryAcquire(long nowNanos) {
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

        @Override
        public boolean isAvailable(long nowNanos) {
            callback("isAvailable");
            return true;
        }

        @Override
        public Description describe(long nowNanos) {
            return new Description(GuardState.CLOSED, "", 0);
        }
    }

    private final class FirstOne implements BalancingPolicy {
        @Override
        public String name() {
            return "first_one";
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
            callback("newPicker");
            return (context, nowNanos) -> candidates.get(0);
        }
    }
}
