// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.RegistryException;
import io.fairlead.balancer.stage.Nanos;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How current a service's list is: whether there is one, when the registry last confirmed it, what interrupts the watch.
 * Any thread reads; the service's watch and its store write.
 */
final class Freshness {
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private volatile @Nullable RegistryException interruption;
    private volatile boolean fromStore;
    private volatile long freshNanos;
    private volatile long revision;

    Freshness(long nowNanos) {
        this.freshNanos = nowNanos;
    }

    /** The registry sent a list, which is about to be adopted. */
    void heard(long nowNanos) {
        interruption = null;
        freshNanos = nowNanos;
    }

    /** The registry's list has been adopted. */
    void listed(long listRevision) {
        revision = listRevision;
        fromStore = false;
        boolean unused = ready.complete(null);
    }

    /** The registry does not answer, and a list kept on disk stands in. */
    void restored(long listRevision) {
        revision = listRevision;
        fromStore = true;
        boolean unused = ready.complete(null);
    }

    void confirmed(long nowNanos) {
        freshNanos = nowNanos;
    }

    void interrupted(RegistryException cause) {
        interruption = cause;
    }

    /** Waits for the first list; true when it has come. */
    boolean await(long nanos) {
        if (isReady()) {
            return true;
        }
        try {
            ready.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException | ExecutionException late) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean isReady() {
        return ready.isDone();
    }

    /** Whether the next list follows a time in which changes may have been missed. */
    boolean isStale() {
        return interruption != null || fromStore;
    }

    /** Whether the list is one kept on disk. */
    boolean isFromStore() {
        return fromStore;
    }

    @Nullable
    RegistryException interruption() {
        return interruption;
    }

    Duration age(long nowNanos) {
        return Duration.ofNanos(Math.max(0, nowNanos - freshNanos));
    }

    long revision() {
        return revision;
    }

    /** Whether the registry has been silent for longer than a list may be used; false when there is no such limit (null). */
    boolean isOlderThan(Duration maxAge, long nowNanos) {
        return interruption != null && nowNanos - freshNanos >= Nanos.of(maxAge);
    }
}
