// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.balancer.Fairlead;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatus;
import io.fairlead.balancer.ServiceStatus.LaneView;
import io.fairlead.balancer.ServiceStatus.RoutesView;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Looks at one service, at most once a second however many series ask. Safe for any thread. */
final class ServiceReader {
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LATELY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Fairlead fairlead;
    private final String service;
    private final ReentrantLock lock = new ReentrantLock();
    private final SubsetCalls subsets = new SubsetCalls(); // guarded by lock
    private @Nullable ServiceStatistics older; // guarded by lock
    private @Nullable ServiceStatistics newer; // guarded by lock; of less than a minute ago
    private long newerNanos; // guarded by lock
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
            // A service that left and came back in between began at 0.
            if (older == null || newer == null || calls(statistics) < calls(newer)) {
                older = statistics;
                newer = statistics;
                newerNanos = nowNanos;
            } else if (nowNanos - newerNanos >= LATELY_NANOS) {
                older = newer;
                newer = statistics;
                newerNanos = nowNanos;
            }
            RoutesView routes = status.routes();
            List<LaneView> lanes = routes == null ? List.of() : routes.lanes();
            subsets.read(lanes, nowNanos - readNanos);
            latest = Reading.of(statistics, older, status, subsets.calls(), subsets.expected());
            readNanos = nowNanos;
        }
    }

    private static long calls(ServiceStatistics statistics) {
        return statistics.calls().values().stream().mapToLong(Long::longValue).sum();
    }
}
