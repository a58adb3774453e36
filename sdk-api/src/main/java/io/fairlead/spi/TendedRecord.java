// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One instance's record in the registry: written, kept alive, read back, repaired, taken away. Everything that touches
 * the registry belongs to the registration's serial queue; any thread reads the rest.
 */
final class TendedRecord {
    private final RegistrationBackend backend;
    private final Supplier<ServiceInstance> wanted;
    private final Duration readBack;
    private final Environment environment;
    private volatile boolean removed;
    private volatile boolean broken;
    private volatile @Nullable RegistryException lastError;
    private final AtomicLong losses = new AtomicLong();

    // The rest belongs to the serial queue.
    private final Backoff backoff;
    private ServiceInstance written;
    private long nextReadBackNanos;
    private boolean droppedForHealth;

    /** @param wanted what the record should say now */
    TendedRecord(
            RegistrationBackend backend, Supplier<ServiceInstance> wanted, Duration readBack, Environment environment) {
        this.backend = backend;
        this.wanted = wanted;
        this.readBack = readBack;
        this.environment = environment;
        this.backoff = Backoff.ofRegistry(environment.random());
        this.written = wanted.get();
    }

    /** The first write; its failure is the caller's. */
    void create() {
        backend.write(written);
        planReadBack();
    }

    /** One round of care: what is lost or different is written again. */
    void tend() {
        if (removed) {
            return;
        }
        ServiceInstance now = wanted.get();
        if (broken || droppedForHealth || !now.equals(written)) {
            publish();
        } else if (!backend.beat(now)) {
            lost("the registry does not know it any more");
            publish();
        } else if (environment.ticker().nanos() - nextReadBackNanos >= 0) {
            planReadBack();
            if (!backend.isIntact(now)) {
                lost("the registry's record is absent or differs");
                publish();
            }
        }
    }

    /** The next round of care reads back. */
    void doubt() {
        nextReadBackNanos = environment.ticker().nanos();
    }

    /** Writes what is wanted now. */
    void publish() {
        if (removed) {
            return;
        }
        ServiceInstance now = wanted.get();
        backend.write(now);
        written = now;
        droppedForHealth = false;
        lastError = null;
        backoff.reset();
        if (broken) {
            broken = false;
            environment.listener().onRegistrationRepaired(now);
        }
    }

    /** Ill for too long: off the list until it is well again. */
    void dropForHealth() {
        if (!removed && !droppedForHealth) {
            backend.remove();
            droppedForHealth = true;
        }
    }

    /** Takes the record away; nothing brings it back. */
    void remove() {
        removed = true;
        backend.remove();
    }

    /** Nothing touches the registry any more, whether or not the record is gone. */
    void abandon() {
        removed = true;
    }

    boolean isRemoved() {
        return removed;
    }

    boolean isBroken() {
        return broken;
    }

    /** How often it was lost. */
    long losses() {
        return losses.get();
    }

    @Nullable
    RegistryException lastError() {
        return lastError;
    }

    /** An exchange with the registry failed; the next round writes again. */
    RegistryException failed(Throwable failure) {
        RegistryException known = failure instanceof RegistryException told
                ? told
                : new RegistryException(RegistryException.Reason.UNAVAILABLE, String.valueOf(failure), failure);
        lastError = known;
        lost(String.valueOf(known.getMessage()));
        return known;
    }

    void blame(RegistryException failure) {
        lastError = failure;
    }

    /** How long to wait after a failure, in nanoseconds; each call counts one more. */
    long retryNanos() {
        return backoff.nextNanos();
    }

    private void lost(String reason) {
        if (!broken && !removed) {
            broken = true;
            losses.incrementAndGet();
            environment.listener().onRegistrationLost(wanted.get(), reason);
        }
    }

    private void planReadBack() {
        double jitter = 0.8 + 0.4 * environment.random().nextDouble();
        nextReadBackNanos = environment.ticker().nanos() + (long) (readBack.toNanos() * jitter);
    }
}
