// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.RefusedTasksTest;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is half done is undone, and what is slow costs nobody anything. */
class HalfDoneTest {
    private static final ServiceInstance ONE =
            ServiceInstance.builder("orders").id("one").address("10.0.0.1", 80).build();

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final Backend backend = new Backend();

    @Test
    void closingARegistryInTheMiddleOfARegistrationLeavesNothing() throws Exception {
        OpenRegistrations registrations = new OpenRegistrations(
                RegistrationTiming.defaults().withBeat(Duration.ofMillis(10)), Environment.system());
        backend.gate = new CountDownLatch(1);
        CompletableFuture<Void> registering = CompletableFuture.runAsync(
                () -> registrations.start(ONE, HealthCheck.ttl().every(Duration.ofMillis(100)), backend, false));
        await().until(() -> backend.writes.get() == 1);
        Thread closing = new Thread(registrations::close);
        closing.start();
        await("it waits for what is being started").until(() -> closing.getState() == Thread.State.WAITING);
        backend.gate.countDown();
        closing.join();
        assertThat(backend.registered).isFalse();
        assertThat(registering)
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableThat()
                .withMessageContaining("closed");
        assertThat(backend.beats).as("nothing beats").hasValue(0);
        assertThat(backend.removals).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.testkit.RefusedTasksTest#everyKindOfThrowable")
    void aRegistrationWhoseSecondStepFailsIsTakenBack(Throwable kind) {
        backend.afterWrite = kind;
        OpenRegistrations registrations = new OpenRegistrations(RegistrationTiming.defaults(), time.environment());
        assertThatThrownBy(() -> registrations.start(ONE, HealthCheck.ttl(), backend, false))
                .isSameAs(kind);
        assertThat(backend.registered).isFalse();
        backend.afterWrite = null;
        time.advance(Duration.ofHours(1));
        assertThat(backend.beats).hasValue(0);
        registrations.start(ONE, HealthCheck.ttl(), backend, false);
        assertThat(backend.registered).as("the id is free again").isTrue();
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.testkit.RefusedTasksTest#everyKindOfThrowable")
    void beatsGoOnAndCloseDeregistersWhateverTheBackendThrew(Throwable kind) {
        RegistrationLoop loop = RegistrationLoop.start(
                ONE,
                HealthCheck.ttl(),
                backend,
                RegistrationTiming.defaults(),
                false,
                time.environment(1, events),
                () -> RefusedTasksTest.sneakyThrow(kind));
        backend.inBeat = kind;
        time.advance(Duration.ofSeconds(30));
        backend.inBeat = null;
        int before = backend.beats.get();
        time.advance(Duration.ofSeconds(30));
        assertThat(backend.beats.get()).isGreaterThan(before + 4);
        backend.inRemove = new OutOfMemoryError("heap");
        CompletableFuture<Void> closed = loop.closeAsync();
        time.advance(Duration.ofMillis(1_300));
        backend.inRemove = null;
        time.advance(Duration.ofSeconds(15));
        assertThat(closed).isCompleted();
        assertThat(backend.registered).isFalse();
    }

    @Test
    void aListenerThatBlocksFindsTheNewestOfEachKind() throws Exception {
        SnapshotFeed feed = new SnapshotFeed("orders", Environment.system());
        List<String> heard = new ArrayList<>();
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        AtomicReference<Throwable> stopped = new AtomicReference<>();
        feed.subscribe(
                new SnapshotListener() {
                    @Override
                    public void onSnapshot(ServiceSnapshot snapshot) {
                        synchronized (heard) {
                            heard.add("list " + snapshot.revision());
                        }
                        blocked.countDown();
                        try {
                            gate.await();
                        } catch (InterruptedException early) {
                            stopped.set(early);
                        }
                    }

                    @Override
                    public void onInterrupted(RegistryException cause) {
                        synchronized (heard) {
                            heard.add(String.valueOf(cause.getMessage()));
                        }
                    }

                    @Override
                    public void onConfirmed() {
                        synchronized (heard) {
                            heard.add("confirmed");
                        }
                    }
                },
                () -> {});
        feed.publish(List.of());
        blocked.await();
        for (int i = 1; i <= 5_000; i++) {
            feed.publish(List.of(ONE.toBuilder().weight(1 + i % 2).build()));
            feed.confirm();
            feed.interrupt(new RegistryException(RegistryException.Reason.UNREACHABLE, "down " + i));
        }
        feed.publish(List.of(ONE));
        feed.confirm();
        gate.countDown();
        await().untilAsserted(() -> {
            synchronized (heard) {
                assertThat(heard).containsExactly("list 1", "down 5000", "list 5002", "confirmed");
            }
        });
        assertThat(stopped.get()).isNull();
    }

    @Test
    void oneDoubleIdTakesNobodyWithIt() {
        SnapshotFeed feed = new SnapshotFeed("orders", time.environment(1, events));
        feed.publish(List.of(ONE, ONE.toBuilder().weight(3).build()));
        assertThat(feed.last()).isNotNull();
        assertThat(feed.last().instances()).containsExactly(ONE);
    }

    @Test
    void threadsTakeNothingFromWhoStartsThem() throws Exception {
        InheritableThreadLocal<String> tenant = new InheritableThreadLocal<>();
        Environment system = Environment.system();
        CompletableFuture<String> seen = new CompletableFuture<>();
        CompletableFuture<String> seenByTimer = new CompletableFuture<>();
        Thread request = new Thread(() -> {
            tenant.set("tenant A");
            Thread.currentThread().setContextClassLoader(new ClassLoader("webapp", null) {});
            Thread.currentThread().setPriority(Thread.MAX_PRIORITY);
            system.executor().execute(() -> seen.complete(inherited(tenant)));
            system.scheduler().execute(() -> seenByTimer.complete(inherited(tenant)));
        });
        request.start();
        String own = "null " + Environment.class.getClassLoader() + " " + Thread.NORM_PRIORITY;
        assertThat(seen.get()).isEqualTo(own);
        assertThat(seenByTimer.get()).isEqualTo(own);
    }

    private static String inherited(InheritableThreadLocal<String> tenant) {
        Thread thread = Thread.currentThread();
        return tenant.get() + " " + thread.getContextClassLoader() + " " + thread.getPriority();
    }

    private static final class Backend implements RegistrationBackend {
        final AtomicInteger writes = new AtomicInteger();
        final AtomicInteger beats = new AtomicInteger();
        final AtomicInteger removals = new AtomicInteger();
        volatile boolean registered;
        volatile CountDownLatch gate = new CountDownLatch(0);
        volatile Throwable afterWrite;
        volatile Throwable inBeat;
        volatile Throwable inRemove;

        @Override
        public void write(ServiceInstance instance) {
            writes.incrementAndGet();
            try {
                gate.await();
            } catch (InterruptedException early) {
                throw new IllegalStateException(early);
            }
            registered = true;
            failWith(afterWrite);
        }

        @Override
        public boolean beat(ServiceInstance instance) {
            beats.incrementAndGet();
            failWith(inBeat);
            return registered;
        }

        @Override
        public boolean isIntact(ServiceInstance instance) {
            return registered;
        }

        @Override
        public void remove() {
            removals.incrementAndGet();
            failWith(inRemove);
            registered = false;
        }

        private static void failWith(Throwable failure) {
            if (failure != null) {
                RefusedTasksTest.sneakyThrow(failure);
            }
        }
    }
}
