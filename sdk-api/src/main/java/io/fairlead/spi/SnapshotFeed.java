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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Shares the watch a backend keeps on one service among any number of listeners, with the manners
 * {@link SnapshotListener} promises: each hears calls one at a time and in order, a late one is told how things stand, a
 * slow or throwing one disturbs nobody else, and a slow one skips what was overtaken, so that what waits for it takes the
 * same room however much happens meanwhile. Safe for any thread; no listener is called under a lock.
 */
public final class SnapshotFeed {
    private final String service;
    private final Environment environment;
    private final ReentrantLock lock = new ReentrantLock();
    private List<Subscriber> subscribers = List.of(); // guarded by lock; replaced, never changed
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
     * @throws NullPointerException when the listener is null
     * @param onLastClosed runs, on the closing thread, when a close leaves the feed without listeners
     */
    public Subscription subscribe(SnapshotListener listener, Runnable onLastClosed) {
        Subscriber subscriber = new Subscriber(requireListener(service, listener));
        lock.lock();
        try {
            List<Subscriber> more = new ArrayList<>(subscribers);
            more.add(subscriber);
            subscribers = List.copyOf(more);
            if (last != null) {
                subscriber.offer(last);
            }
            if (interruption != null) {
                subscriber.interrupt(interruption);
            }
        } finally {
            lock.unlock();
        }
        subscriber.wake();
        return () -> {
            if (unsubscribe(subscriber)) {
                onLastClosed.run();
            }
        };
    }

    static SnapshotListener requireListener(String service, SnapshotListener listener) {
        return Objects.requireNonNull(listener, () -> "listener of '" + service + "': null (expected: a listener)");
    }

    /** The registry's list. Equal to the last one and without an interruption between, it counts as a confirmation. */
    public void publish(List<ServiceInstance> instances) {
        RegistryException healed = null;
        long outageNanos = 0;
        List<Subscriber> told;
        ServiceSnapshot next = snapshot(instances);
        lock.lock();
        try {
            if (closed) {
                return;
            }
            healed = interruption;
            told = subscribers;
            if (last != null && healed == null && last.instances().equals(next.instances())) {
                told.forEach(Subscriber::confirm);
            } else {
                interruption = null;
                outageNanos = environment.ticker().nanos() - interruptedAtNanos;
                ServiceSnapshot numbered =
                        new ServiceSnapshot(service, last == null ? 1 : last.revision() + 1, next.instances());
                last = numbered;
                told.forEach(subscriber -> subscriber.offer(numbered));
            }
        } finally {
            lock.unlock();
        }
        told.forEach(Subscriber::wake);
        if (healed != null) {
            events().onWatchRestored(service, Duration.ofNanos(outageNanos));
        }
    }

    /** Of two instances with one id, and of strangers, the good remain: one bad entry takes nobody with it. */
    private ServiceSnapshot snapshot(List<ServiceInstance> instances) {
        try {
            return new ServiceSnapshot(service, 0, instances);
        } catch (IllegalArgumentException bad) {
            Map<String, ServiceInstance> good = new LinkedHashMap<>();
            for (ServiceInstance instance : instances) {
                if (!instance.service().equals(service) || good.putIfAbsent(instance.id(), instance) != null) {
                    RejectedEntries once = new RejectedEntries(service, events());
                    once.tell(instance.id(), String.valueOf(bad.getMessage()));
                }
            }
            return new ServiceSnapshot(service, 0, List.copyOf(good.values()));
        }
    }

    /** The registry confirmed the last list without sending it. Ignored while interrupted. */
    public void confirm() {
        List<Subscriber> told;
        lock.lock();
        try {
            if (interruption != null || last == null) {
                return;
            }
            told = subscribers;
            told.forEach(Subscriber::confirm);
        } finally {
            lock.unlock();
        }
        told.forEach(Subscriber::wake);
    }

    /** The watch lost its thread. Repeating the same cause tells nobody again. */
    public void interrupt(RegistryException cause) {
        List<Subscriber> told;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            RegistryException before = interruption;
            if (before == null) {
                interruptedAtNanos = environment.ticker().nanos();
            }
            interruption = cause;
            if (before != null && String.valueOf(before.getMessage()).equals(String.valueOf(cause.getMessage()))) {
                return;
            }
            told = subscribers;
            told.forEach(subscriber -> subscriber.interrupt(cause));
        } finally {
            lock.unlock();
        }
        told.forEach(Subscriber::wake);
        events().onWatchInterrupted(service, cause);
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
        lock.lock();
        try {
            closed = true;
            subscribers.forEach(Subscriber::end);
            subscribers = List.of();
        } finally {
            lock.unlock();
        }
    }

    private boolean unsubscribe(Subscriber subscriber) {
        lock.lock();
        try {
            subscriber.end();
            List<Subscriber> fewer = new ArrayList<>(subscribers);
            boolean left = fewer.remove(subscriber);
            subscribers = List.copyOf(fewer);
            return left && fewer.isEmpty() && !closed;
        } finally {
            lock.unlock();
        }
    }

    private EventListener events() {
        return environment.listener();
    }

    /**
     * What one listener has not heard yet, at most one of a kind and in this order: that the watch was interrupted before
     * the list, the list, that it is interrupted since, that the list was confirmed. So a list that follows an
     * interruption is never heard as if it followed the last one.
     */
    private final class Subscriber {
        private final SnapshotListener listener;
        private final SerialTasks tasks;
        private volatile boolean ended;
        private @Nullable RegistryException before; // guarded by the feed's lock
        private @Nullable ServiceSnapshot newest; // guarded by the feed's lock
        private @Nullable RegistryException since; // guarded by the feed's lock
        private boolean confirmed; // guarded by the feed's lock
        private boolean awake; // guarded by the feed's lock

        Subscriber(SnapshotListener listener) {
            this.listener = listener;
            this.tasks = new SerialTasks(environment, this::tellOfFailure);
        }

        void offer(ServiceSnapshot snapshot) {
            if (since != null) {
                before = since;
                since = null;
            }
            newest = snapshot;
            confirmed = false;
        }

        void interrupt(RegistryException cause) {
            since = cause;
            confirmed = false;
        }

        void confirm() {
            confirmed = since == null;
        }

        void end() {
            ended = true;
        }

        /** Called without the lock: an executor may run its tasks at once. */
        void wake() {
            lock.lock();
            try {
                if (awake || !hasNews()) {
                    return;
                }
                awake = true;
            } finally {
                lock.unlock();
            }
            try {
                tasks.execute(this::tellAll);
            } catch (Throwable noMemory) {
                fallAsleep();
                tellOfFailure(noMemory);
            }
        }

        private void tellAll() {
            for (Consumer<SnapshotListener> news = next(); news != null; news = next()) {
                try {
                    news.accept(listener);
                } catch (Throwable failure) {
                    tellOfFailure(failure);
                }
            }
        }

        private @Nullable Consumer<SnapshotListener> next() {
            lock.lock();
            try {
                RegistryException first = before;
                ServiceSnapshot list = newest;
                RegistryException last = since;
                if (ended || !hasNews()) {
                    awake = false;
                    return null;
                }
                if (first != null) {
                    before = null;
                    return heard -> heard.onInterrupted(first);
                }
                if (list != null) {
                    newest = null;
                    return heard -> heard.onSnapshot(list);
                }
                if (last != null) {
                    since = null;
                    return heard -> heard.onInterrupted(last);
                }
                confirmed = false;
                return SnapshotListener::onConfirmed;
            } finally {
                lock.unlock();
            }
        }

        private boolean hasNews() {
            return before != null || newest != null || since != null || confirmed;
        }

        private void fallAsleep() {
            lock.lock();
            try {
                awake = false;
            } finally {
                lock.unlock();
            }
        }

        private void tellOfFailure(Throwable failure) {
            events().onCallbackFailed("snapshot listener of '" + service + "'", failure);
        }
    }
}
