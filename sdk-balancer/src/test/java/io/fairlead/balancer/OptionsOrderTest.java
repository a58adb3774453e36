// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said to the builder counts, whatever was said before or after it. */
class OptionsOrderTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    static Stream<BiConsumer<Runnable, Runnable>> orders() {
        return Stream.of(
                (one, other) -> {
                    one.run();
                    other.run();
                },
                (one, other) -> {
                    other.run();
                    one.run();
                });
    }

    @ParameterizedTest
    @MethodSource("orders")
    void theListenerOutlivesTheEnvironment(BiConsumer<Runnable, Runnable> order) {
        registry.lists("a");
        RecordingListener events = new RecordingListener();
        FairleadBuilder builder = Fairlead.builder(registry);
        order.accept(() -> builder.listener(events), () -> builder.environment(time.environment()));
        try (Fairlead fairlead = builder.build()) {
            fairlead.awaitReady(Duration.ofSeconds(1), "orders");
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(Outcome.SUCCESS);
            }
            assertThat(events.events("attempt")).containsExactly("attempt a 1 SUCCESS");
        }
    }
}
