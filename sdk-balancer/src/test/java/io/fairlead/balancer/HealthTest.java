// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.InstanceHealth;
import io.fairlead.api.InstanceHealth.State;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.ServiceStatus.InstanceView;
import io.fairlead.spi.RequestFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The one health state of an instance, with its reason, at every step of its life. */
class HealthTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Cluster cluster =
            new Cluster(3, options -> options.policy("round_robin").outagePolicy(OutagePolicy.off()));

    @Test
    void eachStepHasItsStateAndItsReason() {
        cluster.lists("a", "b", "c", "d").run(SECOND, 100);
        assertThat(cluster.health("b").describe()).isEqualTo("ACTIVE");
        cluster.behaves("b", 1, 1).run(SECOND, 100);
        assertThat(cluster.health("b").describe()).isEqualTo("EJECTED by guard (5 failures in a row)");
        cluster.run(Duration.ofSeconds(6), 100);
        assertThat(cluster.health("b").describe()).isEqualTo("EJECTED by guard (probe failed)");
        cluster.behaves("b", 0, 400).run(Duration.ofSeconds(4), 100);
        while (cluster.health("b").state() == State.EJECTED) {
            cluster.run(Duration.ofMillis(10), 100);
        }
        assertThat(cluster.health("b").describe()).isEqualTo("PROBING by guard (probe failed)");
        cluster.run(SECOND, 100);
        assertThat(cluster.health("b").describe()).isEqualTo("WARMING by slow start");
        cluster.run(Duration.ofSeconds(11), 100);
        assertThat(cluster.health("b").describe()).isEqualTo("ACTIVE");
        assertThat(cluster.changes)
                .containsExactly(
                        "b ACTIVE EJECTED",
                        "b EJECTED PROBING",
                        "b PROBING EJECTED",
                        "b EJECTED PROBING",
                        "b PROBING WARMING",
                        "b WARMING ACTIVE");
    }

    @Test
    void theRegistrysWordGoesBeforeOurs() {
        cluster.lists("a", "b", "c");
        cluster.registry.lists(List.of(
                FakeRegistry.instance("a"),
                FakeRegistry.with("b", InstanceStatus.CRITICAL),
                FakeRegistry.with("c", InstanceStatus.DRAINING)));
        assertThat(cluster.health("b").describe()).isEqualTo("REGISTRY_DOWN by registry (critical)");
        assertThat(cluster.health("c").describe()).isEqualTo("DRAINING by registry (draining)");
        assertThat(cluster.changes).containsExactly("b ACTIVE REGISTRY_DOWN", "c ACTIVE DRAINING");
        cluster.lists("a", "b", "c");
        assertThat(cluster.health("b").state()).isEqualTo(State.ACTIVE);
    }

    @Test
    void aStateKnowsSinceWhen() {
        cluster.lists("a", "b", "c", "d").behaves("b", 1, 1).run(SECOND, 100);
        long since = cluster.health("b").sinceNanos();
        cluster.run(Duration.ofSeconds(2), 100);
        assertThat(cluster.health("b").state()).isEqualTo(State.EJECTED);
        assertThat(cluster.health("b").sinceNanos()).isEqualTo(since).isLessThan(cluster.time.nanos());
    }

    @Test
    void whomTheCapKeepsIsDegradedAndServesOn() {
        cluster.lists("a", "b", "c", "d").behaves("b", 1, 1).behaves("c", 1, 1).run(Duration.ofSeconds(3), 100);
        assertThat(List.of(cluster.health("b").state(), cluster.health("c").state()))
                .containsExactlyInAnyOrder(State.EJECTED, State.DEGRADED);
        String degraded = cluster.health("b").state() == State.DEGRADED ? "b" : "c";
        assertThat(cluster.health(degraded).evidence()).startsWith("too many others are out: ");
        assertThat(cluster.share(degraded, SECOND)).isGreaterThan(0.3);
        assertThat(view(degraded).effectiveWeight()).isEqualTo(0.2);
        cluster.heal().run(Duration.ofSeconds(12), 100);
        assertThat(cluster.health(degraded).state()).isEqualTo(State.ACTIVE);
        assertThat(view(degraded).effectiveWeight()).isEqualTo(1);
    }

    @Test
    void oneOfTwoGoesAndALoneOneNever() {
        cluster.lists("a", "b").behaves("a", 1, 1).behaves("b", 1, 1).run(Duration.ofSeconds(3), 100);
        assertThat(cluster.withoutInstance).isZero();
        assertThat(states()).containsExactlyInAnyOrder(State.EJECTED, State.DEGRADED);
        cluster.lists("a").run(Duration.ofSeconds(3), 100);
        assertThat(cluster.health("a").state().isServing()).isTrue();
    }

    @Test
    void aSmallerListPardonsWhoIsBeyondTheCap() {
        String[] ten = IntStream.range(0, 10).mapToObj(i -> "i" + i).toArray(String[]::new);
        cluster.lists(ten).behaves("i0", 1, 1).behaves("i1", 1, 1).behaves("i2", 1, 1);
        cluster.run(SECOND, 200);
        assertThat(states().stream().filter(State.EJECTED::equals)).hasSize(3);
        cluster.lists("i0", "i1", "i2", "i3");
        assertThat(states().stream().filter(State.EJECTED::equals)).hasSize(1);
        assertThat(states().stream().filter(State.DEGRADED::equals)).hasSize(2);
        cluster.heal().run(Duration.ofSeconds(30), 200);
        assertThat(states()).containsOnly(State.ACTIVE);
    }

    @Test
    void anEjectedInstanceThatLeavesAndComesBackIsStillOutWithinTheCap() {
        cluster.lists("a", "b", "c", "d").behaves("b", 1, 1).run(SECOND, 100);
        cluster.lists("a", "c", "d").run(SECOND, 100);
        cluster.lists("a", "b", "c", "d");
        assertThat(cluster.health("b").describe()).isEqualTo("EJECTED by guard (5 failures in a row)");
        cluster.lists("a", "c", "d").behaves("c", 1, 1).run(SECOND, 100);
        cluster.lists("a", "b", "c", "d");
        assertThat(cluster.health("c").state()).isEqualTo(State.EJECTED);
        assertThat(cluster.health("b").state()).isEqualTo(State.DEGRADED);
    }

    @Test
    void inPanicAllAreUsedAndNoWaitGrows() {
        String[] ten = IntStream.range(0, 10).mapToObj(i -> "i" + i).toArray(String[]::new);
        cluster.lists(ten).behaves("i0", 1, 1).run(SECOND, 200);
        assertThat(cluster.health("i0").state()).isEqualTo(State.EJECTED);
        cluster.registry.lists(critical(ten, 5));
        assertThat(cluster.fairlead.status("orders").panic()).isTrue();
        cluster.run(Duration.ofSeconds(60), 200);
        assertThat(cluster.share("i0", SECOND)).isGreaterThan(0.05);
        assertThat(cluster.share("i9", SECOND)).isGreaterThan(0.05);
        // Had its probes counted, it would wait for 40 s or more now.
        cluster.lists(ten).heal().run(Duration.ofSeconds(4), 200);
        assertThat(cluster.fairlead.status("orders").panic()).isFalse();
        assertThat(cluster.health("i0").state().isServing()).isTrue();
    }

    @Test
    void ourOwnEjectionsNeverMakePanic() {
        for (int size = 1; size <= 40; size++) {
            Cluster failing = new Cluster(size, options -> options.policy("round_robin"));
            String[] ids = IntStream.range(0, size).mapToObj(i -> "i" + i).toArray(String[]::new);
            failing.lists(ids);
            for (String id : ids) {
                failing.behaves(id, 1, 1);
            }
            failing.run(Duration.ofSeconds(10), 200);
            assertThat(failing.fairlead.status("orders").panic())
                    .as("%d instances", size)
                    .isFalse();
            assertThat(failing.withoutInstance).as("%d instances", size).isZero();
            long out = failing.fairlead.status("orders").instances().stream()
                    .filter(view -> !view.health().state().isServing())
                    .count();
            assertThat(out).as("%d instances", size).isEqualTo(size == 1 ? 0 : Math.max(1, size * 3 / 10));
        }
    }

    @Test
    void whatAnEjectedInstanceDoesIsNotLearnedFrom() {
        cluster.lists("a", "b", "c", "d").run(SECOND, 100);
        // Answers take 3 s: those under way when the first five have failed come while it is out.
        cluster.behaves("b", 1, 3_000).run(Duration.ofMillis(3_200), 100);
        assertThat(cluster.health("b").state()).isEqualTo(State.EJECTED);
        InstanceView before = view("b");
        cluster.run(Duration.ofSeconds(1), 100);
        assertThat(view("b").failures()).isGreaterThan(before.failures() + 20);
        assertThat(view("b").successRatio()).isGreaterThanOrEqualTo(before.successRatio());
    }

    @Test
    void oneProbeAtATimeWhoeverRaces() throws Exception {
        cluster.lists("a", "b", "c", "d").behaves("b", 1, 1).run(SECOND, 100);
        assertThat(cluster.health("b").state()).isEqualTo(State.EJECTED);
        cluster.time.advance(Duration.ofSeconds(7));
        AtomicInteger onB = new AtomicInteger();
        List<Attempt> open = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        CountDownLatch go = new CountDownLatch(1);
        List<Future<List<Attempt>>> races = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            races.add(threads.submit(() -> {
                go.await();
                List<Attempt> mine = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    mine.add(cluster.fairlead.acquire("orders", PickContext.none()));
                }
                return mine;
            }));
        }
        go.countDown();
        for (Future<List<Attempt>> race : races) {
            open.addAll(race.get());
        }
        threads.shutdown();
        open.forEach(attempt -> onB.addAndGet(attempt.instance().id().equals("b") ? 1 : 0));
        assertThat(onB.get()).isEqualTo(1);
        open.forEach(Attempt::close);
    }

    @Test
    void aProbeIsNeverARetry() {
        cluster.lists("a", "b", "c", "d").behaves("b", 1, 1).run(SECOND, 100);
        cluster.time.advance(Duration.ofSeconds(7));
        ServiceInstance c = FakeRegistry.instance("c");
        Attempt first = cluster.fairlead.acquire("orders", PickContext.none().excluding(FakeRegistry.instance("b")));
        assertThat(first.instance().id()).isNotEqualTo("b");
        first.close();
        Attempt probe = cluster.fairlead.acquire("orders", PickContext.none().excluding(c));
        assertThat(probe.instance().id()).isEqualTo("b");
        probe.complete(Outcome.IGNORED);
        probe.close();
        assertThat(cluster.health("b").state()).isEqualTo(State.PROBING);
    }

    @Test
    void aCallThatMayNotBeSentAgainIsSeldomTheProbe() {
        cluster.lists("a", "b", "c", "d").behaves("b", 1, 1).run(SECOND, 100);
        cluster.time.advance(Duration.ofSeconds(7));
        int posts = 0;
        String picked = "";
        while (!picked.equals("b") && posts < 100) {
            Attempt attempt = cluster.fairlead.acquire("orders", PickContext.of(new Post(), null));
            picked = attempt.instance().id();
            attempt.close();
            posts++;
            cluster.time.advance(Duration.ofNanos(1 << 10));
        }
        assertThat(posts).isBetween(1, 8);
        Attempt get = cluster.fairlead.acquire("orders", PickContext.none());
        assertThat(get.instance().id()).isEqualTo("b");
        get.close();
    }

    /** Whatever happens, each event begins where the one before ended, and the last is what the status says. */
    @Test
    void theEventsOfAnInstanceAreOneChain() {
        long seed = 20260802;
        SplittableRandom random = new SplittableRandom(seed);
        String[] ids = IntStream.range(0, 8).mapToObj(i -> "i" + i).toArray(String[]::new);
        cluster.lists(ids);
        Map<String, State> last = new HashMap<>();
        for (int step = 0; step < 300; step++) {
            String id = ids[random.nextInt(ids.length)];
            switch (random.nextInt(4)) {
                case 0 -> cluster.behaves(id, random.nextInt(2), 1 + random.nextInt(300));
                case 1 -> cluster.registry.lists(critical(ids, random.nextInt(8)));
                case 2 -> cluster.heal();
                default -> cluster.run(Duration.ofMillis(1 + random.nextInt(3_000)), 100);
            }
        }
        cluster.time.advance(SECOND);
        for (String line : cluster.changes) {
            String[] words = line.split(" ");
            State from = last.getOrDefault(words[0], State.ACTIVE);
            assertThat(words[1]).as("seed %d: %s", seed, line).isEqualTo(from.name());
            last.put(words[0], State.valueOf(words[2]));
        }
        for (String id : ids) {
            assertThat(cluster.health(id).state())
                    .as("seed %d: %s", seed, id)
                    .isEqualTo(last.getOrDefault(id, State.ACTIVE));
        }
        assertThat(cluster.changes).hasSizeGreaterThan(50);
        assertThat(cluster.withoutInstance).isZero();
    }

    private static List<ServiceInstance> critical(String[] ids, int howMany) {
        List<ServiceInstance> list = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            InstanceStatus status = i >= ids.length - howMany ? InstanceStatus.CRITICAL : InstanceStatus.PASSING;
            list.add(FakeRegistry.with(ids[i], status));
        }
        return list;
    }

    private List<State> states() {
        return cluster.fairlead.status("orders").instances().stream()
                .map(InstanceView::health)
                .map(InstanceHealth::state)
                .toList();
    }

    private InstanceView view(String id) {
        return cluster.fairlead.status("orders").instances().stream()
                .filter(view -> view.instance().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private record Post() implements RequestFacts {
        @Override
        public String method() {
            return "POST";
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public @Nullable String header(String name) {
            return null;
        }
    }
}
