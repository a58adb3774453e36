// SPDX-License-Identifier: Apache-2.0
package io.fairlead.admin;

import io.fairlead.admin.Model.Pick;
import io.fairlead.api.Outcome;
import io.fairlead.api.ServiceInstance;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The last attempts of services that somebody watches, at most 50 a second of all. Thread-safe. */
final class PickRing {
    private static final int MOST = 200;
    private static final int MOST_SHOWN = 50;
    private static final int MOST_A_SECOND = 50;
    private static final long ARMED_MILLIS = 60_000;

    private final Clock clock;
    private volatile long armedUntilMillis = Long.MIN_VALUE;
    private final ReentrantLock lock = new ReentrantLock();
    /** Oldest first; guarded by the lock, as is what follows. */
    private final Deque<Pick> picks = new ArrayDeque<>();

    private long second;
    private int inSecond;

    PickRing(Clock clock) {
        this.clock = clock;
    }

    /** Somebody watches: records for a minute. */
    void arm() {
        armedUntilMillis = clock.millis() + ARMED_MILLIS;
    }

    /** Reads no clock once the minute is over. */
    boolean isArmed() {
        long until = armedUntilMillis;
        if (until == Long.MIN_VALUE) {
            return false;
        }
        if (clock.millis() < until) {
            return true;
        }
        // Who arms at this moment does so again with the next look.
        armedUntilMillis = Long.MIN_VALUE;
        return false;
    }

    void add(ServiceInstance instance, int number, Outcome outcome, long latencyNanos) {
        if (!admits(clock.millis() / 1_000)) {
            return;
        }
        Pick pick = new Pick(
                Moments.now(clock),
                instance.service(),
                instance.id(),
                number,
                number == 1 ? "first" : "again",
                List.of(),
                List.of(),
                null,
                EventLog.word(outcome),
                latencyNanos / 1e6);
        lock.lock();
        try {
            if (picks.size() >= MOST) {
                picks.removeFirst();
            }
            picks.add(pick);
        } finally {
            lock.unlock();
        }
    }

    private boolean admits(long now) {
        lock.lock();
        try {
            if (now != second) {
                second = now;
                inSecond = 0;
            }
            return inSecond++ < MOST_A_SECOND;
        } finally {
            lock.unlock();
        }
    }

    /** Newest first. */
    List<Pick> of(String service) {
        List<Pick> found = new ArrayList<>();
        lock.lock();
        try {
            Iterator<Pick> newest = picks.descendingIterator();
            while (newest.hasNext() && found.size() < MOST_SHOWN) {
                Pick pick = newest.next();
                if (pick.service().equals(service)) {
                    found.add(pick);
                }
            }
        } finally {
            lock.unlock();
        }
        return found;
    }
}
