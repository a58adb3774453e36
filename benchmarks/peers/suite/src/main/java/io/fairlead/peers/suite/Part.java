// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import java.util.ArrayList;
import java.util.List;

/**
 * Benchmarks of one module that run together.
 *
 * @param section of the results they belong to
 * @param of whom; empty where the benchmarks say it themselves
 * @param module whose class path they run on
 * @param include regular expression of the benchmarks
 * @param threads that call at once
 * @param sizes of the list; empty where there is none
 * @param policies wanted; empty for all
 */
record Part(
        String section,
        String of,
        String module,
        String include,
        int threads,
        List<String> sizes,
        List<String> policies) {
    private static final List<String> PEERS = List.of("stork", "spring", "armeria", "grpc", "ribbon", "dubbo");

    private static final List<String> BY_HAND = List.of("shared_counter", "timed_two_choices", "counted_two_choices");

    /** Everything, in the order of one round; Fairlead's own policies are those that it finds itself. */
    static List<Part> all(List<String> ours) {
        List<Part> parts = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            parts.add(picks("baseline", "ours", "io.fairlead.benchmarks.BaselineBenchmark.", threads, BY_HAND));
            parts.add(picks("fairlead", "ours", "io.fairlead.benchmarks.PickBenchmark.", threads, ours));
            for (String peer : PEERS) {
                parts.add(picks(peer, peer, "io.fairlead.peers." + peer + "[.]", threads, List.of()));
            }
        }
        parts.add(change("fairlead", "ours", "io.fairlead.benchmarks.", List.of()));
        parts.add(change("armeria", "armeria", "io.fairlead.peers.", List.of("round_robin", "weighted_round_robin")));
        parts.add(change("grpc", "grpc", "io.fairlead.peers.", List.of("round_robin", "least_request_experimental")));
        parts.add(change("ribbon", "ribbon", "io.fairlead.peers.", List.of("round_robin")));
        for (int threads = 1; threads <= 2; threads++) {
            parts.add(new Part("breakers", "", "breakers", "BreakersBenchmark.call", threads, List.of(), List.of()));
        }
        return parts;
    }

    private static Part picks(String of, String module, String prefix, int threads, List<String> policies) {
        List<String> sizes = threads == 1 ? List.of("10", "100", "1000", "10000") : List.of("10", "1000");
        return new Part("picks", of, module, prefix + ".*pickAndComplete", threads, sizes, policies);
    }

    private static Part change(String of, String module, String prefix, List<String> policies) {
        return new Part("changes", of, module, prefix + ".*changeOne", 1, List.of("10000"), policies);
    }

    /** What the benchmarks call the choice of a policy. */
    String parameter() {
        return of.equals("baseline") ? "baseline" : "policy";
    }

    @Override
    public String toString() {
        return section + " " + (of.isEmpty() ? module : of) + " " + threads;
    }
}
