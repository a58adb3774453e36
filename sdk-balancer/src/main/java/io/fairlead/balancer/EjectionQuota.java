// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.spi.InstanceGuard;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many instances of a service guards may have out at once: 30 %, at least one, never the last. Check and count are
 * one compare-and-set, so the cap is never exceeded, whoever races. Safe for any thread.
 */
final class EjectionQuota {
    private static final double MAX_RATIO = 0.3;

    private final AtomicInteger ejected = new AtomicInteger();
    private final Listener listener;
    private volatile int instances;

    /** Hears of every ejection and return, and of ejections refused, on the thread that asked. */
    interface Listener {
        void onEjectionChanged(InstanceState state, boolean ejected);

        /** An instance should have gone and may not: too many are out. */
        void onEjectionRefused(InstanceState state, String reason);
    }

    EjectionQuota(Listener listener) {
        this.listener = listener;
    }

    void setInstances(int count) {
        instances = count;
    }

    int ejected() {
        return ejected.get();
    }

    int limit() {
        int count = instances;
        return count <= 1 ? 0 : Math.max(1, (int) (count * MAX_RATIO));
    }

    Seat capFor(InstanceState state) {
        return new Seat(state);
    }

    private boolean take() {
        int limit = limit();
        while (true) {
            int now = ejected.get();
            if (now >= limit) {
                return false;
            }
            if (ejected.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** One instance's seat among the ejected. */
    final class Seat implements InstanceGuard.EjectionCap {
        private final InstanceState state;
        private final AtomicBoolean taken = new AtomicBoolean();

        Seat(InstanceState state) {
            this.state = state;
        }

        boolean isTaken() {
            return taken.get();
        }

        @Override
        public boolean tryEject(String reason) {
            if (taken.get()) {
                return true;
            }
            if (!take()) {
                listener.onEjectionRefused(state, reason);
                return false;
            }
            if (!taken.compareAndSet(false, true)) {
                ejected.decrementAndGet();
                return true;
            }
            listener.onEjectionChanged(state, true);
            return true;
        }

        @Override
        public long unwatched() {
            return state.unwatchedSoFar();
        }

        @Override
        public void restore(String reason) {
            if (taken.compareAndSet(true, false)) {
                ejected.decrementAndGet();
                listener.onEjectionChanged(state, false);
            }
        }
    }
}
