// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.service.ConsecutiveFailureGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A whole balancer of any age, on a clock of any origin, treats its instances as on its first day. */
class ServiceYearsTest {
    private static final Duration EIGHT = Duration.ofSeconds(8);

    static Stream<Arguments> agesAndClocks() {
        return Stream.of(1, 30, 365, 25 * 365)
                .map(Duration::ofDays)
                .flatMap(age -> Stream.of(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - age.toNanos() / 2)
                        .map(origin -> Arguments.of(age, origin)));
    }

    @ParameterizedTest
    @MethodSource("agesAndClocks")
    void levelsMoveAndWeightsRecoverAtAnyAge(Duration age, long origin) {
        Service s = new Service(origin, DynamicWeights.defaults().withRecovery(Duration.ofSeconds(60)));
        s.windows(3, 100);
        s.pass(age);
        s.windows(3, 100);
        s.windows(4, 750);
        assertThat(s.weights()).containsExactly(0.2, 1.0, 1.0, 1.0);
        s.pass(age);
        assertThat(s.weights()).as("kept while nobody knows better").containsExactly(0.2, 1.0, 1.0, 1.0);
        s.windows(20, 100);
        s.time.advance(Duration.ofSeconds(60));
        assertThat(s.weights()).containsExactly(1.0, 1.0, 1.0, 1.0);
        assertThat(s.events.events("level")).hasSize(4);
        s.fairlead.close();
    }

    @ParameterizedTest
    @MethodSource("agesAndClocks")
    void newAndReturningInstancesGrowAsFastAtAnyAge(Duration age, long origin) {
        Service s = new Service(origin, DynamicWeights.off());
        s.calls(40, Set.of());
        s.pass(age);
        s.registry.lists("a", "b", "c", "d", "e");
        assertThat(s.weights().get(4)).isEqualTo(0.1);
        s.time.advance(Duration.ofSeconds(15));
        assertThat(s.weights().get(4)).isCloseTo(0.5, within(0.05));
        s.time.advance(Duration.ofSeconds(20));
        assertThat(s.weights().get(4)).isEqualTo(1);
        s.calls(40, Set.of("d"));
        assertThat(s.calls(40, Set.of())).as("ejected").doesNotContain("d");
        s.time.advance(Duration.ofSeconds(7));
        assertThat(s.calls(40, Set.of())).as("probed").contains("d");
        s.time.advance(Duration.ofSeconds(1));
        assertThat(s.weights().get(3)).isLessThan(0.3);
        s.time.advance(Duration.ofSeconds(10));
        assertThat(s.weights().get(3)).isEqualTo(1);
        s.calls(40, Set.of("a"));
        s.pass(age);
        assertThat(s.calls(40, Set.of())).as("out for years, probed at once").contains("a");
        s.time.advance(Duration.ofSeconds(11));
        assertThat(s.weights()).containsOnly(1.0);
        s.fairlead.close();
    }

    @ParameterizedTest
    @MethodSource("agesAndClocks")
    void whoAsksToBeLeftAloneIsForAsLongAtAnyAge(Duration age, long origin) {
        Service s = new Service(origin, DynamicWeights.off());
        s.pass(age);
        for (int round = 0; round < 2; round++) {
            s.ask("b");
            s.time.advance(EIGHT.minusNanos(1));
            assertThat(s.calls(40, Set.of())).doesNotContain("b");
            s.time.advance(Duration.ofNanos(1));
            assertThat(s.calls(40, Set.of())).contains("b");
            for (String id : List.of("a", "b")) {
                s.ask(id);
            }
            s.pass(age);
            assertThat(s.calls(40, Set.of())).containsExactly("a", "b", "c", "d");
            s.ask("c");
            s.ask("d");
            assertThat(s.calls(40, Set.of()))
                    .as("whose time is over does not count among those who ask")
                    .containsExactly("a", "b");
            s.time.advance(EIGHT);
        }
        s.fairlead.close();
    }

    @Test
    void aClockThatIsSetBackKeepsNobodyOutForLonger() {
        Service s = new Service(1, DynamicWeights.off());
        s.calls(40, Set.of("d"));
        s.ask("b");
        assertThat(s.calls(40, Set.of())).doesNotContain("b", "d");
        s.time.jump(-Duration.ofHours(1).toNanos());
        assertThat(s.calls(40, Set.of())).as("not for shorter either").doesNotContain("b", "d");
        s.time.advance(Duration.ofSeconds(9));
        assertThat(s.calls(40, Set.of())).contains("b", "d");
        s.fairlead.close();
    }

    /** Four instances and whoever calls them. */
    private static final class Service {
        final VirtualTime time;
        final RecordingListener events = new RecordingListener();
        final FakeRegistry registry;
        final Fairlead fairlead;

        Service(long origin, DynamicWeights weights) {
            time = new VirtualTime(origin);
            registry = new FakeRegistry(time.environment());
            registry.lists("a", "b", "c", "d");
            fairlead = Fairlead.builder(registry)
                    .environment(time.environment(61, events))
                    .policy("round_robin")
                    .guard(ConsecutiveFailureGuard::new)
                    .dynamicWeights(weights)
                    .idleAfter(Duration.ofDays(50 * 365))
                    .build();
            fairlead.awaitReady(Duration.ZERO, "orders");
        }

        /** Years pass as they do for a suspended machine, and a second as for any other. */
        void pass(Duration age) {
            time.jump(age.toNanos());
            time.advance(Duration.ofSeconds(1));
        }

        Set<String> calls(int calls, Set<String> refusing) {
            Set<String> picked = new TreeSet<>();
            for (int i = 0; i < calls; i++) {
                try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                    String id = attempt.instance().id();
                    picked.add(id);
                    attempt.complete(refusing.contains(id) ? Outcome.UNREACHABLE : Outcome.SUCCESS);
                }
            }
            return picked;
        }

        void ask(String id) {
            PickContext context = PickContext.none();
            for (InstanceView view : fairlead.status("orders").instances()) {
                context = view.instance().id().equals(id) ? context : context.excluding(view.instance());
            }
            try (Attempt attempt = fairlead.acquire("orders", context)) {
                attempt.complete(Verdict.ofStatus(429, EIGHT));
            }
        }

        /** Windows of five seconds with twenty calls each; those on a take so long, the others 100 ms. */
        void windows(int count, long millisOfFirst) {
            for (int window = 0; window < count; window++) {
                long end = time.nanos() + Duration.ofSeconds(5).toNanos();
                List<Attempt> open = new ArrayList<>();
                for (int i = 0; i < 80; i++) {
                    open.add(fairlead.acquire("orders", PickContext.none()));
                }
                open.sort(
                        Comparator.comparing(attempt -> attempt.instance().id().equals("a")));
                for (Attempt attempt : open) {
                    long millis = attempt.instance().id().equals("a") ? millisOfFirst : 100;
                    long left = Duration.ofMillis(millis).toNanos() - (time.nanos() - attempt.startNanos());
                    time.advance(Duration.ofNanos(Math.max(0, left)));
                    attempt.complete(Outcome.SUCCESS);
                    attempt.close();
                }
                time.advance(Duration.ofNanos(end - time.nanos()));
            }
        }

        List<Double> weights() {
            return fairlead.status("orders").instances().stream()
                    .map(InstanceView::effectiveWeight)
                    .toList();
        }
    }
}
