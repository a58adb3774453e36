// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.NoInstanceException;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.LeakCheck;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that begin while the registry has not answered: their time counts from the start, and nothing is left of them. */
@Tag("slow")
class NoListYetTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private static final Duration SHORT = Duration.ofMillis(300);
    private final VirtualTime time = new VirtualTime();

    @Test
    void aDeadlineEndsAnAsynchronousCallWhileThereIsNoList() {
        FakeRegistry registry = new FakeRegistry(time.environment());
        try (Fairlead fairlead = virtual(registry)) {
            CompletableFuture<String> call =
                    call(fairlead, CallSpec.of("orders").within(SHORT));
            time.advance(SHORT.minusNanos(1));
            assertThat(call).isNotDone();
            time.advance(Duration.ofNanos(1));
            assertThatThrownBy(call::join)
                    .cause()
                    .isInstanceOf(CallRejectedException.class)
                    .hasMessageContaining("its time of PT0.3S is over, and the service has no list yet");
        }
    }

    @Test
    void whatTheFirstListTookIsTakenFromTheDeadline() {
        FakeRegistry registry = new FakeRegistry(time.environment());
        try (Fairlead fairlead = virtual(registry)) {
            CompletableFuture<String> sent = new CompletableFuture<>();
            CompletableFuture<String> call = fairlead.callAsync(
                            CallSpec.of("orders").within(SHORT), attempt -> sent)
                    .toCompletableFuture();
            time.advance(Duration.ofMillis(200));
            registry.lists("a");
            time.advance(Duration.ofMillis(100));
            assertThat(call).isCompletedExceptionally();
            assertThat(sent).isCancelled();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeadlineEndsABlockedCallWhileThereIsNoList(boolean hedged) {
        Environment environment = Environment.system();
        try (Fairlead fairlead = system(environment, hedged)) {
            long startNanos = System.nanoTime();
            assertThatThrownBy(() -> fairlead.call(CallSpec.of("orders").within(SHORT), attempt -> "never"))
                    .isInstanceOf(CallRejectedException.class)
                    .hasMessageContaining("DEADLINE");
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isBetween(SHORT, Duration.ofSeconds(1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallerThatGivesUpEndsABlockedCallWhileThereIsNoList(boolean hedged) {
        Environment environment = Environment.system();
        try (Fairlead fairlead = system(environment, hedged)) {
            long startNanos = System.nanoTime();
            assertThatThrownBy(() -> fairlead.call(CallSpec.of("orders"), new Transport<String>() {
                        @Override
                        public String send(Attempt attempt) {
                            return "never";
                        }

                        @Override
                        public boolean isCancelled() {
                            return System.nanoTime() - startNanos >= SHORT.toNanos();
                        }
                    }))
                    .isInstanceOf(InterruptedIOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isBetween(SHORT, Duration.ofSeconds(1));
        }
    }

    @Test
    void anInterruptedCallerSaysThatItWasInterrupted() {
        try (Fairlead fairlead = system(Environment.system(), false)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> fairlead.call(CallSpec.of("orders"), attempt -> "never"))
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void nothingIsLeftOfCallsThatEndedBeforeTheList() {
        FakeRegistry registry = new FakeRegistry(time.environment());
        try (Fairlead fairlead = virtual(registry)) {
            for (int i = 0; i < 1_000; i++) {
                CompletableFuture<String> inTime =
                        call(fairlead, CallSpec.of("orders").within(SHORT));
                CompletableFuture<String> patient = call(fairlead, CallSpec.of("orders"));
                CompletableFuture<String> cancelled = call(fairlead, CallSpec.of("orders"));
                CompletableFuture<String> outside = call(fairlead, CallSpec.of("orders"));
                cancelled.cancel(true);
                outside.completeExceptionally(new IOException("the caller's own"));
                time.advance(Duration.ofSeconds(3));
                assertThat(inTime).isCompletedExceptionally();
                assertThatThrownBy(patient::join).cause().isInstanceOf(NoInstanceException.class);
            }
            assertThat(fairlead.waiting("orders")).isZero();
            assertThat(time.pendingTasks())
                    .as("only the cache of services, and the look at it")
                    .isLessThanOrEqualTo(3);
        }
    }

    @Test
    void whenTheListComesAFewThreadsCarryTheCallsOn() throws Exception {
        Environment system = Environment.system();
        AtomicInteger taken = new AtomicInteger();
        Environment environment = new Environment(
                system.ticker(), system.scheduler(), counted(system, taken), system.random(), system.listener());
        FakeRegistry registry = new FakeRegistry(environment);
        CompletableFuture<String> free = new CompletableFuture<>();
        try (Fairlead fairlead =
                Fairlead.builder(registry).environment(environment).build()) {
            List<CompletableFuture<String>> calls = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                calls.add(fairlead.callAsync(CallSpec.of("orders"), attempt -> {
                            free.join();
                            return CompletableFuture.completedFuture("answer");
                        })
                        .toCompletableFuture());
            }
            int before = taken.get();
            registry.lists("a", "b");
            await().until(() -> fairlead.waiting("orders") == 0);
            // None of them has ended, so none has given its thread to another.
            assertThat(taken.get() - before).isBetween(1, 20);
            free.complete("go on");
            for (CompletableFuture<String> call : calls) {
                assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo("answer");
            }
        }
    }

    private static Executor counted(Environment environment, AtomicInteger taken) {
        return task -> {
            taken.incrementAndGet();
            environment.executor().execute(task);
        };
    }

    private Fairlead virtual(FakeRegistry registry) {
        return Fairlead.builder(registry).environment(time.environment()).build();
    }

    private static Fairlead system(Environment environment, boolean hedged) {
        FairleadBuilder builder =
                Fairlead.builder(new FakeRegistry(environment)).environment(environment);
        return (hedged ? builder.hedging(Hedging.defaults()) : builder).build();
    }

    private static CompletableFuture<String> call(Fairlead fairlead, CallSpec spec) {
        return fairlead.callAsync(spec, attempt -> CompletableFuture.completedFuture("answer"))
                .toCompletableFuture();
    }
}
