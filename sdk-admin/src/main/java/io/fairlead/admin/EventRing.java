// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Event;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The last 500 events, at most 50 of each service, so that one that flaps does not wash out the others. Thread-safe. */
final class EventRing {
    static final int MOST = 500;
    static final int MOST_OF_ONE = 50;
    private static final int MOST_TEXT = 500;
    private static final int MOST_OFTEN = 1_000;
    private static final long OFTEN_MILLIS = 1_000;

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** Oldest first; guarded by the lock, as is what follows. */
    private final Deque<Event> events = new ArrayDeque<>();

    private final Map<String, Integer> ofService = new HashMap<>();
    private long seq;

    /** What happens with every call: when it was last told, by service, kind and detail. */
    private final Map<String, Often> often = new ConcurrentHashMap<>();

    /** What happens. */
    enum Kind {
        LIST,
        INTERRUPTED,
        RESTORED,
        HELD,
        RELEASED,
        ENTRY_REJECTED,
        REGISTERED,
        DEREGISTERED,
        REGISTRATION_LOST,
        REGISTRATION_REPAIRED,
        HEALTH,
        PANIC,
        WEIGHT_LEVEL,
        DEGRADED,
        RETRY_BUDGET,
        SERVICE_GUARD,
        REJECTED,
        NO_INSTANCE,
        ROUTES_CHANGED,
        ROUTES_KEPT,
        CALLBACK_FAILED
    }

    private static final Set<String> OF_REGISTRATIONS = Set.of(
            EventLog.word(Kind.REGISTERED),
            EventLog.word(Kind.DEREGISTERED),
            EventLog.word(Kind.REGISTRATION_LOST),
            EventLog.word(Kind.REGISTRATION_REPAIRED));

    private record Often(AtomicLong toldMillis, AtomicLong since) {}

    EventRing(Clock clock) {
        this.clock = clock;
    }

    void add(
            String service,
            @Nullable String instance,
            Kind kind,
            @Nullable String from,
            @Nullable String to,
            String text) {
        String at = Moments.now(clock);
        String shown = text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "…";
        lock.lock();
        try {
            if (ofService.getOrDefault(service, 0) >= MOST_OF_ONE) {
                removeOldest(event -> event.service().equals(service));
            } else if (events.size() >= MOST) {
                removeOldest(event -> true);
            }
            events.add(new Event(at, ++seq, service, instance, EventLog.word(kind), from, to, shown));
            ofService.merge(service, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    private void removeOldest(Predicate<Event> which) {
        for (Iterator<Event> oldest = events.iterator(); oldest.hasNext(); ) {
            Event event = oldest.next();
            if (which.test(event)) {
                oldest.remove();
                ofService.computeIfPresent(event.service(), (service, count) -> count == 1 ? null : count - 1);
                return;
            }
        }
    }

    /** As {@link #add}, once a second for the same; the next one says how many there were meanwhile. */
    void addOften(String service, Kind kind, @Nullable String detail, String text) {
        if (often.size() > MOST_OFTEN) {
            often.clear();
        }
        Often one = often.computeIfAbsent(
                service + ' ' + kind + ' ' + detail,
                key -> new Often(new AtomicLong(Long.MIN_VALUE), new AtomicLong()));
        long now = clock.millis();
        long told = one.toldMillis.get();
        boolean tell = (told == Long.MIN_VALUE || now - told >= OFTEN_MILLIS || now < told)
                && one.toldMillis.compareAndSet(told, now);
        if (tell) {
            long more = one.since.getAndSet(0);
            add(service, null, kind, null, detail, more == 0 ? text : text + " (and " + more + " more before)");
        } else {
            one.since.incrementAndGet();
        }
    }

    /** Newest first. */
    List<Event> newest(int most, Predicate<Event> which) {
        List<Event> found = new ArrayList<>();
        lock.lock();
        try {
            Iterator<Event> newest = events.descendingIterator();
            while (newest.hasNext() && found.size() < most) {
                Event event = newest.next();
                if (which.test(event)) {
                    found.add(event);
                }
            }
        } finally {
            lock.unlock();
        }
        return found;
    }

    List<Event> newest(int most) {
        return newest(most, event -> true);
    }

    List<Event> after(long seen) {
        return newest(MOST, event -> event.seq() > seen);
    }

    List<Event> ofService(String service) {
        return newest(MOST_OF_ONE, event -> event.service().equals(service));
    }

    /** When a registration last came, went or was repaired, as far back as events are kept; else null. */
    @Nullable
    String lastOfRegistration(String service, String id) {
        List<Event> found = newest(
                1,
                event -> id.equals(event.instance())
                        && event.service().equals(service)
                        && OF_REGISTRATIONS.contains(event.kind()));
        return found.isEmpty() ? null : found.get(0).at();
    }
}
