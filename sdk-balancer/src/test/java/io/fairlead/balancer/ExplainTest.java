// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.EventListener;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Explanation.InstanceExplanation;
import io.fairlead.balancer.Explanation.WeightFactors;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.PickFigure;
import io.fairlead.spi.Picker;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of instances is what happens to them. */
class ExplainTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    @Test
    void itSaysWhyEachInstanceCanOrCanNotBePicked() {
        registry.lists(List.of(
                zoned("a", "x"),
                zoned("b", "x"),
                zoned("c", "x").withStatus(InstanceStatus.CRITICAL),
                zoned("d", "x").withStatus(InstanceStatus.DRAINING),
                zoned("e", "y"),
                zoned("f", "x"),
                zoned("g", "x"),
                zoned("h", "x"),
                zoned("i", "x"),
                zoned("j", "x")));
        Fairlead fairlead = fairlead(ZonePreference.own("x"));
        refuse(fairlead, "b");
        time.advance(Duration.ofSeconds(1));
        Explanation explanation = fairlead.explain("orders", PickContext.none().excluding(zoned("f", "x")));
        assertThat(reasons(explanation))
                .containsEntry("a", "can be picked")
                .containsEntry("c", "critical in the registry")
                .containsEntry("d", "draining in the registry")
                .containsEntry("e", "excluded by zone: is in y, and a preferred one takes every call")
                .containsEntry("f", "tried before by this call")
                .containsEntry("g", "can be picked");
        assertThat(reasons(explanation).get("b"))
                .matches("guard OPEN, next probe in [0-9.]+ s \\(.*refused connections.*\\)");
        assertThat(ids(explanation.eligible())).containsExactly("a", "g", "h", "i", "j");
        assertThat(explanation.toString())
                .startsWith("'orders' by round_robin: 10 known, 5 usable for this call.\n  a 10.0.0.")
                .contains("can be picked; weight 1, 0 in flight, ");
    }

    @Test
    void itShowsWhatAWeightIsMadeOf() {
        registry.lists("a", "b", "c");
        Fairlead fairlead = fairlead(ZonePreference.off());
        registry.lists(List.of(
                FakeRegistry.instance("a"),
                FakeRegistry.weighted("b", 3),
                FakeRegistry.instance("c"),
                FakeRegistry.weighted("d", 2)));
        List<InstanceExplanation> lines = fairlead.explain("orders").instances();
        assertThat(lines.get(1).weight()).hasToString("3");
        assertThat(lines.get(3).weight()).isEqualTo(new WeightFactors(0.2, 2, 0.1, 1, 0, 1));
        assertThat(lines.get(3).weight()).hasToString("0.20 (registry 2, slow start 0.10)");
        assertThat(new WeightFactors(0.12, 1, 1, 0.2, 2, 0.6))
                .hasToString("0.12 (registry 1, health 0.20 at level 2, portion 0.60)");
    }

    @Test
    void itShowsWhatAPolicyComparesOrCounts() {
        registry.lists("a", "b");
        Fairlead leastRequest = fairlead("least_request");
        Attempt open = leastRequest.acquire("orders", PickContext.none());
        assertThat(figures(leastRequest, PickContext.none()))
                .containsEntry(open.instance().id(), "in flight for its weight 1.00")
                .containsValue("in flight for its weight 0.00");
        assertThat(figures(fairlead("pick_first"), PickContext.none()))
                .containsEntry("a", "others before it 0.00")
                .containsEntry("b", "others before it 1.00");
        assertThat(figures(fairlead("random"), PickContext.none()).values()).containsOnly("share of picks 0.500");
        assertThat(figures(fairlead("maglev"), PickContext.hashedBy("key")).values())
                .contains("steps from the key 0.00");
    }

    @ParameterizedTest
    @MethodSource("policies")
    void whoeverAPolicyChoosesHasAFigureAndWhoeverItDoesNotHasAReason(BalancingPolicy policy) {
        registry.lists(List.of(
                FakeRegistry.instance("a"),
                FakeRegistry.weighted("b", 3),
                FakeRegistry.instance("c").withStatus(InstanceStatus.CRITICAL)));
        List<InstanceExplanation> lines = fairlead(policy.name())
                .explain("orders", PickContext.hashedBy("key"))
                .instances();
        assertThat(lines.get(0).figure().value()).as(policy.name()).isPresent();
        assertThat(lines.get(1).figure().value()).as(policy.name()).isPresent();
        assertThat(lines.get(2).figure()).isEqualTo(PickFigure.none("no policy chooses it: critical in the registry"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "b a"})
    void aRoundRobinsNextTurnIsTheOneItShows(String listed) {
        registry.lists(listed.split(" "));
        Fairlead fairlead = fairlead("round_robin");
        for (int i = 0; i < 5; i++) {
            String next = figures(fairlead, PickContext.none()).entrySet().stream()
                    .filter(entry -> entry.getValue().equals("turns before its own 0.00"))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.joining());
            assertThat(fairlead.acquire("orders", PickContext.none()).instance().id())
                    .isEqualTo(next);
        }
    }

    @Test
    void aServiceThatIsNotWatchedIsNotExplained() {
        assertThat(Fairlead.create(registry).explain("nobody")).isNull();
        assertThat(Fairlead.create(registry).dryRun("nobody", PickContext.none(), 10))
                .isNull();
    }

    @Test
    void aDryRunSharesByWeightAndLeavesNoTrace() {
        registry.lists(List.of(FakeRegistry.weighted("a", 1), FakeRegistry.weighted("b", 3)));
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .policy("weighted_round_robin")
                .build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        ServiceStatus before = fairlead.status("orders");
        DryRun run = fairlead.dryRun("orders", PickContext.none(), 400);
        assertThat(run.shares()).extracting(DryRun.Share::picks).containsExactly(100, 300);
        assertThat(run.shares()).extracting(DryRun.Share::ratio).containsExactly(0.25, 0.75);
        assertThat(run.toString()).startsWith("400 calls to 'orders':").contains("25.0 %", "75.0 %");
        assertThat(fairlead.status("orders")).isEqualTo(before);
    }

    @Test
    void aDryRunMovesNoLiveTurnAndDrawsNoLiveRandomNumber() {
        registry.lists("a", "b", "c");
        assertThat(nextPicks("round_robin", true)).isEqualTo(nextPicks("round_robin", false));
        assertThat(nextPicks("adaptive", true)).isEqualTo(nextPicks("adaptive", false));
    }

    @Test
    void aDryRunAvoidsWhomLivePicksAvoid() {
        registry.lists("a", "b");
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .forService("orders", o -> o.withPolicy(new WhoeverSucceededLast()))
                .build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
            assertThat(attempt.instance().id()).isEqualTo("a");
            attempt.complete(Outcome.FAILURE);
        }
        assertThat(fairlead.dryRun("orders", PickContext.none(), 100).shares())
                .extracting(DryRun.Share::ratio)
                .containsExactly(0.0, 1.0);
    }

    /** As {@code adaptive} does, but nothing else. */
    private static final class WhoeverSucceededLast implements BalancingPolicy {
        @Override
        public String name() {
            return "whoever_succeeded_last";
        }

        @Override
        public Picker newPicker(List<Candidate> listed, @Nullable Picker previous, Environment environment) {
            return (context, nowNanos) ->
                    listed.stream().filter(Candidate::lastSucceeded).findFirst().orElse(null);
        }
    }

    @Test
    void aDryRunSpillsOverAsCallsDo() {
        registry.lists(List.of(
                zoned("a", "x"),
                zoned("b", "x").withStatus(InstanceStatus.CRITICAL),
                zoned("c", "y"),
                zoned("d", "y")));
        Fairlead fairlead = fairlead(ZonePreference.own("x"));
        List<DryRun.Share> shares =
                fairlead.dryRun("orders", call -> PickContext.none(), 10_000).shares();
        assertThat(shares.get(0).ratio()).isCloseTo(0.70, within(0.02));
        assertThat(shares.get(1).ratio()).isZero();
        assertThat(shares.get(2).ratio()).isCloseTo(0.15, within(0.02));
        assertThatThrownBy(() -> fairlead.dryRun("orders", PickContext.none(), 0))
                .hasMessage("picks: 0 (expected: 1..1000000)");
    }

    @Test
    void anExceptionSaysOfEveryInstanceWhyNot() {
        registry.lists("a", "b");
        Fairlead fairlead = fairlead(ZonePreference.off());
        PickContext tried =
                PickContext.none().excluding(FakeRegistry.instance("a")).excluding(FakeRegistry.instance("b"));
        assertThatThrownBy(() -> fairlead.acquire("orders", tried))
                .isInstanceOf(NoInstanceException.class)
                .hasMessageMatching("No instance of 'orders' can take this call: 2 known, 0 usable\\."
                        + "\n  a 10\\.0\\.0\\.\\d+:8080  tried before by this call"
                        + "\n  b 10\\.0\\.0\\.\\d+:8080  tried before by this call"
                        + "\nRegistry: fake, live, revision 1, updated 0 ms ago\\.");
    }

    @Test
    void aMisspeltNameIsAnsweredWithTheNearest() {
        registry.lists("a");
        Fairlead fairlead = fairlead(ZonePreference.off());
        registry.empty("oders");
        assertThatThrownBy(() -> fairlead.acquire("oders", PickContext.none()))
                .hasMessageStartingWith("No service is called 'oders' in fake, live, ")
                .hasMessageEndingWith("; did you mean 'orders'? In use: orders.");
    }

    private List<String> nextPicks(String policy, boolean rehearsed) {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(4, EventListener.NONE))
                .policy(policy)
                .build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        if (rehearsed) {
            fairlead.dryRun("orders", PickContext.none(), 1_000);
        }
        List<String> picked = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                picked.add(attempt.instance().id());
            }
        }
        return picked;
    }

    private Fairlead fairlead(ZonePreference zones) {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(3, EventListener.NONE))
                .policy("round_robin")
                .zones(zones)
                .build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    static Stream<BalancingPolicy> policies() {
        return ServiceLoader.load(BalancingPolicy.class).stream().map(ServiceLoader.Provider::get);
    }

    private Fairlead fairlead(String policy) {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .policy(policy)
                .build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    private static Map<String, String> figures(Fairlead fairlead, PickContext context) {
        return fairlead.explain("orders", context).instances().stream()
                .collect(Collectors.toMap(
                        line -> line.view().instance().id(),
                        line -> line.figure().toString()));
    }

    private static void refuse(Fairlead fairlead, String id) {
        for (int refused = 0; refused < 2; ) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                boolean wanted = attempt.instance().id().equals(id);
                refused += wanted ? 1 : 0;
                attempt.complete(wanted ? Outcome.UNREACHABLE : Outcome.SUCCESS);
            }
        }
    }

    private static ServiceInstance zoned(String id, String zone) {
        return FakeRegistry.instance(id).toBuilder().zone(zone).build();
    }

    private static Map<String, String> reasons(Explanation explanation) {
        return explanation.instances().stream()
                .collect(Collectors.toMap(line -> line.view().instance().id(), InstanceExplanation::reason));
    }

    private static List<String> ids(List<InstanceExplanation> lines) {
        return lines.stream().map(line -> line.view().instance().id()).toList();
    }
}
