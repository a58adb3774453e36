// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

/**
 * The watches a backend holds open: one a service however many listen, begun with the first listener and ended with the
 * last. Safe for any thread; a watch is closed outside the lock.
 *
 * @param <W> the backend's watch
 */
public final class OpenWatches<W extends BackendWatch> implements AutoCloseable {
    private final String registry;
    private final Environment environment;
    private final BiFunction<String, SnapshotFeed, W> factory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, OpenWatch<W>> open = new HashMap<>(); // guarded by lock
    private boolean closed; // guarded by lock

    private record OpenWatch<W extends BackendWatch>(SnapshotFeed feed, W watch) {
        void close() {
            try {
                watch.close();
            } finally {
                feed.close();
            }
        }
    }

    /**
     * No watches yet.
     *
     * @param registry names the registry in errors
     * @param factory makes the watch of a service, not started
     */
    public OpenWatches(String registry, Environment environment, BiFunction<String, SnapshotFeed, W> factory) {
        this.registry = registry;
        this.environment = environment;
        this.factory = factory;
    }

    /**
     * Adds a listener to the watch of a service, which begins if it is the first.
     *
     * @throws IllegalArgumentException when the name is not one of a service
     * @throws NullPointerException when the listener is null
     * @throws IllegalStateException when closed
     */
    public Subscription subscribe(String service, SnapshotListener listener) {
        String name = ServiceSnapshot.empty(service, 0).service();
        // Before a watch begins that nobody would end.
        SnapshotListener heard = SnapshotFeed.requireListener(name, listener);
        lock.lock();
        try {
            requireOpen();
            OpenWatch<W> existing = open.get(name);
            OpenWatch<W> shared = existing != null ? existing : begin(name);
            return shared.feed.subscribe(heard, () -> drop(name, shared));
        } finally {
            lock.unlock();
        }
    }

    /** The watches open now, a copy. */
    public List<W> all() {
        lock.lock();
        try {
            return open.values().stream().map(OpenWatch::watch).toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Refuses a read of a closed registry.
     *
     * @throws IllegalStateException when closed
     */
    public void requireOpen() {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException(
                        "registry " + registry + " is closed (expected: an open one; close the balancer before it)");
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends every watch; no listener hears anything more. Idempotent. */
    @Override
    public void close() {
        List<OpenWatch<W>> ending;
        lock.lock();
        try {
            closed = true;
            ending = List.copyOf(open.values());
            open.clear();
        } finally {
            lock.unlock();
        }
        for (OpenWatch<W> shared : ending) {
            try {
                shared.close();
            } catch (Throwable failure) {
                environment.listener().onCallbackFailed("close of a watch of " + registry, failure);
            }
        }
    }

    private OpenWatch<W> begin(String name) {
        SnapshotFeed feed = new SnapshotFeed(name, environment);
        OpenWatch<W> made = new OpenWatch<>(feed, factory.apply(name, feed));
        open.put(name, made);
        try {
            made.watch.start();
        } catch (Throwable failed) {
            // The next listener shall find none, rather than one that does nothing.
            open.remove(name);
            throw failed;
        }
        return made;
    }

    private void drop(String name, OpenWatch<W> unused) {
        lock.lock();
        try {
            // Somebody may have come between the last listener's close and here.
            if (unused.feed.hasListeners() || !open.remove(name, unused)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        unused.close();
    }
}
