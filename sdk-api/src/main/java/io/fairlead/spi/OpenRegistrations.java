// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The registrations a backend holds open: one per id, closed together with the registry. Safe for any thread; the
 * registry is never called under the lock.
 */
public final class OpenRegistrations implements AutoCloseable {
    private final RegistrationTiming timing;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, CompletableFuture<Void>> claimed = new HashMap<>(); // guarded by lock; done when started
    private final Map<String, RegistrationLoop> open = new HashMap<>(); // guarded by lock
    private boolean closed; // guarded by lock

    /** Tends registrations at these times. */
    public OpenRegistrations(RegistrationTiming timing, Environment environment) {
        this.timing = timing;
        this.environment = environment;
    }

    /**
     * Starts a {@link RegistrationLoop} and holds it until it is closed.
     *
     * @param probeHere whether this process runs HTTP, TCP and gRPC checks
     * @throws IllegalStateException when this id is registered here already, or when closed, also meanwhile: nothing stays
     *     registered then
     */
    public Registration start(
            ServiceInstance instance, HealthCheck check, RegistrationBackend backend, boolean probeHere) {
        String key = instance.service() + "/" + instance.id();
        CompletableFuture<Void> started = new CompletableFuture<>();
        locked(() -> {
            if (closed) {
                throw new IllegalStateException(
                        "registration of '" + instance.id() + "': the registry is closed (expected: an open one)");
            }
            if (claimed.putIfAbsent(key, started) != null) {
                throw new IllegalStateException("id '" + instance.id() + "' of '" + instance.service()
                        + "' is registered already (expected: close the other Registration first, or another id)");
            }
        });
        try {
            RegistrationLoop loop =
                    RegistrationLoop.start(instance, check, backend, timing, probeHere, environment, () -> forget(key));
            if (!keep(key, loop)) {
                loop.undo(null);
                throw new IllegalStateException("registry was closed while '" + instance.id()
                        + "' was registered (expected: to be closed when nobody registers any more)");
            }
            return loop;
        } catch (Throwable refused) {
            forget(key);
            throw refused;
        } finally {
            started.complete(null);
        }
    }

    /** False when the registry was closed meanwhile. */
    private boolean keep(String key, RegistrationLoop loop) {
        lock.lock();
        try {
            // It may have been closed by itself meanwhile, and forgotten.
            if (!closed && claimed.containsKey(key)) {
                open.put(key, loop);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Those that are open, by service and id; a copy. */
    public List<Registration> list() {
        lock.lock();
        try {
            return List.copyOf(new TreeMap<>(open).values());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes every open registration, all at once, within their deadline; one that is being started is waited for as long
     * and taken back. Idempotent.
     */
    @Override
    public void close() {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        List<RegistrationLoop> ending;
        lock.lock();
        try {
            closed = true;
            ending = List.copyOf(open.values());
            // Those that are being started see that it is closed, and undo themselves.
            claimed.forEach((key, started) -> {
                if (!open.containsKey(key)) {
                    ends.add(started);
                }
            });
        } finally {
            lock.unlock();
        }
        ending.forEach(loop -> ends.add(loop.closeAsync()));
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, timing.deadline().toNanos(), TimeUnit.NANOSECONDS)
                .join();
    }

    private void forget(String key) {
        locked(() -> {
            claimed.remove(key);
            open.remove(key);
        });
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
