// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import java.util.ArrayList;
import java.util.List;

/**
 * Benchmarks of one module that run together.
 *
 * @param section of the results they belong to
 * @param module whose class path they run on
 * @param include regular expression of the benchmarks
 * @param threads that call at once
 * @param sizes of the list; empty where there is none
 * @param policies wanted; empty for all
 */
record Part(String section, String module, String include, int threads, List<String> sizes, List<String> policies) {
    private static final List<String> BALANCERS =
            List.of("ours", "stork", "spring", "armeria", "grpc", "ribbon", "dubbo");

    /** Everything, in the order of one round. */
    static List<Part> all() {
        List<Part> parts = new ArrayList<>();
        for (String module : BALANCERS) {
            parts.add(picks(module, 1, List.of("10", "100", "1000", "10000")));
            parts.add(picks(module, 2, List.of("10", "1000")));
        }
        parts.add(change("ours", List.of()));
        parts.add(change("armeria", List.of("round_robin", "weighted_round_robin")));
        parts.add(change("grpc", List.of("round_robin", "least_request_experimental")));
        parts.add(change("ribbon", List.of("round_robin")));
        for (int threads = 1; threads <= 2; threads++) {
            parts.add(new Part("breakers", "breakers", "BreakersBenchmark.call", threads, List.of(), List.of()));
        }
        return parts;
    }

    private static Part picks(String module, int threads, List<String> sizes) {
        return new Part("picks", module, benchmarks(module) + "pickAndComplete", threads, sizes, List.of());
    }

    private static Part change(String module, List<String> policies) {
        return new Part("changes", module, benchmarks(module) + "changeOne", 1, List.of("10000"), policies);
    }

    /** Not a peer's own and ours beside it: what a peer borrows from our benchmarks brings their names along. */
    private static String benchmarks(String module) {
        return "io.fairlead." + (module.equals("ours") ? "benchmarks" : "peers." + module) + "[.]\\w+[.]";
    }

    @Override
    public String toString() {
        return section + " " + module + " " + threads;
    }
}
