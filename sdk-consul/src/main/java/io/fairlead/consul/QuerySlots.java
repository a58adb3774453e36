// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How many queries are held at once: an agent closes connections beyond 200 of one client, and heartbeats need some too.
 * Up to the capacity each watch has a slot for good; beyond it they take turns, each with a wait so short that everybody's
 * turn comes within {@link #ROUND}. Safe for any thread; nothing runs under the lock.
 */
final class QuerySlots {
    static final int CAPACITY = 64;
    static final Duration ROUND = Duration.ofSeconds(12);

    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Runnable> waiting = new ArrayDeque<>(); // guarded by lock
    private int taken; // guarded by lock
    private int watches; // guarded by lock

    void watchOpened() {
        locked(() -> watches++);
    }

    void watchClosed() {
        locked(() -> watches--);
    }

    /** Runs {@code query} at once or when its turn comes; it must lead to one {@link #release}. */
    void acquire(Runnable query) {
        lock.lock();
        try {
            if (taken == CAPACITY) {
                waiting.add(query);
                return;
            }
            taken++;
        } finally {
            lock.unlock();
        }
        query.run();
    }

    void release() {
        Runnable next = next();
        if (next != null) {
            next.run();
        }
    }

    /** How long one query may be held so that everybody gets a turn. */
    Duration hold(Duration usual) {
        lock.lock();
        try {
            if (watches <= CAPACITY) {
                return usual;
            }
            Duration share = ROUND.multipliedBy(CAPACITY).dividedBy(watches);
            return share.compareTo(usual) < 0 ? share : usual;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            Runnable next = waiting.poll();
            if (next == null) {
                taken--;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }
}
