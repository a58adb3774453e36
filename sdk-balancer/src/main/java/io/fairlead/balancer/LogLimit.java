// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Says which lines go to a log: of one event, service and instance one a minute, of one event and service ten a minute. What is
 * left out is counted, and the count is handed out once: with the next line of its kind, or when the minute is long over and
 * nothing followed. Keeps no more than 1,000 kinds at once; what would be one more shares its ten lines with all such of its event.
 * Safe for any thread, without a lock.
 */
final class LogLimit {
    static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
    static final int LINES = 10;
    static final int MOST_TOPICS = 1_000;

    private final Map<Topic, Window> windows = new ConcurrentHashMap<>();
    private final AtomicLong sweptNanos;

    /** What lines have in common; the service is empty when it is of none. */
    record Topic(LogEvent event, String service) {}

    /** So many lines of a topic were left out and none followed. */
    record LeftOut(Topic topic, long lines) {}

    /** Ten lines of one minute. */
    private record Told(long sinceNanos, Set<String> instances) {}

    private static final class Window {
        final AtomicReference<Told> told;
        final AtomicLong leftOut = new AtomicLong();

        Window(Told first) {
            told = new AtomicReference<>(first);
        }

        Told told() {
            return Objects.requireNonNull(told.get());
        }

        boolean isOver(long nowNanos) {
            return nowNanos - told().sinceNanos >= MINUTE_NANOS;
        }
    }

    LogLimit(long nowNanos) {
        sweptNanos = new AtomicLong(nowNanos);
    }

    /** How many lines were left out before this one, or -1 when this is left out too. */
    long ask(LogEvent event, String service, String instance, long nowNanos) {
        Topic topic = new Topic(event, service);
        Window window = windows.get(topic);
        if (window == null) {
            window = windows.size() < MOST_TOPICS ? open(topic, nowNanos) : open(new Topic(event, ""), nowNanos);
        }
        while (true) {
            Told before = window.told();
            boolean isNew = nowNanos - before.sinceNanos >= MINUTE_NANOS;
            if (!isNew && (before.instances.contains(instance) || before.instances.size() >= LINES)) {
                window.leftOut.incrementAndGet();
                return -1;
            }
            Set<String> instances = new HashSet<>(isNew ? Set.of() : before.instances);
            instances.add(instance);
            if (window.told.compareAndSet(before, new Told(isNew ? nowNanos : before.sinceNanos, instances))) {
                return isNew ? window.leftOut.getAndSet(0) : 0;
            }
        }
    }

    private Window open(Topic topic, long nowNanos) {
        return windows.computeIfAbsent(topic, first -> new Window(new Told(nowNanos, Set.of())));
    }

    /** Forgets, once a minute, each topic whose minute is over; returns those of which lines were left out. */
    List<LeftOut> sweep(long nowNanos) {
        long before = sweptNanos.get();
        if (nowNanos - before < MINUTE_NANOS || !sweptNanos.compareAndSet(before, nowNanos)) {
            return List.of();
        }
        List<LeftOut> untold = new ArrayList<>();
        windows.forEach((topic, window) -> {
            if (window.isOver(nowNanos) && windows.remove(topic, window)) {
                long lines = window.leftOut.getAndSet(0);
                if (lines > 0) {
                    untold.add(new LeftOut(topic, lines));
                }
            }
        });
        return untold;
    }

    /** How many topics are kept. */
    int size() {
        return windows.size();
    }
}
