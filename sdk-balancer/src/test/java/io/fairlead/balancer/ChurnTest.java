// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.testkit.LeakCheck;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nothing grows with what has been: names asked for, ids listed, lists received, calls that failed, balancers closed. Each
 * test does a thing a thousand times, looks at the heap and at what is planned, does it 100,000 times more, and looks again.
 */
@Tag("slow")
class ChurnTest {
    private static final int FEW = 1_000;
    private static final int MANY = 100_000;
    private static final long SLACK_BYTES = 4L << 20;
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(25);

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    private final VirtualTime time = new VirtualTime();
    private final MemoryRegistry empty =
            MemoryRegistry.builder().environment(time.environment()).build();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final AsyncTransport<String> broken = new AsyncTransport<>() {
        @Override
        public CompletableFuture<String> send(Attempt attempt) {
            attempt.close();
            return CompletableFuture.failedFuture(new IOException("broken"));
        }

        @Override
        public Verdict judge(String response) {
            return Verdict.SUCCESS;
        }

        @Override
        public Verdict judge(Exception failure) {
            return Verdict.BROKEN;
        }

        @Override
        public void discard(String response) {}
    };

    @Test
    void namesThatNobodyKnowsLeaveNothing() {
        Fairlead fairlead = fairlead();
        leavesNothing(MANY, fairlead, number -> {
            CompletableFuture<String> call = callAsync(fairlead, "name" + number);
            time.advance(Duration.ofMillis(10));
            assertThat(call).isCompletedExceptionally();
            // A hundred a second, each remembered for two.
            assertThat(fairlead.services()).hasSizeLessThan(300);
        });
        assertThat(fairlead.services()).isEmpty();
        fairlead.close();
    }

    @Test
    void idsThatCameAndWentLeaveNothing() {
        Fairlead fairlead =
                Fairlead.builder(registry).environment(time.environment()).build();
        registry.lists("first");
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        leavesNothing(MANY, fairlead, number -> {
            registry.lists(tenFrom(number));
            time.advance(Duration.ofMillis(10));
            Attempt attempt = fairlead.acquire("orders", PickContext.none());
            attempt.complete(Verdict.BROKEN);
            attempt.close();
        });
        assertThat(fairlead.services()).isEmpty();
        fairlead.close();
    }

    @Test
    void callsThatFailedLeaveNothing() {
        registry.lists("a", "b", "c");
        Fairlead fairlead =
                Fairlead.builder(registry).environment(time.environment()).build();
        leavesNothing(MANY, fairlead, number -> {
            CompletableFuture<String> call = callAsync(fairlead, "orders");
            time.advance(Duration.ofSeconds(3));
            assertThat(call).isCompletedExceptionally();
        });
        fairlead.close();
    }

    @Test
    void callsThatWaitedForAListInVainLeaveNothing() {
        Fairlead fairlead =
                Fairlead.builder(registry).environment(time.environment()).build();
        leavesNothing(MANY, fairlead, number -> {
            CompletableFuture<String> call = callAsync(fairlead, "orders");
            time.advance(Duration.ofSeconds(4));
            assertThat(call).isCompletedExceptionally();
        });
        assertThat(registry.watches.get() - registry.closedWatches.get()).isZero();
        fairlead.close();
    }

    @Test
    void balancersThatWereClosedLeaveNothing() {
        leavesNothing(MANY / 10, null, number -> {
            try (Fairlead fairlead = fairlead()) {
                CompletableFuture<String> call = callAsync(fairlead, "orders");
                time.advance(Duration.ofMillis(1));
                assertThat(call).isCompletedExceptionally();
            }
        });
    }

    private Fairlead fairlead() {
        return Fairlead.builder(empty).environment(time.environment()).build();
    }

    private CompletableFuture<String> callAsync(Fairlead fairlead, String service) {
        return fairlead.callAsync(CallSpec.of(service), broken).toCompletableFuture();
    }

    private void leavesNothing(int times, @Nullable Fairlead fairlead, IntConsumer step) {
        repeat(0, FEW, step);
        int plannedBefore = time.pendingTasks();
        long usedBefore = usedBytes();
        repeat(FEW, FEW + times, step);
        assertThat(time.pendingTasks()).as("planned tasks").isLessThanOrEqualTo(plannedBefore);
        assertThat(usedBytes() - usedBefore).as("bytes more than before").isLessThan(SLACK_BYTES);
        Reference.reachabilityFence(fairlead);
    }

    private void repeat(int from, int to, IntConsumer step) {
        for (int number = from; number < to; number++) {
            step.accept(number);
        }
        time.advance(LONG_ENOUGH);
    }

    private static List<ServiceInstance> tenFrom(int first) {
        List<ServiceInstance> ten = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ten.add(FakeRegistry.instance("id" + (first + i)));
        }
        return ten;
    }

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 4; round++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
