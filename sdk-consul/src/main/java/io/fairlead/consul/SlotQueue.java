// SPDX-License-Identifier: Apache-2.0
package io.fairlead.consul;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A semaphore whose waiters are tasks, first come first served. Safe for any thread; nothing runs under the lock. */
final class SlotQueue {
    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Runnable> waiting = new LinkedHashSet<>(); // guarded by lock
    private int taken; // guarded by lock

    SlotQueue(int capacity) {
        this.capacity = capacity;
    }

    /** Runs {@code task} at once or when its turn comes; it must lead to one {@link #release}. */
    void enter(Runnable task) {
        lock.lock();
        try {
            if (taken == capacity) {
                waiting.add(task);
                return;
            }
            taken++;
        } finally {
            lock.unlock();
        }
        task.run();
    }

    /** Waits no longer; false when it did not, because its turn has come. */
    boolean leave(Runnable task) {
        lock.lock();
        try {
            return waiting.remove(task);
        } finally {
            lock.unlock();
        }
    }

    void release() {
        Runnable next = next();
        if (next != null) {
            next.run();
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            Iterator<Runnable> first = waiting.iterator();
            if (!first.hasNext()) {
                taken--;
                return null;
            }
            Runnable next = first.next();
            first.remove();
            return next;
        } finally {
            lock.unlock();
        }
    }
}
