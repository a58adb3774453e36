// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.EventListener;
import io.fairlead.api.InstanceStatus;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.OutagePolicy;
import io.fairlead.balancer.SwitchGuard;
import io.fairlead.balancer.ZonePreference;
import io.fairlead.spi.Environment;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who is a member, who is held, and whose state is kept: the walk along two lists against maps that look everyone up. */
class ReconcilerModelTest {
    private static final int SEEDS = 200;
    private static final int STEPS = 120;
    private static final long GRACE_SECONDS = 20;
    private static final long RANK_SEED = 5;

    @Test
    void aWalkAlongTheListsComesToWhatMapsComeTo() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed).go();
        }
    }

    private static final class Run {
        private final long seed;
        private final SplittableRandom random;
        private final VirtualTime time = new VirtualTime();
        private final ZonePreference zones = ZonePreference.own("x").then("y");
        private final SharedState shared;
        private final Reconciler membership;
        private final Map<String, ServiceInstance> listed = new TreeMap<>();
        private final Map<String, ServiceInstance> expected = new TreeMap<>();
        private final Map<String, Long> heldSince = new HashMap<>();
        /** By copy: its state, and when it left. */
        private final Map<String, InstanceState> states = new HashMap<>();

        private final Map<String, Long> leftAt = new HashMap<>();

        Run(long seed) {
            this.seed = seed;
            this.random = new SplittableRandom(seed);
            Environment environment = new Environment(time, time, time, random, EventListener.NONE);
            this.shared = new Deaf().shared(SwitchGuard::new, new EjectionQuota(), environment);
            this.membership = new Reconciler(
                    OutagePolicy.defaults().withGrace(Duration.ofSeconds(GRACE_SECONDS)),
                    environment,
                    new Members.Sorting(zones, List.of()),
                    instance -> instance.port() != 1,
                    instance -> new InstanceState(instance, shared));
        }

        void go() {
            for (int step = 0; step < STEPS; step++) {
                String where = "seed " + seed + ", step " + step;
                switch (random.nextInt(12)) {
                    case 0 ->
                        assertThat(membership.expire(time.nanos())).as(where).isEqualTo(expire());
                    case 1 ->
                        assertThat(membership.releaseAll()).as(where).isEqualTo(drop(Set.copyOf(heldSince.keySet())));
                    case 2 -> {
                        if (random.nextInt(4) == 0) {
                            assertThat(membership.forgetAll()).as(where).isEqualTo(drop(Set.copyOf(expected.keySet())));
                        }
                    }
                    case 3 -> time.advance(Duration.ofSeconds(random.nextInt(25)));
                    default -> list(where);
                }
                compare(where);
            }
        }

        private void list(String where) {
            int changes = random.nextInt(4) == 0 ? 20 : random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                String id = "i" + random.nextInt(25);
                switch (random.nextInt(4)) {
                    case 0, 1 -> listed.remove(id);
                    case 2 -> listed.computeIfPresent(id, (same, old) -> old.withStatus(status()));
                    default -> {
                        ServiceInstance before = expected.get(id);
                        boolean isTheSame = before != null && random.nextBoolean();
                        listed.put(id, isTheSame ? before : instance(id));
                    }
                }
            }
            boolean suspect = random.nextInt(5) == 0;
            List<ServiceInstance> next = List.copyOf(listed.values());
            int held = membership.adopt(new ServiceSnapshot("orders", 1, next), suspect, time.nanos());
            assertThat(held).as(where).isEqualTo(adopt(suspect));
        }

        private int adopt(boolean afterInterruption) {
            Set<String> missing = new TreeSet<>(expected.keySet());
            missing.removeAll(listed.keySet());
            missing.removeAll(heldSince.keySet());
            missing.removeIf(id -> expected.get(id).status() == InstanceStatus.DRAINING);
            int unheld = expected.size() - heldSince.size();
            boolean hold = afterInterruption || missing.size() >= 2 && missing.size() * 2 > unheld;
            Set<String> gone = new TreeSet<>(expected.keySet());
            gone.removeAll(listed.keySet());
            gone.removeAll(heldSince.keySet());
            if (hold) {
                gone.removeAll(missing);
                missing.forEach(id -> heldSince.put(id, time.nanos()));
            }
            int unused = drop(gone);
            for (ServiceInstance instance : listed.values()) {
                ServiceInstance before = expected.get(instance.id());
                if (before != null && !before.isSameCopyAs(instance)) {
                    unused = drop(Set.of(instance.id()));
                    before = null;
                }
                if (before != null || instance.port() != 1) {
                    expected.put(instance.id(), instance);
                    heldSince.remove(instance.id());
                }
            }
            return hold ? missing.size() : 0;
        }

        private int expire() {
            Set<String> over = new TreeSet<>(heldSince.keySet());
            over.removeIf(id -> time.nanos() - heldSince.get(id)
                    < Duration.ofSeconds(GRACE_SECONDS).toNanos());
            return drop(over);
        }

        private int drop(Set<String> ids) {
            for (String id : ids) {
                leftAt.put(copy(expected.remove(id)), time.nanos());
                heldSince.remove(id);
            }
            return ids.size();
        }

        private void compare(String where) {
            Members members = membership.members();
            assertThat(members.instances()).as(where).containsExactlyElementsOf(expected.values());
            assertThat(membership.holdsAny()).as(where).isEqualTo(!heldSince.isEmpty());
            long[] ranks = random.nextBoolean() ? members.ranks(RANK_SEED) : null;
            for (int place = 0; place < members.size(); place++) {
                InstanceState state = members.state(place);
                ServiceInstance instance = members.instance(place);
                assertThat(state.instance()).as(where).isSameAs(instance);
                assertThat(state.listing().isHeld()).as(where).isEqualTo(heldSince.containsKey(instance.id()));
                assertThat(members.tier(place)).as(where).isEqualTo(zones.tierOf(instance));
                assertThat(members.isUsable(place))
                        .as(where)
                        .isEqualTo(instance.status().isUsable());
                assertThat(members.isDraining(place)).as(where).isEqualTo(instance.status() == InstanceStatus.DRAINING);
                if (ranks != null) {
                    assertThat(ranks[place]).as(where).isEqualTo(Members.rank(copy(instance), RANK_SEED));
                }
                InstanceState before = states.put(copy(instance), state);
                Long left = leftAt.remove(copy(instance));
                boolean isForgotten = left != null
                        && time.nanos() - left >= Duration.ofSeconds(60).toNanos();
                if (before != null && !isForgotten) {
                    assertThat(state).as(where).isSameAs(before);
                } else if (before != null) {
                    assertThat(state).as(where).isNotSameAs(before);
                }
            }
        }

        private ServiceInstance instance(String id) {
            int port = random.nextInt(6) == 0 ? 1 : random.nextInt(4) == 0 ? 81 : 80;
            return ServiceInstance.builder("orders")
                    .id(id)
                    .address("10.0.0." + (1 + Integer.parseInt(id.substring(1))), port)
                    .zone(random.nextBoolean() ? "x" : random.nextBoolean() ? "y" : "z")
                    .status(random.nextInt(3) == 0 ? status() : InstanceStatus.PASSING)
                    .build();
        }

        private InstanceStatus status() {
            InstanceStatus[] all = InstanceStatus.values();
            return all[random.nextInt(all.length)];
        }

        private static String copy(ServiceInstance instance) {
            return instance.id() + ' ' + instance.authority();
        }
    }
}
