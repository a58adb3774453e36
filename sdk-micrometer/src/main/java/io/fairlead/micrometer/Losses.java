// SPDX-License-Identifier: Apache-2.0
package io.fairlead.micrometer;

import io.fairlead.api.Registration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** How often the registrations of one service were lost; those that are closed still count. Safe for any thread. */
final class Losses {
    private final ReentrantLock lock = new ReentrantLock();
    private Map<Registration, Long> before = Map.of(); // guarded by lock
    private long number; // guarded by lock

    /** In all, with what these have lost by now. */
    long number(List<Registration> open) {
        Map<Registration, Long> now = new IdentityHashMap<>();
        open.forEach(registration -> now.put(registration, registration.losses()));
        lock.lock();
        try {
            // Another reader may be ahead.
            now.replaceAll((one, losses) -> Math.max(losses, before.getOrDefault(one, 0L)));
            now.forEach((one, losses) -> number += losses - before.getOrDefault(one, 0L));
            before = now;
            return number;
        } finally {
            lock.unlock();
        }
    }
}
