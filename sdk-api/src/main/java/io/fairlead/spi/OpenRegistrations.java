// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.ServiceInstance;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final Set<String> claimed = new HashSet<>(); // guarded by lock
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
     * @throws IllegalStateException when this id is registered here already, or when closed
     */
    public Registration start(
            ServiceInstance instance, HealthCheck check, RegistrationBackend backend, boolean probeHere) {
        String key = instance.service() + "/" + instance.id();
        locked(() -> {
            if (closed) {
                throw new IllegalStateException("registry is closed");
            }
            if (!claimed.add(key)) {
                throw new IllegalStateException(
                        "id '" + instance.id() + "' of '" + instance.service() + "' is registered already");
            }
        });
        RegistrationLoop loop;
        try {
            loop = RegistrationLoop.start(instance, check, backend, timing, probeHere, environment, () -> forget(key));
        } catch (RuntimeException refused) {
            forget(key);
            throw refused;
        }
        lock.lock();
        try {
            // It may have been closed meanwhile, and forgotten.
            if (claimed.contains(key)) {
                open.put(key, loop);
            }
        } finally {
            lock.unlock();
        }
        return loop;
    }

    /** Closes every open registration, all at once, within their deadline. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        List<RegistrationLoop> ending;
        try {
            closed = true;
            ending = List.copyOf(open.values());
        } finally {
            lock.unlock();
        }
        CompletableFuture<?>[] ends =
                ending.stream().map(RegistrationLoop::closeAsync).toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(ends)
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
