// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.EventListener;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Explanation.InstanceExplanation;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** In more than ten thousand random states, a thousand of each policy, every pick is one that was said to be eligible. */
@Tag("slow")
class ExplainStatesTest {
    private static final int STATES = 1_000;
    private static final long SEED = 8_080;

    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    /** What a state may have in it. */
    private enum Seen {
        PANIC,
        PROBE,
        EJECTED,
        WARMING,
        OTHER_ZONE,
        OUTSIDE_PORTION,
        CRITICAL,
        DRAINING,
        TRIED,
        NOBODY
    }

    static Stream<BalancingPolicy> policies() {
        return ServiceLoader.load(BalancingPolicy.class).stream().map(ServiceLoader.Provider::get);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void everyPickIsEligible(BalancingPolicy policy) {
        SplittableRandom random = new SplittableRandom(SEED);
        Set<Seen> seen = EnumSet.noneOf(Seen.class);
        for (int state = 0; state < STATES; ) {
            Fairlead fairlead = randomFairlead(random, policy);
            for (int step = 0; step < 50 && state < STATES; step++, state++) {
                change(random, fairlead);
                PickContext context = randomContext(random, fairlead);
                Explanation explanation = fairlead.explain("orders", context);
                look(explanation, seen);
                String place = policy.name() + ", seed " + SEED + ", state " + state + ", ";
                Supplier<String> where = () -> place + explanation;
                List<String> eligible = ids(explanation.eligible());
                assertThat(explanation.usable()).as(where).isEqualTo(eligible.size());
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
        Set<Seen> expected = EnumSet.allOf(Seen.class);
        if (policy.isKeyed()) {
            expected.remove(Seen.OUTSIDE_PORTION);
        }
        assertThat(seen).as(policy.name()).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static void look(Explanation explanation, Set<Seen> seen) {
        note(seen, Seen.PANIC, explanation.panic());
        note(seen, Seen.NOBODY, explanation.usable() == 0);
        for (InstanceExplanation line : explanation.instances()) {
            String reason = line.reason();
            note(seen, Seen.WARMING, line.weight().slowStart() < 1);
            note(seen, Seen.PROBE, line.eligible() && reason.contains("waits for a call that finds out"));
            note(seen, Seen.EJECTED, !line.eligible() && reason.startsWith("guard "));
            note(seen, Seen.OTHER_ZONE, reason.startsWith("excluded by zone"));
            note(seen, Seen.OUTSIDE_PORTION, reason.startsWith("outside the portion"));
            note(seen, Seen.CRITICAL, reason.startsWith("critical"));
            note(seen, Seen.DRAINING, reason.startsWith("draining"));
            note(seen, Seen.TRIED, reason.startsWith("tried before"));
        }
    }

    private static void note(Set<Seen> seen, Seen what, boolean present) {
        if (present) {
            seen.add(what);
        }
    }

    private Fairlead randomFairlead(SplittableRandom random, BalancingPolicy policy) {
        registry.lists(randomList(random));
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(random.nextLong(), EventListener.NONE))
                .forService("orders", o -> o.withPolicy(policy))
                .zones(random.nextBoolean() ? ZonePreference.own("x").then("y") : ZonePreference.off())
                .subsetting(random.nextInt(3) == 0 ? Subsetting.defaults().withSize(13, 12) : Subsetting.off())
                .dynamicWeights(random.nextBoolean() ? DynamicWeights.defaults() : DynamicWeights.off())
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

    private static List<String> ids(List<InstanceExplanation> lines) {
        return lines.stream().map(line -> line.view().instance().id()).toList();
    }
}
