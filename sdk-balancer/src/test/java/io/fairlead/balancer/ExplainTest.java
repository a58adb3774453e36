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
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is said of instances is what happens to them. */
class ExplainTest {
    private static final int STATES = 10_000;

    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    @Test
    void everyPickIsEligibleInTenThousandRandomStates() {
        long seed = 8_080;
        SplittableRandom random = new SplittableRandom(seed);
        List<BalancingPolicy> policies = ServiceLoader.load(BalancingPolicy.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        int[] others = new int[1];
        for (int state = 0; state < STATES; ) {
            BalancingPolicy policy = policies.get(random.nextInt(policies.size()));
            Fairlead fairlead = randomFairlead(random, policy);
            for (int step = 0; step < 50 && state < STATES; step++, state++) {
                change(random, fairlead);
                PickContext context = randomContext(random, fairlead);
                Explanation explanation = fairlead.explain("orders", context);
                String place = "seed " + seed + ", state " + state + ", ";
                Supplier<String> where = () -> place + explanation;
                List<String> eligible = ids(explanation.eligible());
                assertThat(explanation.usable()).as(where).isEqualTo(eligible.size());
                others[0] += explanation.known() - explanation.usable();
                if (eligible.isEmpty()) {
                    assertThatThrownBy(() -> fairlead.acquire("orders", context))
                            .as(where)
                            .isInstanceOf(NoInstanceException.class);
                } else {
                    Attempt attempt = fairlead.acquire("orders", context);
                    assertThat(eligible).as(where).contains(attempt.instance().id());
                    attempt.complete(random.nextInt(3) == 0 ? Outcome.UNREACHABLE : Outcome.SUCCESS);
                    attempt.close();
                }
            }
            fairlead.close();
        }
        assertThat(others[0]).as("instances that were not eligible").isGreaterThan(STATES);
    }

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
        Fairlead fairlead = fairlead(ZonePreference.none());
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
                .hasToString("0.12 (registry 1, health 0.20 at level 2, subset 0.60)");
    }

    @Test
    void itShowsTheCostAPolicyCompares() {
        registry.lists("a", "b");
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment())
                .policy("least_request")
                .build();
        Attempt open = fairlead.acquire("orders", PickContext.none());
        Map<String, Double> costs = fairlead.explain("orders").instances().stream()
                .collect(Collectors.toMap(line -> line.view().instance().id(), InstanceExplanation::cost));
        assertThat(costs.values()).containsExactlyInAnyOrder(0.0, 1.0);
        assertThat(costs).containsEntry(open.instance().id(), 1.0);
        assertThat(fairlead(ZonePreference.none()).explain("orders").instances())
                .allSatisfy(line -> assertThat(line.cost()).isNaN());
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
        Fairlead fairlead = fairlead(ZonePreference.none());
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
        Fairlead fairlead = fairlead(ZonePreference.none());
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

    private Fairlead randomFairlead(SplittableRandom random, BalancingPolicy policy) {
        registry.lists(randomList(random));
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(random.nextLong(), EventListener.NONE))
                .policy("orders", policy)
                .zones(random.nextBoolean() ? ZonePreference.own("x").then("y") : ZonePreference.none())
                .subsetting(random.nextInt(3) == 0 ? Subsetting.defaults().withSize(13, 12) : Subsetting.off())
                .build();
        fairlead.awaitReady(Duration.ofSeconds(1), "orders");
        return fairlead;
    }

    /** Time passes, the list changes, instances fail and answer. */
    private void change(SplittableRandom random, Fairlead fairlead) {
        switch (random.nextInt(4)) {
            case 0 -> time.advance(Duration.ofMillis(random.nextInt(8_000)));
            case 1 -> registry.lists(randomList(random));
            default -> {
                int bad = random.nextInt(4);
                for (int i = 0; i < 6; i++) {
                    try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                        boolean fails = attempt.instance().id().hashCode() % 4 == bad;
                        attempt.complete(fails ? Outcome.UNREACHABLE : Outcome.SUCCESS);
                    }
                }
            }
        }
    }

    private static List<ServiceInstance> randomList(SplittableRandom random) {
        List<ServiceInstance> list = new ArrayList<>();
        int critical = random.nextInt(4) == 0 ? 3 : 8;
        int size = 2 + random.nextInt(18);
        for (int i = 0; i < size; i++) {
            InstanceStatus status = random.nextInt(critical) == 0
                    ? (random.nextBoolean() ? InstanceStatus.CRITICAL : InstanceStatus.DRAINING)
                    : InstanceStatus.PASSING;
            list.add(FakeRegistry.instance("i" + i).toBuilder()
                    .weight(1 + random.nextInt(3))
                    .zone(List.of("x", "y", "z").get(random.nextInt(3)))
                    .status(status)
                    .build());
        }
        return list;
    }

    /** Sometimes with a key, sometimes after some attempts, sometimes after all. */
    private static PickContext randomContext(SplittableRandom random, Fairlead fairlead) {
        PickContext context =
                random.nextBoolean() ? PickContext.none() : PickContext.hashedBy("key-" + random.nextInt(100));
        int keep = random.nextInt(5);
        for (InstanceView view : fairlead.status("orders").instances()) {
            if (keep == 0 || keep == 1 && random.nextBoolean()) {
                context = context.excluding(view.instance());
            }
        }
        return context;
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
