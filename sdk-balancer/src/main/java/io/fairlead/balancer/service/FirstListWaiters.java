// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Calls that wait for a service's first list without a thread. A call that is over takes itself out, so nothing is left of
 * it however long the registry is silent. When the list comes, the others go on, on a few threads. Safe for any thread.
 */
public final class FirstListWaiters {
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
    private final Executor workers;
    private volatile boolean hasCome;

    /** On {@code workers}, which must bound its threads. */
    FirstListWaiters(Executor workers) {
        this.workers = workers;
    }

    /** Runs {@code next} once, when the list has come; at once when it has. */
    public void add(Runnable next) {
        waiting.add(next);
        // Reads after it adds: a list that comes in between finds it, or is seen here.
        if (hasCome) {
            hand(next);
        }
    }

    /** It waits no longer. */
    public void remove(Runnable next) {
        waiting.remove(next);
    }

    /** There is a list; not under a lock, because the calls go on from here. */
    void announce() {
        if (!hasCome) {
            hasCome = true;
            waiting.forEach(this::hand);
        }
    }

    public int size() {
        return waiting.size();
    }

    private void hand(Runnable next) {
        if (waiting.remove(next)) {
            try {
                workers.execute(next);
            } catch (Throwable refused) {
                // Its timer lets it go on later; the list, and the others, must not suffer.
            }
        }
    }
}
