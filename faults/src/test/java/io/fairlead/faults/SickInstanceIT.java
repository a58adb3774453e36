// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.millis;
import static io.fairlead.faults.FaultLog.percent;
import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.demo.HttpInstance;
import io.fairlead.samples.drill.Load;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Instances that live and are listed as well, but answer badly, slowly or not yet quickly. Each takes 5 ms when well. */
@Tag("long")
class SickInstanceIT {
    private static final Duration WELL = Duration.ofMillis(5);
    private static final String SICK = "orders-1";

    private Registry registry;
    private Rig rig;
    private Load load;

    @BeforeEach
    void start() throws Exception {
        registry = MemoryRegistry.create();
        rig = new Rig();
        rig.instances.forEach(instance -> instance.slowBy(WELL));
        rig.registerAll(registry, HealthCheck.none());
        load = Load.on(registry);
        load.awaitInstances(4);
        load.runFor(10);
    }

    @AfterEach
    void stop() throws Exception {
        load.close();
        rig.close();
        registry.close();
    }

    @Test
    void oneAnswers500AtOnce() {
        long from = load.log().now();
        rig.instances.get(0).fail(1, 500);
        load.runFor(10);
        long later = load.log().now();
        load.runFor(20);
        List<CallLog.Call> calls = Rig.since(load, from);
        double share = load.log().share(SICK, later, load.log().now());
        record(
                "F31",
                "one of four answers 500 at once",
                "its share ≤ 5 % after 10 s; ≤ 60 failed in 30 s",
                "share " + percent(share) + "; " + Rig.failed(calls) + " of " + calls.size() + " failed",
                share <= 0.05 && Rig.failed(calls) <= 60);
        assertThat(share).isLessThan(0.15);
    }

    @Test
    void oneFailsThreeOfTen() {
        long from = load.log().now();
        rig.instances.get(0).fail(0.3, 500);
        load.runFor(30);
        long later = load.log().now();
        load.runFor(15);
        List<CallLog.Call> calls = Rig.since(load, from);
        double share = load.log().share(SICK, later, load.log().now());
        long ejected = load.log().events(1_000).stream()
                .filter(event -> event.text().contains("OPEN") && !event.text().startsWith(SICK))
                .count();
        record(
                "F32",
                "one of four fails 30 % of its calls",
                "its share ≤ 15 % after 30 s; the others never ejected",
                "share " + percent(share) + "; " + ejected + " ejections of others; " + Rig.failed(calls) + " of "
                        + calls.size() + " failed",
                share <= 0.15 && ejected == 0);
        assertThat(ejected).isZero();
    }

    @Test
    void oneIsTenTimesSlower() {
        double before = CallLog.percentileMillis(
                load.log().calls(5 * Rig.SECOND, load.log().now()), 0.99);
        rig.instances.get(0).slowBy(WELL.multipliedBy(10));
        load.runFor(3);
        long from = load.log().now();
        load.runFor(20);
        List<CallLog.Call> calls = Rig.since(load, from);
        double p99 = CallLog.percentileMillis(calls, 0.99);
        double share = load.log().share(SICK, from, load.log().now());
        record(
                "F33",
                "one of four is ten times slower (50 ms)",
                "p99 ≤ 3 × p99 with all well, after 3 s",
                "p99 " + millis(before) + " before, " + millis(p99) + " then; its share " + percent(share),
                p99 <= 3 * before);
        assertThat(Rig.failed(calls)).isZero();
        assertThat(share).isLessThan(0.15);
    }

    @Test
    void allFailAndHeal() {
        long from = load.log().now();
        rig.instances.forEach(instance -> instance.fail(1, 500));
        load.runFor(15);
        rig.instances.forEach(instance -> instance.fail(0, 200));
        long healed = load.log().now();
        load.runFor(5);
        long later = load.log().now();
        load.runFor(10);
        long none = load.log().calls(from, load.log().now()).stream()
                .filter(call -> call.failure() != null && !call.failure().startsWith("status"))
                .count();
        double soon = success(load.log().calls(healed, later));
        double after = success(Rig.since(load, later));
        record(
                "F34",
                "all four answer 500 for 15 s, then heal",
                "0 calls refused by us; ≥ 99 % succeed from 5 s after healing",
                none + " refused by us; " + percent(soon) + " succeeded in the first 5 s, " + percent(after)
                        + " in the next 10",
                none == 0 && after >= 0.99);
        assertThat(none).isZero();
        assertThat(after).isGreaterThan(0.97);
    }

    @Test
    void aColdInstanceJoins() throws Exception {
        try (HttpInstance cold = HttpInstance.start("orders-5")) {
            cold.slowBy(WELL);
            long from = load.log().now();
            registry.register(Rig.value(cold), HealthCheck.none()).idle();
            load.runFor(5);
            long then = load.log().now();
            load.runFor(25);
            long warm = load.log().now();
            load.runFor(10);
            double first = load.log().share("orders-5", from, then);
            double last = load.log().share("orders-5", warm, load.log().now());
            record(
                    "F35",
                    "a fifth instance joins (slow start 30 s, the default)",
                    "≤ half of its fair share (10 %) in the first 5 s; its share ramps",
                    percent(first) + " in the first 5 s, " + percent(last) + " after 30 s",
                    first <= 0.1 && last > first);
            assertThat(first).isLessThan(0.2);
            assertThat(last).isGreaterThan(first);
        }
    }

    @Test
    void allSay503() {
        int servedBefore = served();
        long from = load.log().now();
        rig.instances.forEach(instance -> instance.fail(1, 503));
        load.runFor(15);
        int servedThen = served();
        long later = load.log().now();
        load.runFor(15);
        double factor =
                (double) (served() - servedBefore) / Rig.since(load, from).size();
        double steady =
                (double) (served() - servedThen) / Rig.since(load, later).size();
        record(
                "F37",
                "all four answer 503 for 30 s",
                "they get ≤ 1.25 × the calls offered",
                String.format(Locale.ROOT, "%.3f × in 30 s, %.3f × in the last 15 s", factor, steady),
                factor <= 1.25);
        assertThat(factor).isLessThan(1.5);
    }

    private int served() {
        return rig.instances.stream().mapToInt(HttpInstance::served).sum();
    }

    private static double success(List<CallLog.Call> calls) {
        return 1 - (double) Rig.failed(calls) / calls.size();
    }
}
