// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.balancer.DynamicWeights;
import io.fairlead.balancer.stage.Nanos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The dynamic levels of one service's instances, judged together once a window, so that each is compared with its peers
 * and not all are reduced. Belongs to the service's updates.
 */
final class HealthLevels {
    private final DynamicWeights options;
    private final long windowNanos;
    private long sinceNanos;
    private boolean degraded;

    /** A level that moved. */
    record Change(InstanceState state, int from, int to, String evidence) {}

    HealthLevels(DynamicWeights options, long nowNanos) {
        this.options = options;
        this.windowNanos = Nanos.of(options.window());
        this.sinceNanos = nowNanos;
    }

    /** Whether so many instances are over the bands that slowness raises nobody's level. */
    boolean isDegraded() {
        return degraded;
    }

    /** The levels that move at the end of a window; none while it lasts. */
    List<Change> judge(List<InstanceState> members, long nowNanos) {
        if (nowNanos - sinceNanos < windowNanos) {
            return List.of();
        }
        sinceNanos = nowNanos;
        List<InstanceState> judged = new ArrayList<>(members.size());
        for (InstanceState state : members) {
            if (state.gate().isServing(nowNanos)
                    && !state.listing().isWarming(nowNanos)
                    && state.instance().status().isUsable()) {
                state.healthLevel().close(state.counts());
                judged.add(state);
            } else {
                state.healthLevel().skip(state.counts());
            }
        }
        return move(judged, nowNanos);
    }

    private List<Change> move(List<InstanceState> judged, long nowNanos) {
        DynamicWeights.Hysteresis hysteresis = options.hysteresis();
        double[] latencies = judged.stream()
                .mapToDouble(state -> state.healthLevel().latencyNanos())
                .filter(latency -> !Double.isNaN(latency))
                .sorted()
                .toArray();
        int[] slowness = new int[judged.size()];
        int over = 0;
        int reduced = 0;
        for (int i = 0; i < slowness.length; i++) {
            HealthLevel level = judged.get(i).healthLevel();
            boolean slowAmongPeers =
                    level.latencyNanos() >= hysteresis.relativeGuard() * peersMedian(latencies, level.latencyNanos());
            slowness[i] = slowAmongPeers ? level.latencyLevel() : 0;
            over += Math.max(level.latencyLevel(), level.errorLevel()) > 0 ? 1 : 0;
            reduced += Math.max(level.now(), Math.max(slowness[i], level.errorLevel())) > 0 ? 1 : 0;
        }
        double most = hysteresis.maxReducedRatio() * judged.size();
        degraded = !judged.isEmpty() && (over > most || reduced > most);
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < slowness.length; i++) {
            HealthLevel level = judged.get(i).healthLevel();
            int errors = reduced == judged.size() ? Math.min(level.now(), level.errorLevel()) : level.errorLevel();
            int wanted = reduced > most ? errors : Math.max(errors, slowness[i]);
            int from = level.now();
            if (level.move(wanted, nowNanos)) {
                changes.add(new Change(judged.get(i), from, level.now(), level.evidence()));
            }
        }
        return changes;
    }

    /** The median of the sorted latencies but one of {@code own}; 0 when there is no other. */
    private static double peersMedian(double[] latencies, double own) {
        if (latencies.length < 2 || Double.isNaN(own)) {
            return 0;
        }
        int mine = Arrays.binarySearch(latencies, own);
        int lower = (latencies.length - 2) / 2;
        int upper = (latencies.length - 1) / 2;
        return (latencies[lower + (lower >= mine ? 1 : 0)] + latencies[upper + (upper >= mine ? 1 : 0)]) / 2;
    }
}
