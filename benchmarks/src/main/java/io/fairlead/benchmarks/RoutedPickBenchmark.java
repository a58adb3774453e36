// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.Subsetting;
import io.fairlead.memory.MemoryRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** As {@link PickBenchmark} with the default policy and a key, of a service without routes and with some. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 10, time = 1)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class RoutedPickBenchmark {
    private static final PickContext KEYED = PickContext.hashedBy("user-4711");

    /** Instances in the list. */
    @Param({"10", "10000"})
    public int size;

    /** As {@link FourSubsets} names them; with one subset all instances are in it. */
    @Param({"off", "default", "four"})
    public String routes = "";

    private Fairlead fairlead;

    /** Fills the list. */
    @Setup(Level.Trial)
    public void fill() {
        MemoryRegistry registry = MemoryRegistry.create();
        for (int i = 0; i < size; i++) {
            ServiceInstance instance = ServiceInstance.builder("orders")
                    .id("i" + i)
                    .address("10.0." + i / 250 + "." + (1 + i % 250), 8080)
                    .version(routes.equals("four") ? FourSubsets.version(i) : "v1")
                    .build();
            registry.register(instance, HealthCheck.none()).idle();
        }
        fairlead = Fairlead.builder(registry)
                .subsetting(Subsetting.off())
                .forService("orders", o -> o.withRoutes(FourSubsets.named(routes)))
                .build();
        fairlead.awaitReady(Duration.ofSeconds(30), "orders");
    }

    /** Lets go. */
    @TearDown(Level.Trial)
    public void close() {
        fairlead.close();
    }

    /** One pick and its completion. */
    @Benchmark
    public int pickAndComplete() {
        try (Attempt attempt = fairlead.acquire("orders", KEYED)) {
            attempt.complete(Outcome.SUCCESS);
            return attempt.number();
        }
    }
}
