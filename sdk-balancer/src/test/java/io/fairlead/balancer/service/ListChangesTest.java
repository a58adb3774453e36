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
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.SwitchGuard;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.balancer.route.Caller;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.Picker;
import io.fairlead.spi.kit.LimitedTasks;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
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

    /** One service through a random life. */
    private final class Run {
        private final BalancingPolicy policy;
        private final String name;
        private final SplittableRandom random;
        private final PlainChoice.Setting setting;
        private final Environment environment = new Environment(time, time, time, dice, EventListener.NONE);
        private final Roster roster;
        private final TierLoads.Panic panic = new TierLoads.Panic();
        private final Map<String, ServiceInstance> listed = new TreeMap<>();
        /** One instance in so many is not just passing. */
        private final int sick;

        private int revision;

        Run(BalancingPolicy policy, long seed) {
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
            this.roster = new Roster("orders", options(environment, setting, policy));
        }

        void go() {
            int size = 2 + random.nextInt(40);
            for (int i = 0; i < size; i++) {
                put(i);
            }
            for (int step = 0; step < STEPS; step++) {
                String where = name + ", step " + step;
                Choice before = roster.setup().choice();
                switch (random.nextInt(5)) {
                    case 0, 1 -> list();
                    case 2 -> somethingHappens();
                    default -> {
                        time.advance(Duration.ofMillis(random.nextInt(1_500)));
                        roster.evaluate(false, time.nanos());
                    }
                }
                List<InstanceState> members = roster.announcements(time.nanos()).members();
                if (roster.setup().choice() != before) {
                    PlainChoice expected = PlainChoice.of(members, setting, panic, time.nanos());
                    compare(where, members, expected);
                    comparePicks(where);
                }
            }
        }

        private void compare(String where, List<InstanceState> members, PlainChoice expected) {
            Choice choice = roster.setup().choice();
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
                assertThat(state.weight())
                        .as(where)
                        .isEqualTo(expected.weights().get(state));
                assertThat(state.slowStart())
                        .as(where)
                        .isEqualTo(expected.slowStarts().get(state));
                assertThat(state.gate().isPanicking()).as(where).isEqualTo(expected.panic());
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
        private void comparePicks(String where) {
            for (Choice.Tier tier : roster.setup().choice().tiers()) {
                List<Candidate> candidates = List.of(tier.instances());
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
                    default -> state.condition().trip("test", "by the test", time.nanos());
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

    private ServiceSetup.Given options(Environment environment, PlainChoice.Setting setting, BalancingPolicy policy) {
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
                ServiceOptions.defaults()
                        .withPolicy(policy)
                        .withGuard(factory)
                        .withZones(setting.zones())
                        .withSubsetting(setting.subsetting())
                        .withDynamicWeights(DynamicWeights.defaults().withRecovery(Duration.ofSeconds(3))));
    }
}
