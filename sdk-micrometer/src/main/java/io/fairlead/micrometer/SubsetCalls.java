// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.balancer.ServiceStatus.LaneView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The calls of each subset of one service, over all rules, and the part of them it should have. For one thread at a time. */
final class SubsetCalls {
    /** How fast earlier calls of a rule count less. */
    private static final double FADE_NANOS = TimeUnit.MINUTES.toNanos(5);

    private record Lane(String rule, String subset) {}

    private final Map<Lane, Long> before = new HashMap<>(); // what each lane stood at
    private final Map<String, Long> calls = new TreeMap<>(); // by subset
    private final Map<String, Double> recent = new HashMap<>(); // by rule, fading
    private Map<String, Double> expected = Map.of();

    /** Takes up what was counted since. A rule that goes takes its lanes along, not the calls they had. */
    void read(List<LaneView> lanes, long passedNanos) {
        Map<Lane, Long> now = new HashMap<>();
        Map<String, Long> added = new HashMap<>();
        Map<String, Long> bySubset = new TreeMap<>();
        for (LaneView view : lanes) {
            Lane lane = new Lane(view.rule(), view.subset());
            now.put(lane, view.calls());
            long known = before.getOrDefault(lane, 0L);
            // A lane that came back in between began at 0.
            long more = view.calls() < known ? view.calls() : view.calls() - known;
            added.merge(view.rule(), more, Long::sum);
            bySubset.merge(view.subset(), more, Long::sum);
        }
        before.clear();
        before.putAll(now);
        bySubset.forEach((subset, more) -> calls.merge(subset, more, Long::sum));
        calls.keySet().retainAll(bySubset.keySet());
        expected = expected(lanes, added, Math.exp(-Math.max(0, passedNanos) / FADE_NANOS));
    }

    private Map<String, Double> expected(List<LaneView> lanes, Map<String, Long> added, double fade) {
        double all = 0;
        for (Map.Entry<String, Long> rule : added.entrySet()) {
            all += recent.merge(rule.getKey(), (double) rule.getValue(), (earlier, more) -> earlier * fade + more);
        }
        recent.keySet().retainAll(added.keySet());
        Map<String, Double> parts = new TreeMap<>();
        for (LaneView lane : lanes) {
            double part = all > 0 ? recent.getOrDefault(lane.rule(), 0.0) / all : 1.0 / added.size();
            parts.merge(lane.subset(), part * lane.share(), Double::sum);
        }
        return parts;
    }

    /** A copy, by subset, of those that rules name now. */
    Map<String, Long> calls() {
        return Map.copyOf(calls);
    }

    /**
     * What each subset should get: the parts that rules give it, each by how many calls the rule had in about the last five minutes.
     * Without calls each rule counts alike.
     */
    Map<String, Double> expected() {
        return expected;
    }
}
