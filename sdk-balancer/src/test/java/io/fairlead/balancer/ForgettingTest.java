// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.service.ConsecutiveFailureGuard;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ids and names that come and go leave nothing behind; a successor takes the place of whom the outage held. */
class ForgettingTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    @Test
    void ofIdsThatLeftNothingIsKeptAMinuteLater() {
        List<WeakReference<InstanceGuard>> guards = new ArrayList<>();
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .outagePolicy(OutagePolicy.off())
                .guard((ServiceInstance instance, InstanceGuard.EjectionCap cap, Environment environment) -> {
                    InstanceGuard made = new ConsecutiveFailureGuard(instance, cap, environment);
                    guards.add(new WeakReference<>(made));
                    return made;
                })
                .build();
        for (int list = 0; list < 2_000; list++) {
            int first = list * 10;
            registry.lists(
                    IntStream.range(first, first + 10).mapToObj(i -> "i" + i).toArray(String[]::new));
            fairlead.acquire("orders", PickContext.none()).close();
            time.advance(Duration.ofMillis(10));
        }
        time.advance(Duration.ofSeconds(62));
        long left = guards.size();
        for (int tries = 0; left > 10 && tries < 20; tries++) {
            System.gc();
            left = guards.stream().filter(guard -> guard.get() != null).count();
        }
        assertThat(guards).hasSize(20_000);
        assertThat(left).as("of 20,000").isLessThanOrEqualTo(10);
    }

    @Test
    void namesThatNobodyKnowsAreWatchedForTwoSecondsAndFewAtOnce() {
        Fairlead fairlead =
                Fairlead.builder(registry).environment(time.environment()).build();
        int most = 0;
        for (int i = 0; i < 2_000; i++) {
            String name = "nobody" + i;
            registry.empty(name);
            assertThatThrownBy(() -> fairlead.acquire(name, PickContext.none()))
                    .isInstanceOf(NoInstanceException.class);
            most = Math.max(most, fairlead.services().size());
        }
        assertThat(most).isLessThanOrEqualTo(65);
        assertThat(registry.watches.get()).as("one request each").isEqualTo(2_000);
        time.advance(Duration.ofSeconds(4));
        assertThat(fairlead.services()).isEmpty();
        assertThat(registry.closedWatches.get()).isEqualTo(2_000);
    }

    @Test
    void namesAskedForWhileTheRegistryIsSilentAreABoundedNumberAndForgotten() {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .firstListTimeout(Duration.ZERO)
                .build();
        for (int i = 0; i < 3_000; i++) {
            String name = "silent" + i;
            assertThatThrownBy(() -> fairlead.acquire(name, PickContext.none()))
                    .isInstanceOf(NoInstanceException.class);
        }
        assertThat(fairlead.services()).hasSizeLessThanOrEqualTo(1_024);
        time.advance(Duration.ofSeconds(32));
        assertThat(fairlead.services()).isEmpty();
        registry.lists("a");
        assertThat(fairlead.acquire("orders", PickContext.none()).instance().id())
                .isEqualTo("a");
    }

    @Test
    void aServiceThatExistsOutlivesTheUnknown() {
        Fairlead fairlead =
                Fairlead.builder(registry).environment(time.environment()).build();
        registry.lists("a");
        fairlead.acquire("orders", PickContext.none()).close();
        registry.lists(List.of());
        time.advance(Duration.ofMinutes(5));
        assertThat(fairlead.services()).containsExactly("orders");
    }

    @Test
    void aHeldInstanceIsLetGoWhenAnotherIsListedAtItsAddress() {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(1, events))
                .build();
        registry.lists(List.of(at("a1", "10.0.0.1"), at("b1", "10.0.0.2"), at("c1", "10.0.0.3")));
        fairlead.acquire("orders", PickContext.none()).close();
        registry.interrupt();
        registry.lists(List.of(at("a1", "10.0.0.1"), at("b2", "10.0.0.2")));
        assertThat(ids(fairlead)).as("only c1 may still live").containsExactly("a1", "b2", "c1");
        registry.lists(List.of(at("a1", "10.0.0.1"), at("b2", "10.0.0.2"), at("c2", "10.0.0.3")));
        assertThat(ids(fairlead)).containsExactly("a1", "b2", "c2");
        assertThat(events.events("released")).hasSize(1);
    }

    @Test
    void anErrorInAGuardEndsNoEvaluationButItsOwn() {
        AtomicBoolean overflows = new AtomicBoolean();
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(1, events))
                .guard((instance, cap, environment) -> new SwitchGuard(instance, cap, environment) {
                    @Override
                    public boolean isAvailable(long nowNanos) {
                        if (overflows.get()) {
                            throw new StackOverflowError("by the test");
                        }
                        return super.isAvailable(nowNanos);
                    }
                })
                .build();
        registry.lists("a", "b");
        fairlead.acquire("orders", PickContext.none()).close();
        registry.interrupt();
        registry.lists("a");
        overflows.set(true);
        time.advance(Duration.ofSeconds(70));
        overflows.set(false);
        assertThat(events.events("callback")).isNotEmpty();
        time.advance(Duration.ofSeconds(2));
        assertThat(ids(fairlead)).as("b's grace is over").containsExactly("a");
    }

    private static ServiceInstance at(String id, String host) {
        return ServiceInstance.builder("orders").id(id).address(host, 80).build();
    }

    private static List<String> ids(Fairlead fairlead) {
        return fairlead.status("orders").instances().stream()
                .map(view -> view.instance().id())
                .toList();
    }
}
