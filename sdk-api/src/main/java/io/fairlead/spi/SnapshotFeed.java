// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.EventListener;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Shares the watch a backend keeps on one service among any number of listeners, with the manners
 * {@link SnapshotListener} promises: each hears calls one at a time and in order, a late one is told how things stand, a
 * slow or throwing one disturbs nobody else, and a slow one skips snapshots that were overtaken. Safe for any thread;
 * no listener is called under a lock.
 */
public final class SnapshotFeed {
    private final String service;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Subscriber> subscribers = new ArrayList<>(); // guarded by lock
    private @Nullable ServiceSnapshot last; // guarded by lock
    private @Nullable RegistryException interruption; // guarded by lock
    private long interruptedAtNanos; // guarded by lock
    private boolean closed; // guarded by lock

    /** A feed for one service, without a snapshot yet. */
    public SnapshotFeed(String service, Environment environment) {
        this.service = service;
        this.environment = environment;
    }

    /**
     * Adds a listener and tells it what is known.
     *
     * @param onLastClosed runs, on the closing thread, when a close leaves the feed without listeners
     */
    public Subscription subscribe(SnapshotListener listener, Runnable onLastClosed) {
        Subscriber subscriber = new Subscriber(listener);
        lock.lock();
        try {
            subscribers.add(subscriber);
            if (last != null) {
                subscriber.offer(last);
            }
            if (interruption != null) {
                subscriber.interrupt(interruption);
            }
        } finally {
            lock.unlock();
        }
        return () -> {
            if (unsubscribe(subscriber)) {
                onLastClosed.run();
            }
        };
    }

    /** The registry's list. Equal to the last one and without an interruption between, it counts as a confirmation. */
    public void publish(List<ServiceInstance> instances) {
        RegistryException healed;
        lock.lock();
        try {
            healed = interruption;
            ServiceSnapshot next = new ServiceSnapshot(service, last == null ? 1 : last.revision() + 1, instances);
            if (closed) {
                return;
            }
            if (last != null && healed == null && last.instances().equals(next.instances())) {
                subscribers.forEach(Subscriber::confirm);
                return;
            }
            interruption = null;
            last = next;
            subscribers.forEach(subscriber -> subscriber.offer(next));
        } finally {
            lock.unlock();
        }
        if (healed != null) {
            long outage = environment.ticker().nanos() - interruptedAtNanos;
            events().onWatchRestored(service, Duration.ofNanos(outage));
        }
    }

    /** The registry confirmed the last list without sending it. Ignored while interrupted. */
    public void confirm() {
        locked(() -> {
            if (interruption == null && last != null) {
                subscribers.forEach(Subscriber::confirm);
            }
        });
    }

    /** The watch lost its thread. Repeating the same cause tells nobody again. */
    public void interrupt(RegistryException cause) {
        boolean news;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            RegistryException before = interruption;
            news = before == null || !String.valueOf(before.getMessage()).equals(String.valueOf(cause.getMessage()));
            if (before == null) {
                interruptedAtNanos = environment.ticker().nanos();
            }
            interruption = cause;
            if (news) {
                subscribers.forEach(subscriber -> subscriber.interrupt(cause));
            }
        } finally {
            lock.unlock();
        }
        if (news) {
            events().onWatchInterrupted(service, cause);
        }
    }

    /** The last list, or null before the first. */
    public @Nullable ServiceSnapshot last() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    /** Why the watch does not work now, or null when it does. */
    public @Nullable RegistryException interruption() {
        lock.lock();
        try {
            return interruption;
        } finally {
            lock.unlock();
        }
    }

    /** Whether anybody listens. */
    public boolean hasListeners() {
        lock.lock();
        try {
            return !subscribers.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Lets every listener go; later news is dropped. */
    public void close() {
        locked(() -> {
            closed = true;
            subscribers.forEach(Subscriber::end);
            subscribers.clear();
        });
    }

    private boolean unsubscribe(Subscriber subscriber) {
        lock.lock();
        try {
            subscriber.end();
            return subscribers.remove(subscriber) && subscribers.isEmpty() && !closed;
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

    private EventListener events() {
        return environment.listener();
    }

    /** One listener's queue; all methods but the tasks are called under the feed's lock. */
    private final class Subscriber {
        private final SnapshotListener listener;
        private final SerialTasks tasks;
        private volatile boolean ended;
        private volatile @Nullable ServiceSnapshot newest;

        Subscriber(SnapshotListener listener) {
            this.listener = listener;
            this.tasks = new SerialTasks(
                    environment,
                    failure -> events().onCallbackFailed("snapshot listener of '" + service + "'", failure));
        }

        void offer(ServiceSnapshot snapshot) {
            newest = snapshot;
            tell(heard -> {
                if (newest == snapshot) {
                    heard.onSnapshot(snapshot);
                }
            });
        }

        void interrupt(RegistryException cause) {
            tell(heard -> heard.onInterrupted(cause));
        }

        void confirm() {
            tell(SnapshotListener::onConfirmed);
        }

        void end() {
            ended = true;
        }

        private void tell(Consumer<SnapshotListener> news) {
            tasks.execute(() -> {
                if (!ended) {
                    news.accept(listener);
                }
            });
        }
    }
}
