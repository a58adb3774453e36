// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.RegistryException;
import io.fairlead.balancer.ListSource;
import io.fairlead.balancer.ServiceStatus.ListView;
import io.fairlead.balancer.stage.Nanos;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How current a service's list is: whether there is one, and who waits for the first; when the registry last confirmed it,
 * what interrupts the watch. Any thread reads; the service's watch and its store write.
 */
public final class Freshness {
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private volatile @Nullable RegistryException interruption;
    private volatile boolean fromStore;
    private volatile long freshNanos;
    private volatile long revision;
    private volatile boolean hasList;
    private volatile int held;
    private volatile long changedNanos;
    private final AtomicReference<Since> source;

    /** Where the list comes from, and since when. */
    private record Since(ListSource source, long nanos) {}

    Freshness(long nowNanos) {
        this.freshNanos = nowNanos;
        this.changedNanos = nowNanos;
        this.source = new AtomicReference<>(new Since(ListSource.WAITING, nowNanos));
    }

    private ListSource sourceNow() {
        if (!hasList) {
            return ListSource.WAITING;
        }
        if (fromStore) {
            return ListSource.STORED;
        }
        return interruption != null ? ListSource.STALE : held > 0 ? ListSource.HELD : ListSource.LIVE;
    }

    /** After every change of what the source follows from: of two at once the later one sees both. */
    private void follow(long nowNanos) {
        source.updateAndGet(before -> {
            ListSource now = sourceNow();
            return now == before.source() ? before : new Since(now, nowNanos);
        });
    }

    /** The registry sent a list, which is about to be adopted. */
    void heard(long nowNanos) {
        interruption = null;
        freshNanos = nowNanos;
        follow(nowNanos);
    }

    /** The registry's list has been adopted. */
    void listed(long listRevision, int nowHeld, long nowNanos) {
        revision = listRevision;
        fromStore = false;
        changedNanos = nowNanos;
        held = nowHeld;
        hasList = true;
        // Before those who wait look.
        follow(nowNanos);
        boolean unused = ready.complete(null);
    }

    /** So many instances are kept that the registry no longer lists. */
    void held(int number, long nowNanos) {
        if (held != number) {
            held = number;
            follow(nowNanos);
        }
    }

    /** The registry does not answer, and a list kept on disk stands in. */
    void restored(long listRevision, long nowNanos) {
        revision = listRevision;
        fromStore = true;
        changedNanos = nowNanos;
        hasList = true;
        // Before those who wait look.
        follow(nowNanos);
        boolean unused = ready.complete(null);
    }

    void confirmed(long nowNanos) {
        freshNanos = nowNanos;
    }

    void interrupted(RegistryException cause, long nowNanos) {
        interruption = cause;
        follow(nowNanos);
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

    ListView view(long nowNanos) {
        RegistryException cause = interruption;
        Since since = Objects.requireNonNull(source.get());
        return new ListView(
                since.source(),
                between(since.nanos(), nowNanos),
                between(freshNanos, nowNanos),
                between(changedNanos, nowNanos),
                held,
                revision,
                cause == null ? null : cause.getMessage());
    }

    private static Duration between(long thenNanos, long nowNanos) {
        return Duration.ofNanos(Math.max(0, nowNanos - thenNanos));
    }

    /** Whether the registry has been silent for longer than a list may be used; false when there is no such limit (null). */
    boolean isOlderThan(Duration maxAge, long nowNanos) {
        return interruption != null && nowNanos - freshNanos >= Nanos.of(maxAge);
    }

    /**
     * Calls that wait for a service's first list without a thread. A call that is over takes itself out, so nothing is left of
     * it however long the registry is silent. When the list comes, the others go on, on a few threads. Safe for any thread.
     */
    public static final class Waiters {
        private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
        private final Executor workers;
        private volatile boolean hasCome;

        /** On {@code workers}, which must bound its threads. */
        Waiters(Executor workers) {
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
}
