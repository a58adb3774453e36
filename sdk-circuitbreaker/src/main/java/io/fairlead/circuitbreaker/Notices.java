// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** What a breaker tells: its listener, isolated, and counts over its whole life, which most breakers never need. */
final class Notices {
    private static final AtomicReferenceFieldUpdater<Notices, @Nullable AtomicLongArray> COUNTS =
            AtomicReferenceFieldUpdater.newUpdater(Notices.class, AtomicLongArray.class, "counts");

    final String name;
    private final CircuitBreakerListener listener;
    /** Counts by {@link Incident}; made when the first one happens. */
    private volatile @Nullable AtomicLongArray counts;

    Notices(String name, CircuitBreakerListener listener) {
        this.name = name;
        this.listener = listener;
    }

    void transition(CircuitState from, CircuitState to, String reason) {
        tell(() -> listener.onTransition(name, from, to, reason));
    }

    void exceeded(String reason) {
        tell(() -> listener.onThresholdExceeded(name, reason));
    }

    void suppressed(String reason) {
        tell(() -> listener.onTripSuppressed(name, reason));
    }

    /** Counts an incident; returns true, always, so that a condition can end with it. */
    boolean count(Incident incident) {
        AtomicLongArray made = counts;
        if (made == null) {
            made = new AtomicLongArray(Incident.values().length);
            if (!COUNTS.compareAndSet(this, null, made)) {
                return count(incident);
            }
        }
        made.getAndIncrement(incident.ordinal());
        return true;
    }

    CircuitBreakerMetrics.Lifetime lifetime() {
        return new CircuitBreakerMetrics.Lifetime(
                counted(Incident.LATE),
                counted(Incident.IGNORED),
                counted(Incident.SUPPRESSED),
                counted(Incident.CLASSIFIER_ERROR),
                counted(Incident.LISTENER_ERROR));
    }

    private long counted(Incident incident) {
        AtomicLongArray made = counts;
        return made == null ? 0 : made.get(incident.ordinal());
    }

    private void tell(Runnable news) {
        try {
            news.run();
        } catch (Throwable listenersOwn) {
            // Documented: whatever a listener throws is counted and dropped; the breaker must work on.
            count(Incident.LISTENER_ERROR);
        }
    }
}
