// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.VirtualTime;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jol.info.GraphLayout;

/** How much memory one more breaker takes, everything that is shared left out. */
@Tag("slow")
class FootprintTest {
    static {
        // The walk passes lambdas and records on its way to what is shared; without this JOL refuses to.
        System.setProperty("jol.magicFieldOffset", "true");
    }

    private final VirtualTime time = new VirtualTime();
    private final Environment environment = time.environment();

    @ParameterizedTest
    @CsvSource({"TIME, 400", "COUNT, 400"})
    void aBreakerThatHasCountedTakesAtMost400BytesWithItsRules(String window, long limit) {
        CircuitBreakerConfig config = config(window);
        assertThat(bytesOfOneMore(i -> used(CircuitBreaker.builder("same")
                        .config(config)
                        .ticker(time)
                        .random(environment.random())
                        .build())))
                .isLessThanOrEqualTo(limit);
    }

    @ParameterizedTest
    @CsvSource({"TIME, 400", "COUNT, 400"})
    void aGuardThatHasCountedTakesAtMost400Bytes(String window, long limit) {
        CircuitBreakerGuards guards = new CircuitBreakerGuards(config(window));
        ServiceInstance instance = ServiceInstance.builder("orders")
                .id("a")
                .address("10.0.0.1", 8080)
                .build();
        InstanceGuard.EjectionCap cap = new InstanceGuard.EjectionCap() {
            @Override
            public boolean tryEject(String reason) {
                return true;
            }

            @Override
            public void restore(String reason) {}

            @Override
            public long unreported() {
                return 0;
            }
        };
        assertThat(bytesOfOneMore(i -> {
                    InstanceGuard guard = guards.newGuard(instance, cap, environment);
                    guard.release(guard.tryAcquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
                    return guard;
                }))
                .isLessThanOrEqualTo(limit);
    }

    private static CircuitBreakerConfig config(String window) {
        CircuitBreakerConfig config = CircuitBreakerConfig.perInstance();
        return window.equals("TIME") ? config : config.withWindow(CircuitBreakerConfig.Window.count(100));
    }

    private CircuitBreaker used(CircuitBreaker breaker) {
        breaker.release(breaker.acquire(time.nanos()), Outcome.FAILURE, 0, time.nanos());
        return breaker;
    }

    private static long bytesOfOneMore(IntFunction<Object> make) {
        List<Object> one = List.of(make.apply(0));
        List<Object> two = List.of(one.get(0), make.apply(1));
        long more = GraphLayout.parseInstance(two.toArray()).totalSize()
                - GraphLayout.parseInstance(one.toArray()).totalSize();
        assertThat(more).as("the graph was walked").isGreaterThan(100);

        return more;
    }
}
