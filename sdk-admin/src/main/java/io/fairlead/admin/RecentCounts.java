// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.api.AttemptEvent;
import io.fairlead.api.CallEvent;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.Histogram;
import io.fairlead.balancer.ServiceStatistics;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What happened to each service lately, from the differences of its counts. Forgets a service that is no longer watched. Thread-safe. */
final class RecentCounts {
    private static final long SECOND = 1_000_000_000L;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, with all in it. */
    private final Map<String, OfService> services = new HashMap<>();

    private static final class OfService {
        final Window<ServiceStatistics> counts = new Window<>(SECOND);
        final Window<Map<String, Long>> instances = new Window<>(3 * SECOND);
        final Window<Map<String, Long>> lanes = new Window<>(3 * SECOND);
    }

    /** What was seen between two readings; null where nothing can be said. */
    record Seen(
            @Nullable Double callsPerSecond,
            @Nullable Double errorRatio,
            @Nullable Double p50Millis,
            @Nullable Double p99Millis,
            @Nullable Double retryRatio) {
        static final Seen NOTHING = new Seen(null, null, null, null, null);
    }

    /** Takes a reading up and says what happened since an earlier one. */
    Seen seen(ServiceStatistics now, long nanos) {
        Window.Reading<ServiceStatistics> earlier;
        lock.lock();
        try {
            Window<ServiceStatistics> window = of(now.service()).counts;
            earlier = window.before(nanos);
            if (earlier != null && total(earlier.value()) > total(now)) {
                // The service was idle and began anew.
                window.clear();
                earlier = null;
            }
            window.add(nanos, now);
        } finally {
            lock.unlock();
        }
        return earlier == null ? Seen.NOTHING : between(earlier.value(), now, (nanos - earlier.nanos()) / 1e9);
    }

    private static Seen between(ServiceStatistics then, ServiceStatistics now, double seconds) {
        long calls = total(now) - total(then);
        long good = 0;
        for (CallEvent.Result result :
                Set.of(CallEvent.Result.SUCCESS, CallEvent.Result.FALLBACK, CallEvent.Result.CANCELLED)) {
            good += now.calls(result) - then.calls(result);
        }
        Histogram durations = now.callDurations().since(then.callDurations());
        boolean timed = durations.count() > 0;
        long first = attempts(now, AttemptEvent.Kind.FIRST) - attempts(then, AttemptEvent.Kind.FIRST);
        long retries = attempts(now, AttemptEvent.Kind.RETRY) - attempts(then, AttemptEvent.Kind.RETRY);
        return new Seen(
                calls / seconds,
                calls > 0 ? Math.max(0, (double) (calls - good) / calls) : null,
                timed ? durations.quantileNanos(0.5) / 1e6 : null,
                timed ? durations.quantileNanos(0.99) / 1e6 : null,
                first > 0 ? (double) retries / first : null);
    }

    private static long total(ServiceStatistics counts) {
        return counts.calls().values().stream().mapToLong(Long::longValue).sum();
    }

    private static long attempts(ServiceStatistics counts, AttemptEvent.Kind kind) {
        long sum = 0;
        for (Outcome outcome : Outcome.values()) {
            sum += counts.attempts(kind, outcome);
        }
        return sum;
    }

    /** How much each count of instances grew lately; since the beginning when there is no earlier reading. */
    Map<String, Long> instances(String service, Map<String, Long> started, long nanos) {
        lock.lock();
        try {
            return grown(of(service).instances, started, nanos);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #instances}, of lanes. */
    Map<String, Long> lanes(String service, Map<String, Long> calls, long nanos) {
        lock.lock();
        try {
            return grown(of(service).lanes, calls, nanos);
        } finally {
            lock.unlock();
        }
    }

    private static Map<String, Long> grown(Window<Map<String, Long>> window, Map<String, Long> now, long nanos) {
        Window.Reading<Map<String, Long>> earlier = window.before(nanos);
        window.add(nanos, now);
        if (earlier == null) {
            return now;
        }
        Map<String, Long> grown = new HashMap<>();
        now.forEach((key, count) -> {
            long then = earlier.value().getOrDefault(key, 0L);
            grown.put(key, count >= then ? count - then : count);
        });
        return grown.values().stream().allMatch(count -> count == 0) ? now : grown;
    }

    private OfService of(String service) {
        return services.computeIfAbsent(service, name -> new OfService());
    }

    void retain(Set<String> watched) {
        lock.lock();
        try {
            services.keySet().retainAll(watched);
        } finally {
            lock.unlock();
        }
    }
}
