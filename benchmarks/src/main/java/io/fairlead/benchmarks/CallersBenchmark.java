// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.benchmarks.baselines.CountedTwoChoices;
import io.fairlead.memory.MemoryRegistry;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Many callers who each give up the processor once in every call: platform threads, or virtual ones, which JDK 21 and newer
 * have. With {@code adaptive} that is between the pick and its completion, so that as many attempts are in flight as there
 * are callers; {@code nothing} is what giving it up costs. Time is that of the machine by calls.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallersBenchmark {
    private static final int CALLS = 400_000;
    private static final int INSTANCES = 100;

    /** How many, of which kind. */
    @Param({"2 platform", "200 platform", "10000 virtual"})
    public String callers = "";

    /** What they do. */
    @Param({"nothing", "counted_two_choices", "adaptive"})
    public String work = "";

    private Fairlead fairlead;
    private ExecutorService threads;
    private List<Callable<Integer>> tasks = List.of();

    /** Starts whoever calls. */
    @Setup
    public void start() throws ReflectiveOperationException {
        int count = Integer.parseInt(callers.substring(0, callers.indexOf(' ')));
        threads = callers.endsWith("virtual")
                ? (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null)
                : Executors.newFixedThreadPool(count);
        MemoryRegistry registry = MemoryRegistry.create();
        for (int i = 0; i < INSTANCES; i++) {
            registry.register(
                            ServiceInstance.builder("orders")
                                    .id("i" + i)
                                    .address("10.0.0." + (1 + i), 8080)
                                    .build(),
                            HealthCheck.none())
                    .idle();
        }
        fairlead = Fairlead.builder(registry).build();
        fairlead.awaitReady(Duration.ofSeconds(30), "orders");
        IntSupplier call = call();
        tasks = Collections.nCopies(count, () -> calls(call, CALLS / count));
    }

    private IntSupplier call() {
        IntSupplier byHand = new CountedTwoChoices(Weights.of("equal", INSTANCES), false);
        return switch (work) {
            case "nothing" -> CallersBenchmark::yielded;
            case "counted_two_choices" -> () -> yielded() + byHand.getAsInt();
            case "adaptive" -> this::attempt;
            default -> throw new IllegalArgumentException("work: " + work);
        };
    }

    private static int yielded() {
        Thread.yield();
        return 1;
    }

    private int attempt() {
        try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
            Thread.yield();
            attempt.complete(Outcome.SUCCESS);
            return attempt.number();
        }
    }

    private static int calls(IntSupplier call, int count) {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += call.getAsInt();
        }
        return sum;
    }

    /** All calls of all callers. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public int callAll() throws Exception {
        int sum = 0;
        for (Future<Integer> done : threads.invokeAll(tasks)) {
            sum += done.get();
        }
        return sum;
    }

    /** Lets go. */
    @TearDown
    public void close() {
        threads.shutdownNow();
        fairlead.close();
    }
}
