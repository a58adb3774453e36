// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.policy.MaglevPolicy;
import io.fairlead.balancer.policy.RingHashPolicy;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a list costs to turn into a picker, no call pays. */
@Tag("slow")
class PickerThreadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Notes who makes its pickers. */
    private static final class Watched implements BalancingPolicy {
        private final BalancingPolicy policy;
        private final List<Thread> makers = new CopyOnWriteArrayList<>();

        Watched(BalancingPolicy policy) {
            this.policy = policy;
        }

        @Override
        public String name() {
            return policy.name();
        }

        @Override
        public boolean isKeyed() {
            return policy.isKeyed();
        }

        @Override
        public boolean needsServiceInFlight() {
            return policy.needsServiceInFlight();
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
            makers.add(Thread.currentThread());
            return policy.newPicker(candidates, previous, environment);
        }
    }

    static Stream<BalancingPolicy> hashing() {
        return Stream.of(new MaglevPolicy(), new RingHashPolicy());
    }

    @ParameterizedTest
    @MethodSource("hashing")
    void aPickerIsMadeByAWorkerAndByNoCallerNotEvenTheFirst(BalancingPolicy policy) {
        Watched watched = new Watched(policy);
        FakeRegistry registry = new FakeRegistry(Environment.system());
        registry.lists(ids(100));
        try (Fairlead fairlead = Fairlead.builder(registry)
                .forService("orders", o -> o.withPolicy(watched))
                .build()) {
            // This thread is the first to ask for the service, publishes the next list, and calls while a newcomer
            // warms up.
            fairlead.acquire("orders", PickContext.hashedBy("key")).close();
            int afterFirst = watched.makers.size();
            assertThat(afterFirst).isPositive();
            registry.lists(ids(101));
            await().atMost(PATIENCE).until(() -> watched.makers.size() > afterFirst);
            int afterChange = watched.makers.size();
            await().atMost(PATIENCE).until(() -> {
                fairlead.acquire("orders", PickContext.hashedBy("key")).close();
                return watched.makers.size() > afterChange;
            });
        }
        assertThat(watched.makers)
                .extracting(Thread::getName)
                .allMatch(name -> name.startsWith("fairlead-worker"))
                .doesNotContain(Thread.currentThread().getName());
    }

    private static String[] ids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "i" + i).toArray(String[]::new);
    }
}
