// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.EventListener;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.ServiceOptions;
import io.fairlead.balancer.ServiceStatistics.Ejection;
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.SwitchGuard;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.balancer.count.ServiceCounts;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Match;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.Picker;
import io.fairlead.spi.kit.LimitedTasks;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is kept from one list to the next comes to the same as if everything were worked out anew. */
@Tag("slow")
class ListChangesTest {
    private static final long SUBSET_SEED = 77;
    private static final int SEEDS = 12;
    private static final int STEPS = 150;
    private static final List<String> ZONES = List.of("x", "y", "z");

    private final VirtualTime time = new VirtualTime();
    private final Dice dice = new Dice();
    private final Map<String, SwitchGuard> guards = new HashMap<>();

    /** One fixed number, or a sequence that can be had again. */
    private static final class Dice implements RandomGenerator {
        private RandomGenerator thrown = () -> SUBSET_SEED;

        void fix() {
            thrown = () -> SUBSET_SEED;
        }

        void seed(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            thrown = random::nextLong;
        }

        @Override
        public long nextLong() {
            return thrown.nextLong();
        }
    }

    static Stream<BalancingPolicy> policies() {
        return ServiceLoader.load(BalancingPolicy.class).stream().map(ServiceLoader.Provider::get);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("policies")
    void anyListAfterAnyOtherIsServedAsIfItWereTheFirst(BalancingPolicy policy) {
        // A table of slots made from nothing takes milliseconds, and each step makes one.
        int seeds = policy.isKeyed() ? SEEDS / 5 : SEEDS;
        for (long seed = 0; seed < seeds; seed++) {
            new Run(policy, seed).go();
        }
    }

    /** Each subset is served as if there were no other instances; those of zone x are also among the tagged, or not. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("policies")
    void anyListIsServedInEachSubsetAsIfThatWereAll(BalancingPolicy policy) {
        // Each step compares three subsets.
        int seeds = policy.isKeyed() ? 1 : 2;
        for (long seed = 0; seed < seeds; seed++) {
            new Run(policy, seed, SUBSETS).go();
        }
    }

    private static final Routes SUBSETS = Routes.builder()
            .subset("x", Subset.ofZone("x"))
            .subset("tagged", Subset.ofTags("tagged"))
            .subset("y", Subset.ofZone("y*"))
            .rule(Rule.named("x").match(Match.pathPrefix("/x")).to("x").build())
            .rule(Rule.named("y").match(Match.pathPrefix("/y")).to("y").build())
            .otherwise(Rule.otherwise().to("tagged").build())
            .build();

    /** One service through a random life. */
    private final class Run {
        private final BalancingPolicy policy;
        private final String name;
        private final SplittableRandom random;
        private final PlainChoice.Setting setting;
        private final Environment environment = new Environment(time, time, time, dice, EventListener.NONE);
        private final Roster roster;
        private final List<TierLoads.Panic> panics = new ArrayList<>();
        private final Map<String, ServiceInstance> listed = new TreeMap<>();
        /** One instance in so many is not just passing. */
        private final int sick;

        /** Apart, so that the lives of before stay what they were. */
        private final SplittableRandom tagged = new SplittableRandom(7);

        private int revision;

        Run(BalancingPolicy policy, long seed) {
            this(policy, seed, Routes.off());
        }

        Run(BalancingPolicy policy, long seed, Routes routes) {
            this.policy = policy;
            this.name = policy.name() + ", seed " + seed;
            this.random = new SplittableRandom(seed);
            Subsetting subsetting = random.nextBoolean() || policy.isKeyed()
                    ? Subsetting.off()
                    : Subsetting.defaults().withSize(13, 12);
            ZonePreference zones =
                    random.nextBoolean() ? ZonePreference.own("x").then("y") : ZonePreference.off();
            this.sick = 1 + random.nextInt(6);
            this.setting = new PlainChoice.Setting(zones, subsetting, SUBSET_SEED);
            this.roster = new Roster("orders", options(environment, setting, policy, routes));
            for (int i = 0; i < roster.setup().choices().length; i++) {
                panics.add(new TierLoads.Panic());
            }
        }

        void go() {
            int size = 2 + random.nextInt(40);
            for (int i = 0; i < size; i++) {
                put(i);
            }
            for (int step = 0; step < STEPS; step++) {
                String where = name + ", step " + step;
                Choice[] before = roster.setup().choices();
                switch (random.nextInt(5)) {
                    case 0, 1 -> list();
                    case 2 -> somethingHappens();
                    default -> {
                        time.advance(Duration.ofMillis(random.nextInt(1_500)));
                        roster.evaluate(false, time.nanos());
                    }
                }
                List<InstanceState> members = roster.announcements(time.nanos()).members();
                if (roster.setup().choices() != before) {
                    compareAll(where, members);
                }
            }
        }

        private void compareAll(String where, List<InstanceState> members) {
            Choice[] choices = roster.setup().choices();
            Routing routing = roster.setup().routing();
            if (routing == null) {
                PlainChoice expected = PlainChoice.of(members, setting, panics.get(0), time.nanos());
                compare(where, choices[0], SubsetState.ofAll(policy), members, expected);
                comparePicks(where, choices[0], SubsetState.ofAll(policy));
                members.forEach(state ->
                        assertThat(state.gate().isPanicking()).as(where).isEqualTo(expected.panic()));
                return;
            }
            Set<InstanceState> panicking = new HashSet<>();
            for (int i = 1; i < choices.length; i++) {
                SubsetState subset = routing.subsets().get(i - 1);
                List<InstanceState> some = members.stream()
                        .filter(state -> subset.has(state.instance()))
                        .toList();
                PlainChoice expected = PlainChoice.of(some, setting, panics.get(i), time.nanos());
                compare(where + ", " + subset, choices[i], subset, some, expected);
                comparePicks(where + ", " + subset, choices[i], subset);
                panicking.addAll(expected.panic() ? some : List.of());
            }
            members.forEach(
                    state -> assertThat(state.gate().isPanicking()).as(where).isEqualTo(panicking.contains(state)));
        }

        private void compare(
                String where, Choice choice, SubsetState subset, List<InstanceState> members, PlainChoice expected) {
            assertThat(choice.panic()).as(where).isEqualTo(expected.panic());
            assertThat(choice.ejected()).as(where).containsExactlyElementsOf(expected.ejected());
            assertThat(lastResorts(choice)).as(where).containsExactlyInAnyOrderElementsOf(expected.all());
            for (int index = 0; index < expected.chosen().size(); index++) {
                Choice.Tier tier = choice.tier(index);
                if (tier == null) {
                    assertThat(expected.chosen().get(index)).as(where).isEmpty();
                } else {
                    assertThat(tier.percent()).as(where).isEqualTo(expected.percents()[index]);
                    assertThat(tier.instances())
                            .as(where)
                            .containsExactlyElementsOf(expected.chosen().get(index));
                }
            }
            for (InstanceState state : members) {
                assertThat(subset.seen(state).weight())
                        .as(where)
                        .isEqualTo(expected.weights().get(state));
                assertThat(subset.seen(state).slowStart())
                        .as(where)
                        .isEqualTo(expected.slowStarts().get(state));
            }
        }

        /** Everyone who may be called at all. */
        private Set<InstanceState> lastResorts(Choice choice) {
            Set<InstanceState> found = new HashSet<>();
            PickContext context = PickContext.none();
            for (InstanceState next = choice.lastResort(context, 0);
                    next != null;
                    next = choice.lastResort(context, 0)) {
                found.add(next);
                context = context.excluding(next.instance());
            }
            return found;
        }

        /** The picker made from the one before picks as one made from nothing does. */
        private void comparePicks(String where, Choice choice, SubsetState subset) {
            for (Choice.Tier tier : choice.tiers()) {
                List<Candidate> candidates = Arrays.stream(tier.instances())
                        .<Candidate>map(subset::seen)
                        .toList();
                dice.seed(1);
                Picker fresh = policy.newPicker(candidates, null, environment);
                int picks = policy.name().contains("round_robin") ? 64 * candidates.size() : 64;
                Map<Candidate, Integer> expected = picks(fresh, picks);
                Map<Candidate, Integer> seen = picks(tier.picker(), picks);
                if (policy.name().contains("round_robin")) {
                    // They go on from where the one before was, so a round may end elsewhere; who refuses is replaced
                    // at random.
                    boolean allAccept = candidates.stream()
                            .allMatch(candidate -> candidate.accepts(PickContext.none(), time.nanos()));
                    assertThat(seen.keySet()).as(where).isEqualTo(expected.keySet());
                    for (Candidate candidate : allAccept ? expected.keySet() : Set.<Candidate>of()) {
                        int count = expected.get(candidate);
                        assertThat(seen.get(candidate)).as(where).isCloseTo(count, within(4 + count / 50));
                    }
                } else {
                    assertThat(seen).as(where).isEqualTo(expected);
                }
            }
            dice.fix();
        }

        private Map<Candidate, Integer> picks(Picker picker, int picks) {
            dice.seed(2);
            Map<Candidate, Integer> counts = new HashMap<>();
            for (int i = 0; i < picks; i++) {
                PickContext context = PickContext.hashedBy("key-" + i);
                Candidate picked = picker.pick(context, time.nanos());
                if (picked != null) {
                    counts.merge(picked, 1, Integer::sum);
                }
            }
            return counts;
        }

        /** Mostly one changes, sometimes many, sometimes all are gone. */
        private void list() {
            int changes = random.nextInt(8) == 0 ? 12 : random.nextInt(3);
            for (int i = 0; i < changes; i++) {
                int number = random.nextInt(50);
                switch (random.nextInt(4)) {
                    case 0 -> listed.remove("i" + number);
                    case 1 -> listed.computeIfPresent("i" + number, (id, old) -> old.withStatus(status()));
                    default -> put(number);
                }
            }
            if (random.nextInt(40) == 0) {
                listed.clear();
            }
            roster.adopt(
                    new ServiceSnapshot("orders", ++revision, List.copyOf(listed.values())),
                    random.nextInt(10) == 0,
                    time.nanos());
        }

        private void put(int number) {
            String id = "i" + number;
            int network = random.nextInt(10) == 0 ? 1 : 0;
            listed.put(
                    id,
                    ServiceInstance.builder("orders")
                            .id(id)
                            .address("10.0." + network + "." + (1 + number), 8080)
                            .weight(random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1)
                            .zone(ZONES.get(random.nextInt(ZONES.size())))
                            .status(random.nextInt(sick) == 0 ? status() : InstanceStatus.PASSING)
                            .tags(tagged.nextInt(3) == 0 ? List.of() : List.of("tagged"))
                            .build());
        }

        private InstanceStatus status() {
            InstanceStatus[] all = InstanceStatus.values();
            return all[random.nextInt(all.length)];
        }

        /** What lists do not bring: ejections and returns, checks, slow and failing calls. */
        private void somethingHappens() {
            List<InstanceState> members = roster.announcements(time.nanos()).members();
            for (int i = 0; i < 4 && !members.isEmpty(); i++) {
                InstanceState state = members.get(random.nextInt(members.size()));
                switch (random.nextInt(6)) {
                    case 0 -> state.condition().checked("no answer", time.nanos());
                    case 1 -> state.condition().checked(null, time.nanos());
                    case 2 -> guardOf(state).close();
                    case 3 -> {
                        for (int call = 0; call < 40; call++) {
                            state.learn(
                                    random.nextInt(3) == 0 ? Outcome.FAILURE : Outcome.SUCCESS,
                                    random.nextInt(900) * 1_000_000L,
                                    time.nanos());
                        }
                    }
                    case 4 -> guardOf(state).object(time.nanos());
                    default -> state.condition().trip(Ejection.GUARD, "by the test", time.nanos());
                }
            }
        }

        private SwitchGuard guardOf(InstanceState state) {
            return guards.get(copy(state.instance()));
        }
    }

    private static String copy(ServiceInstance instance) {
        return instance.id() + ' ' + instance.authority();
    }

    private ServiceSetup.Given options(
            Environment environment, PlainChoice.Setting setting, BalancingPolicy policy, Routes routes) {
        guards.clear();
        InstanceGuard.Factory factory = (instance, cap, guardEnvironment) -> {
            SwitchGuard guard = new SwitchGuard(instance, cap, guardEnvironment);
            guards.put(copy(instance), guard);
            return guard;
        };
        return new ServiceSetup.Given(
                environment,
                AddressPolicy.defaults(),
                Caller.unknown(),
                new ActiveChecks.Shared(
                        AddressPolicy.defaults(), new LimitedTasks(time, 1, failure -> {}), environment),
                null,
                new ServiceCounts(),
                ServiceOptions.defaults()
                        .withPolicy(policy)
                        .withRoutes(routes)
                        .withGuard(factory)
                        .withZones(setting.zones())
                        .withSubsetting(setting.subsetting())
                        .withDynamicWeights(DynamicWeights.defaults().withRecovery(Duration.ofSeconds(3))));
    }
}
