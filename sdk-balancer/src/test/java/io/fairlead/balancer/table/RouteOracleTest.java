// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.PickContext;
import io.fairlead.balancer.route.Caller;
import io.fairlead.balancer.route.Routes;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The table against what routes mean. */
class RouteOracleTest {
    private static final int REQUESTS = 100;

    @Test
    void theTableRoutesAsThePageSays() {
        compare(1, 50);
    }

    @Test
    @Tag("slow")
    void theTableRoutesAMillionCallsAsThePageSays() {
        compare(2, 10_000);
    }

    private static void compare(long seed, int documents) {
        Map<String, Integer> byRule = new HashMap<>();
        int keyless = 0;
        for (int i = 0; i < documents; i++) {
            long own = seed * 1_000_000 + i;
            RandomRoutes generator = new RandomRoutes(new Random(own));
            Routes routes = generator.routes();
            Caller caller = generator.caller();
            RouteTable table = RouteTable.of(routes, caller);
            SplittableRandom random = new SplittableRandom(own);
            ReferenceRouter reference = new ReferenceRouter(routes, caller, new SplittableRandom(own));
            for (int r = 0; r < REQUESTS; r++) {
                PickContext request = generator.request();
                Lane lane = table.route(request, random, 0);
                String expected = reference.route(request);
                if (!lane.toString().equals(expected)) {
                    assertThat(lane).as("seed %d\n%s", own, routes).hasToString(expected);
                }
                byRule.merge(lane.rule().name(), 1, Integer::sum);
                keyless += lane.isKeyless() ? 1 : 0;
            }
        }
        assertThat(byRule.keySet()).as("rules that calls took").contains("r0", "r1", "r2", "r3", "default");
        assertThat(keyless).isPositive();
    }
}
