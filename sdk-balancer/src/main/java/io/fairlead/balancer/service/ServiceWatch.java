// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceDiscovery;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.balancer.store.SnapshotStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Brings the lists of one service to its roster: those of the registry, and the one kept on disk while the registry has not
 * given any. Each list is adopted within the updates; of several that wait for an earlier change only the newest is. Takes no
 * lock. Safe for any thread.
 */
final class ServiceWatch implements SnapshotListener {
    private static final Duration STORE_AFTER = Duration.ofMillis(500);

    private final String service;
    private final ServiceSetup.Given options;
    private final Freshness freshness;
    private final Roster roster;
    private final Updates updates;
    private final AtomicReference<@Nullable Delivery> delivered = new AtomicReference<>();
    private final AtomicReference<@Nullable Subscription> subscription = new AtomicReference<>();
    private volatile boolean closed;

    /** A list that waits to be adopted. */
    private record Delivery(ServiceSnapshot list, boolean afterInterruption, CountDownLatch adopted) {
        /** The newer one of two; what an interruption may have hidden from the older is hidden from it too. */
        Delivery after(@Nullable Delivery untaken) {
            return untaken == null ? this : new Delivery(list, afterInterruption || untaken.afterInterruption, adopted);
        }
    }

    ServiceWatch(String service, ServiceSetup.Given options, Freshness freshness, Roster roster, Updates updates) {
        this.service = service;
        this.options = options;
        this.freshness = freshness;
        this.roster = roster;
        this.updates = updates;
    }

    /** Once. */
    void start(ServiceDiscovery discovery) {
        if (options.store() != null) {
            var unused = options.environment()
                    .scheduler()
                    .schedule(this::useStored, STORE_AFTER.toNanos(), TimeUnit.NANOSECONDS);
        }
        subscription.set(discovery.watch(service, this));
        if (closed) {
            endWatch();
        }
    }

    /** No list is adopted from now on. Idempotent. */
    void close() {
        closed = true;
        endWatch();
        SnapshotStore store = options.store();
        if (store != null) {
            store.forget(service);
        }
    }

    private void endWatch() {
        Subscription ending = subscription.getAndSet(null);
        if (ending != null) {
            try {
                ending.close();
            } catch (Throwable failure) {
                // Others' watches are to end too.
                options.environment().listener().onCallbackFailed("the end of the watch of '" + service + "'", failure);
            }
        }
    }

    /**
     * When this returns, the list is in force, unless something of a user's hangs in an earlier change: then the list waits
     * for it alone, and of several the newest.
     */
    @Override
    public void onSnapshot(ServiceSnapshot next) {
        Delivery mine = new Delivery(next, freshness.isStale(), new CountDownLatch(1));
        Delivery before = delivered.getAndUpdate(untaken -> mine.after(untaken));
        freshness.heard(now());
        if (before == null) {
            updates.change(this::adoptDelivered);
        }
        Updates.await(mine.adopted());
    }

    private void adoptDelivered() {
        Delivery delivery = delivered.getAndSet(null);
        if (delivery != null) {
            try {
                adopt(delivery);
            } finally {
                delivery.adopted.countDown();
            }
        }
    }

    private void adopt(Delivery delivery) {
        if (closed) {
            return;
        }
        ServiceSnapshot next = delivery.list();
        boolean afterInterruption = delivery.afterInterruption() || freshness.isFromStore();
        roster.adopt(next, afterInterruption, now());
        freshness.listed(next.revision(), roster.held(), now());
        SnapshotStore store = options.store();
        if (store != null) {
            store.save(new ServiceSnapshot(service, next.revision(), roster.instances()));
        }
    }

    @Override
    public void onInterrupted(RegistryException cause) {
        if (freshness.interruption() == null) {
            options.counts().interruption();
        }
        freshness.interrupted(cause, now());
        useStored();
    }

    @Override
    public void onConfirmed() {
        freshness.confirmed(now());
    }

    /** The registry does not answer and there is no list yet: better yesterday's than none. */
    private void useStored() {
        SnapshotStore store = options.store();
        if (store != null && !freshness.isReady()) {
            store.load(service, this::adoptStored);
        }
    }

    private void adoptStored(ServiceSnapshot stored) {
        updates.change(() -> {
            if (closed || freshness.isReady() || stored.isEmpty()) {
                return;
            }
            roster.adopt(stored, false, now());
            freshness.restored(stored.revision(), now());
        });
    }

    private long now() {
        return options.environment().ticker().nanos();
    }
}
