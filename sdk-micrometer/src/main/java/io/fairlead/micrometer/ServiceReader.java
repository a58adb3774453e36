// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.ServiceStatus.LaneView;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Looks at one service, at most once a second however many series ask. Safe for any thread. */
final class ServiceReader {
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** How fast earlier calls of a rule count less. */
    private static final double FADE_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final Fairlead fairlead;
    private final String service;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Long> callsBefore = new HashMap<>(); // guarded by lock; by rule, those of its routes
    private final Map<String, Double> recent = new HashMap<>(); // guarded by lock; by rule, fading
    private long readNanos; // guarded by lock
    private volatile @Nullable Reading latest;

    ServiceReader(Fairlead fairlead, String service) {
        this.fairlead = fairlead;
        this.service = service;
    }

    /** The latest look; null before the first, and the last one once the service is not watched any more. */
    @Nullable
    Reading reading() {
        long nowNanos = fairlead.environment().ticker().nanos();
        // Who finds another reading takes what there is.
        if (lock.tryLock()) {
            try {
                if (latest == null || nowNanos - readNanos >= KEPT_NANOS) {
                    read(nowNanos);
                }
            } finally {
                lock.unlock();
            }
        }
        return latest;
    }

    private void read(long nowNanos) {
        ServiceStatus status = fairlead.status(service);
        ServiceStatistics statistics = fairlead.statistics(service);
        if (status != null && statistics != null) {
            latest = Reading.of(statistics, status, expected(status, nowNanos - readNanos));
            readNanos = nowNanos;
        }
    }

    /**
     * What each subset should get: the parts that rules give it, each by how many calls the rule had in about the last five minutes.
     * Without calls each rule counts alike.
     */
    private Map<String, Double> expected(ServiceStatus status, long passedNanos) {
        if (status.routes() == null) {
            callsBefore.clear();
            recent.clear();
            return Map.of();
        }
        Map<String, Long> calls = new HashMap<>();
        for (LaneView lane : status.routes().lanes()) {
            calls.merge(lane.rule(), lane.calls(), Long::sum);
        }
        double fade = Math.exp(-Math.max(0, passedNanos) / FADE_NANOS);
        double all = 0;
        for (Map.Entry<String, Long> rule : calls.entrySet()) {
            long added = Math.max(0, rule.getValue() - callsBefore.getOrDefault(rule.getKey(), 0L));
            all += recent.merge(rule.getKey(), (double) added, (before, more) -> before * fade + more);
        }
        callsBefore.clear();
        callsBefore.putAll(calls);
        recent.keySet().retainAll(calls.keySet());
        Map<String, Double> expected = new TreeMap<>();
        for (LaneView lane : status.routes().lanes()) {
            double part = all > 0 ? recent.getOrDefault(lane.rule(), 0.0) / all : 1.0 / calls.size();
            expected.merge(lane.subset(), part * lane.share(), Double::sum);
        }
        return expected;
    }
}
