// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.breakers;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The breakers by name. All windows are those of Fairlead's default: 10 s, or 100 calls. */
final class Subjects {
    private static final int CALLS = 100;
    private static final int SECONDS = 10;

    private Subjects() {}

    static Map<String, Supplier<Subject>> all() {
        Map<String, Supplier<Subject>> all = new TreeMap<>();
        all.put("baseline_read_and_count", BaselineSubjects::counting);
        all.put("baseline_read_and_add", BaselineSubjects::adding);
        all.put("fairlead_time", () -> FairleadSubject.time(false));
        all.put("fairlead_time_own_clock", () -> FairleadSubject.time(true));
        all.put("fairlead_count", FairleadSubject::count);
        for (SlidingWindowSynchronizationStrategy strategy : SlidingWindowSynchronizationStrategy.values()) {
            CircuitBreakerConfig count = resilience4j(SlidingWindowType.COUNT_BASED, CALLS, strategy);
            CircuitBreakerConfig time = resilience4j(SlidingWindowType.TIME_BASED, SECONDS, strategy);
            String suffix = strategy == SlidingWindowSynchronizationStrategy.SYNCHRONIZED ? "" : "_lock_free";
            all.put("resilience4j_count" + suffix, () -> new Resilience4jSubject(count));
            all.put("resilience4j_time" + suffix, () -> new Resilience4jSubject(time));
        }
        all.put("failsafe_count", () -> FailsafeSubject.count(CALLS));
        all.put("failsafe_time", () -> FailsafeSubject.time(Duration.ofSeconds(SECONDS)));
        all.put("armeria_time", () -> new ArmeriaSubject(Duration.ofSeconds(SECONDS)));
        all.put("sentinel_time", () -> new SentinelSubject(Duration.ofSeconds(SECONDS)));
        return all;
    }

    private static CircuitBreakerConfig resilience4j(
            SlidingWindowType type, int size, SlidingWindowSynchronizationStrategy strategy) {
        return CircuitBreakerConfig.custom()
                .slidingWindow(size, 20, type, strategy)
                .waitDurationInOpenState(Duration.ofHours(1))
                .build();
    }
}
