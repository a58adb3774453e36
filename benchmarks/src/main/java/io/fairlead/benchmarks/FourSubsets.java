// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks;

import io.fairlead.balancer.policy.StickyKey;
import io.fairlead.balancer.route.Routes;
import io.fairlead.balancer.route.Rule;
import io.fairlead.balancer.route.Subset;

/** Routes of versions, all calls by the default rule: what the benchmarks of routes have in common. */
final class FourSubsets {
    private static final int VERSIONS = 4;

    private FourSubsets() {}

    /** The version of the instance at this place of a list. */
    static String version(int place) {
        return "v" + (1 + place % VERSIONS);
    }

    /** {@code off}; {@code default}, all calls to one subset; {@code four}, drawn among four by a key. */
    static Routes named(String name) {
        return switch (name) {
            case "off" -> Routes.off();
            case "default" ->
                Routes.builder()
                        .subset("v1", Subset.ofVersion("v1"))
                        .otherwise(Rule.otherwise().to("v1").build())
                        .build();
            case "four" -> weighing(1);
            default -> throw new IllegalArgumentException("routes: " + name + " (expected: off, default, four)");
        };
    }

    /** Four subsets, of which the first has this weight and the others 1. */
    static Routes weighing(int first) {
        Routes.Builder routes = Routes.builder();
        Rule.Builder rule = Rule.otherwise();
        for (int i = 0; i < VERSIONS; i++) {
            routes.subset(version(i), Subset.ofVersion(version(i)));
            rule.to(version(i), i == 0 ? first : 1);
        }
        return routes.otherwise(rule.by(StickyKey.hashKey()).build()).build();
    }
}
