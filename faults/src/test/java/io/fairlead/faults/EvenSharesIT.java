// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.samples.demo.CallLog;
import io.fairlead.samples.drill.Load;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nothing is wrong: then equals get equal parts, on real sockets and a real clock too. */
class EvenSharesIT {
    private static final int RUNS = 5;

    @Test
    @Tag("long")
    void threeEqualsGetAThirdEach() throws Exception {
        double least = 100;
        double most = 0;
        long calls = 0;
        for (int run = 0; run < RUNS; run++) {
            try (Registry registry = MemoryRegistry.create();
                    Rig rig = new Rig()) {
                rig.instances
                        .subList(0, 3)
                        .forEach(each -> registry.register(Rig.value(each), HealthCheck.none())
                                .idle());
                try (Load load = Load.on(registry)) {
                    load.awaitInstances(3);
                    load.runFor(15);
                    Map<String, Long> picks = load.log().picks(0, load.log().now()).stream()
                            .collect(
                                    Collectors.groupingBy(CallLog.Pick::instance, TreeMap::new, Collectors.counting()));
                    assertThat(picks).hasSize(3);
                    long all =
                            picks.values().stream().mapToLong(Long::longValue).sum();
                    for (long count : picks.values()) {
                        least = Math.min(least, 100.0 * count / all);
                        most = Math.max(most, 100.0 * count / all);
                    }
                    calls += all;
                }
            }
        }
        boolean isMet = least >= 28 && most <= 38;
        record(
                "S10",
                "nothing: three equals, 200 calls a second, five runs of 15 s",
                "33 ± 5 % for each in each run",
                String.format(Locale.ROOT, "%.1f … %.1f %% of %d calls", least, most, calls),
                isMet);
        assertThat(isMet).as("%s … %s %%", least, most).isTrue();
    }
}
