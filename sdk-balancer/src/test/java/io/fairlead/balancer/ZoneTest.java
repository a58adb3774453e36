// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.api.InstanceStatus;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls stay near while near can take them, and go on in proportion when it can not. */
class ZoneTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final Fairlead fairlead = fairlead(ZonePreference.own("a"));

    @Test
    void callsStayInTheirZoneWhileItTakesThem() {
        registry.lists(all(zone("a", 3), zone("b", 7)));
        assertThat(shares(200)).containsOnlyKeys("a");
    }

    @ParameterizedTest
    @CsvSource({"10, 1", "8, 1", "7, 0.98", "5, 0.70", "2, 0.28", "0, 0"})
    void whatAWeakZoneCanNotTakeSpillsOver(int usable, double kept) {
        registry.lists(all(zone("a", 10, i -> i < usable), zone("b", 10)));
        assertThat(shares(10_000).getOrDefault("a", 0.0)).isCloseTo(kept, within(0.02));
    }

    @Test
    void tiersFollowInTheirOrder() {
        Fairlead ordered = fairlead(ZonePreference.own("a").then("b", "c").then("us-*"));
        registry.lists(all(zone("a", 2, i -> false), zone("b", 1), zone("c", 1), zone("us-1", 2), zone("x", 2)));
        assertThat(shares(ordered, 1_000)).containsOnlyKeys("b", "c");
        registry.lists(all(zone("a", 2, i -> false), zone("us-1", 2), zone("us-2", 2), zone("x", 2)));
        assertThat(shares(ordered, 1_000)).containsOnlyKeys("us-1", "us-2");
        registry.lists(all(zone("us-1", 2, i -> false), zone("x", 2)));
        assertThat(shares(ordered, 1_000)).containsOnlyKeys("x");
    }

    @Test
    void anInstanceWithoutAZoneIsTheLastChoice() {
        registry.lists(all(zone("a", 2), List.of(FakeRegistry.instance("nowhere"))));
        assertThat(picks(fairlead, 100)).doesNotContain("nowhere");
        registry.lists(all(zone("a", 2, i -> false), List.of(FakeRegistry.instance("nowhere"))));
        assertThat(picks(fairlead, 100)).containsOnly("nowhere");
    }

    @Test
    void withoutAPreferenceAllZonesAreEqual() {
        Fairlead indifferent = fairlead(ZonePreference.off());
        registry.lists(all(zone("a", 1), zone("b", 3)));
        assertThat(shares(indifferent, 400)).containsEntry("a", 0.25).containsEntry("b", 0.75);
    }

    @Test
    void aZoneWhoseInstancesAreEjectedIsLeftWithinASecondAndProbed() {
        registry.lists(all(zone("a", 2), zone("b", 8)));
        outcomes(40, instance -> "a".equals(instance.zone()));
        time.advance(Duration.ofSeconds(1));
        assertThat(shares(100)).containsOnlyKeys("b");
        time.advance(Duration.ofSeconds(7));
        outcomes(20, instance -> false);
        time.advance(Duration.ofSeconds(1));
        assertThat(shares(100)).containsOnlyKeys("a");
    }

    @Test
    void aCallThatTriedItsWholeZoneGoesElsewhere() {
        registry.lists(all(zone("a", 2), zone("b", 2)));
        PickContext context = PickContext.none();
        List<String> zones = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Attempt attempt = fairlead.acquire("orders", context);
            attempt.close();
            zones.add(attempt.instance().zone());
            context = context.excluding(attempt.instance());
        }
        assertThat(zones).containsExactly("a", "a", "b", "b");
    }

    @Test
    void thereIsNoPanicWhileTheOtherZoneHasRoomForAll() {
        registry.lists(all(zone("a", 8, i -> false), zone("b", 2)));
        assertThat(shares(100)).containsOnlyKeys("b");
        assertThat(events.events("panic")).isEmpty();
    }

    @Test
    void panicUsesAllZonesByTheirInstances() {
        registry.lists(all(zone("a", 6, i -> i < 1), zone("b", 2, i -> false)));
        Map<String, Double> shares = shares(2_000);
        assertThat(shares.get("a")).isCloseTo(0.75, within(0.04));
        assertThat(shares.get("b")).isCloseTo(0.25, within(0.04));
        assertThat(events.events("panic")).containsExactly("panic orders true");
    }

    @Test
    void panicEndsWhenTheOtherZoneHasRoomTwice() {
        registry.lists(all(zone("a", 6, i -> false), zone("b", 2, i -> false)));
        assertThat(shares(400)).containsOnlyKeys("a", "b");
        registry.lists(all(zone("a", 6, i -> false), zone("b", 2)));
        time.advance(Duration.ofSeconds(2));
        assertThat(shares(100)).containsOnlyKeys("b");
        assertThat(events.events("panic")).containsExactly("panic orders true", "panic orders false");
    }

    @Test
    void panicOverrulesGuards() {
        registry.lists(all(zone("a", 10)));
        outcomes(100, instance -> instance.id().equals("a-0"));
        assertThat(picks(fairlead, 100)).doesNotContain("a-0");
        registry.lists(all(zone("a", 10, i -> i < 2)));
        assertThat(picks(fairlead, 100)).contains("a-0", "a-5");
    }

    @Test
    void equalKeysSpillTogether() {
        registry.lists(all(zone("a", 4, i -> i < 2), zone("b", 4)));
        Map<String, String> zoneOfKey = new HashMap<>();
        for (int call = 0; call < 1_000; call++) {
            String key = "key-" + call % 50;
            try (Attempt attempt = fairlead.acquire("orders", PickContext.hashedBy(key))) {
                String zone = attempt.instance().zone();
                assertThat(zoneOfKey.merge(key, zone, (before, now) -> before)).isEqualTo(zone);
            }
        }
        assertThat(zoneOfKey.values()).contains("a", "b");
    }

    @Test
    void impossibleOptionsAreRefusedByName() {
        assertThatThrownBy(() -> ZonePreference.own("a").then("a"))
                .hasMessage("zone: 'a' twice (expected: in one tier only)");
        assertThatThrownBy(() -> ZonePreference.own("a*b"))
                .hasMessage("zone: 'a*b' (expected: a zone's name, or the start of some and one '*')");
        assertThatThrownBy(() -> ZonePreference.own("a").then()).hasMessage("zones: none (expected: at least one)");
        assertThatThrownBy(() -> ZonePreference.own("a").withOverprovisioning(0.5))
                .hasMessage("zones.overprovisioning: 0.5 (expected: 1..10)");
    }

    private Fairlead fairlead(ZonePreference zones) {
        return Fairlead.builder(registry)
                .environment(time.environment(17, events))
                .policy("round_robin")
                .zones(zones)
                .build();
    }

    private static List<ServiceInstance> zone(String zone, int count) {
        return zone(zone, count, i -> true);
    }

    private static List<ServiceInstance> zone(String zone, int count, Predicate<Integer> passing) {
        List<ServiceInstance> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(FakeRegistry.instance(zone + "-" + i).toBuilder()
                    .zone(zone)
                    .status(passing.test(i) ? InstanceStatus.PASSING : InstanceStatus.CRITICAL)
                    .build());
        }
        return made;
    }

    @SafeVarargs
    private static List<ServiceInstance> all(List<ServiceInstance>... zones) {
        List<ServiceInstance> together = new ArrayList<>();
        for (List<ServiceInstance> zone : zones) {
            together.addAll(zone);
        }
        return together;
    }

    private Map<String, Double> shares(int calls) {
        return shares(fairlead, calls);
    }

    private static Map<String, Double> shares(Fairlead fairlead, int calls) {
        Map<String, Double> shares = new HashMap<>();
        for (String id : picks(fairlead, calls)) {
            int end = id.lastIndexOf('-');
            shares.merge(end < 0 ? id : id.substring(0, end), 1.0 / calls, Double::sum);
        }
        shares.replaceAll((zone, share) -> Math.round(share * 1e6) / 1e6);
        return shares;
    }

    private static List<String> picks(Fairlead fairlead, int calls) {
        List<String> picked = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(Outcome.SUCCESS);
                picked.add(attempt.instance().id());
            }
        }
        return picked;
    }

    private void outcomes(int calls, Predicate<ServiceInstance> refusing) {
        for (int i = 0; i < calls; i++) {
            try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                attempt.complete(refusing.test(attempt.instance()) ? Outcome.UNREACHABLE : Outcome.SUCCESS);
            }
        }
    }
}
