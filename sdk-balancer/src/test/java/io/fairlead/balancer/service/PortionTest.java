// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.EventListener;
import io.fairlead.api.GuardState;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.Attempt;
import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.FakeRegistry;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.balancer.Subsetting;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.balancer.policy.plain.RandomPolicy;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many instances of a large service one process calls, and which. */
class PortionTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    @Test
    void upTo64InstancesAreAllCalled() {
        assertThat(called(fairlead(Subsetting.defaults(), 5, 64), 3_000)).hasSize(64);
    }

    @Test
    void above64Instances32AreCalled() {
        assertThat(called(fairlead(Subsetting.defaults(), 5, 65), 3_000)).hasSize(32);
    }

    @Test
    void switchedOffAllAreCalled() {
        assertThat(called(fairlead(Subsetting.off(), 5, 200), 5_000)).hasSize(200);
    }

    @Test
    void processesDrawDifferentPortions() {
        Set<String> one = called(fairlead(Subsetting.defaults(), 1, 500), 2_000);
        Set<String> other = called(fairlead(Subsetting.defaults(), 2, 500), 2_000);
        assertThat(one).isNotEqualTo(other);
    }

    @Test
    void aPolicyThatHashesKeysGetsEveryInstance() {
        registry.lists(instances(200));
        Fairlead hashing = Fairlead.builder(registry)
                .environment(time.environment())
                .policy("ring_hash")
                .build();
        Set<String> found = new HashSet<>();
        for (int key = 0; key < 5_000; key++) {
            try (Attempt attempt = hashing.acquire("orders", PickContext.hashedBy("key-" + key))) {
                found.add(attempt.instance().id());
            }
        }
        assertThat(found).hasSize(200);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aChangeOfOneInstanceChangesAtMostOneMember(long seed) {
        Fairlead fairlead = fairlead(Subsetting.defaults(), seed, 100);
        SplittableRandom random = new SplittableRandom(seed);
        List<ServiceInstance> listed = new ArrayList<>(instances(100));
        Set<String> before = called(fairlead, 600);
        int next = 1_000;
        for (int change = 0; change < 60; change++) {
            int which = random.nextInt(listed.size());
            switch (random.nextInt(3)) {
                case 0 -> listed.add(instance(next++));
                case 1 -> listed.remove(which);
                default ->
                    listed.set(
                            which,
                            listed.get(which)
                                    .withStatus(
                                            listed.get(which).status().isUsable()
                                                    ? InstanceStatus.CRITICAL
                                                    : InstanceStatus.PASSING));
            }
            registry.lists(List.copyOf(listed));
            time.advance(Duration.ofSeconds(31));
            Set<String> after = called(fairlead, 600);
            Set<String> left = new HashSet<>(before);
            left.removeAll(after);
            assertThat(after).as("seed %s, change %s", seed, change).hasSize(32);
            assertThat(left).as("seed %s, change %s", seed, change).hasSizeLessThanOrEqualTo(1);
            before = after;
        }
    }

    /** The worst of thirty clients and twelve instances that leave a hundred and one. */
    @ParameterizedTest
    @CsvSource({"RENDEZVOUS, 1, 1", "APERTURE, 1, 5", "ROUNDS, 20, 32"})
    void oneThatComesOrGoesMovesSoManyMembersOfAPortion(Subsetting.Kind kind, int least, int most) {
        int worst = 0;
        for (int client = 0; client < 30; client++) {
            Environment environment = time.environment(client, EventListener.NONE);
            Portion portion = new Portion(of(kind, client, 30), new Portion.Seed(environment));
            Set<String> all = members(portion, environment, -1);
            for (int gone = 0; gone < 101; gone += 9) {
                Set<String> rest = members(portion, environment, gone);
                int left = (int) all.stream().filter(id -> !rest.contains(id)).count();
                int joined = (int) rest.stream().filter(id -> !all.contains(id)).count();
                worst = Math.max(worst, Math.max(left, joined));
            }
        }
        assertThat(worst).isBetween(least, most);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 30, 100, 333})
    void oneThatComesOrGoesMovesNoMoreOfAnArcThanLiesBetweenTwoClientsAndOneAtEachEnd(int clients) {
        for (int instances = 65; instances < 200; instances += 3) {
            for (int client = 0; client < clients; client += 1 + clients / 20) {
                Portion.Aperture before = new Portion.Aperture(instances, client, clients, 32);
                Portion.Aperture after = new Portion.Aperture(instances - 1, client, clients, 32);
                int gone = (instances * 7 + client) % instances;
                int moved = 0;
                for (int i = 0; i < instances; i++) {
                    boolean was = before.share(i) > 0;
                    boolean is = i != gone && after.share(i < gone ? i : i - 1) > 0;
                    moved += was != is && i != gone ? 1 : 0;
                }
                assertThat(moved)
                        .as("%s instances, client %s of %s", instances, client, clients)
                        .isLessThanOrEqualTo(2 + (instances + clients - 1) / clients);
            }
        }
    }

    private Set<String> members(Portion portion, Environment environment, int without) {
        List<InstanceState> states = instances(101).stream()
                .filter(instance -> !instance.id().equals("i" + without))
                .sorted(Comparator.comparing(ServiceInstance::id))
                .map(instance -> PeerRuleTest.state(instance, new EjectionQuota(), environment))
                .toList();
        Members.Next next =
                new Members.Next(Members.none(new Members.Sorting(ZonePreference.off(), List.of())), states.size());
        states.forEach(next::add);
        int[] places = IntStream.range(0, states.size()).toArray();
        return Arrays.stream(portion.of(next.members(), places, SubsetState.ofAll(new RandomPolicy()), true))
                .map(state -> state.instance().id())
                .collect(Collectors.toSet());
    }

    private static Subsetting of(Subsetting.Kind kind, int client, int clients) {
        return switch (kind) {
            case APERTURE -> Subsetting.aperture(client, clients);
            case ROUNDS -> Subsetting.rounds(client, clients);
            default -> Subsetting.defaults();
        };
    }

    @Test
    void anUnusableMemberIsReplaced() {
        Fairlead fairlead = fairlead(Subsetting.defaults(), 9, 100);
        Set<String> before = called(fairlead, 600);
        String member = before.iterator().next();
        registry.lists(instances(100).stream()
                .map(each -> each.id().equals(member) ? each.withStatus(InstanceStatus.CRITICAL) : each)
                .toList());
        assertThat(called(fairlead, 600)).hasSize(32).doesNotContain(member);
    }

    @Test
    void theCapOnEjectionsIsThatOfThePortion() {
        Fairlead fairlead = fairlead(Subsetting.defaults(), 9, 1_000);
        for (int i = 0; i < 3_000; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(Outcome.UNREACHABLE);
            }
        }
        assertThat(fairlead.status("orders").instances().stream().filter(view -> view.guardState() == GuardState.OPEN))
                .hasSize(9);
    }

    @ParameterizedTest
    @CsvSource({"300, 300, 10, 10, 10", "12, 10, 3, 2, 3"})
    void roundsDealEveryInstanceOutEquallyOften(int instances, int clients, int size, int least, int most) {
        int[] connections = new int[instances];
        for (int client = 0; client < clients; client++) {
            int[] members = Portion.deal(instances, size, client);
            assertThat(members).hasSize(size).isSorted().doesNotHaveDuplicates();
            Arrays.stream(members).forEach(member -> connections[member]++);
        }
        assertThat(Arrays.stream(connections).min().getAsInt()).isEqualTo(least);
        assertThat(Arrays.stream(connections).max().getAsInt()).isEqualTo(most);
    }

    @ParameterizedTest
    @CsvSource({"10, 10", "7, 100", "100, 30", "33, 100", "300, 300", "3, 1000", "1, 1", "97, 89", "1000, 13"})
    void everyArcTogetherOffersEveryInstanceTheSameLoad(int clients, int instances) {
        double[] load = new double[instances];
        for (int client = 0; client < clients; client++) {
            Portion.Aperture arc = new Portion.Aperture(instances, client, clients, 12);
            double sum = 0;
            for (int i = 0; i < instances; i++) {
                sum += arc.share(i);
            }
            for (int i = 0; i < instances; i++) {
                load[i] += arc.share(i) / sum;
            }
        }
        double fair = (double) clients / instances;
        assertThat(Arrays.stream(load).boxed())
                .allSatisfy(each -> assertThat(each).isCloseTo(fair, within(1e-9)));
    }

    @Test
    void aHundredClientsOfThirtyInstancesCoverTwoFifthsEach() {
        int connections = 0;
        for (int client = 0; client < 100; client++) {
            Portion.Aperture arc = new Portion.Aperture(30, client, 100, 12);
            assertThat(arc.width()).isEqualTo(0.4);
            int covered = 0;
            for (int i = 0; i < 30; i++) {
                covered += arc.share(i) > 0 ? 1 : 0;
            }
            assertThat(covered).isBetween(12, 13);
            connections += covered;
        }
        assertThat(connections / 30).isBetween(42, 43);
    }

    @Test
    void anApertureWeighsTheInstancesAtItsEnds() {
        Fairlead fairlead = fairlead(Subsetting.aperture(1, 3), 5, 100);
        List<Double> weights = fairlead.status("orders").instances().stream()
                .map(InstanceView::effectiveWeight)
                .filter(weight -> weight < 1)
                .toList();
        assertThat(called(fairlead, 3_000)).hasSize(34);
        assertThat(weights).hasSize(2).allSatisfy(weight -> assertThat(weight).isCloseTo(2 / 3.0, within(1e-9)));
    }

    @Test
    void impossibleOptionsAreRefusedByName() {
        assertThatThrownBy(() -> Subsetting.defaults().withSize(64, 11))
                .hasMessageContaining("subsetting.size: 11 (expected: 12 or more");
        assertThatThrownBy(() -> Subsetting.defaults().withSize(20, 32))
                .hasMessageContaining("subsetting.above: 20 (expected: the subset's size, 32, or more)");
        assertThatThrownBy(() -> Subsetting.aperture(3, 3))
                .hasMessage("subsetting.client: 3 of 3 (expected: 0 to one less than their number)");
    }

    private Fairlead fairlead(Subsetting subsetting, long seed, int count) {
        registry.lists(instances(count));
        Fairlead made = Fairlead.builder(registry)
                .environment(time.environment(seed, EventListener.NONE))
                .policy("round_robin")
                .subsetting(subsetting)
                .build();
        made.awaitReady(Duration.ofSeconds(1), "orders");
        return made;
    }

    private static Set<String> called(Fairlead fairlead, int calls) {
        Set<String> found = new TreeSet<>();
        for (int i = 0; i < calls; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(Outcome.SUCCESS);
                found.add(attempt.instance().id());
            }
        }
        return found;
    }

    private static List<ServiceInstance> instances(int count) {
        List<ServiceInstance> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(instance(i));
        }
        return made;
    }

    private static ServiceInstance instance(int number) {
        return ServiceInstance.builder("orders")
                .id("i" + number)
                .address("10.1." + number / 200 + "." + (1 + number % 200), 8080)
                .build();
    }
}
