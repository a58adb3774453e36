// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.spi.InstanceGuard;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How many instances of a service guards may have out at once: 30 %, at least one, never the last. Check and count are
 * one compare-and-set, so the cap is never exceeded, whoever races. Safe for any thread.
 */
final class EjectionQuota {
    private static final double MAX_RATIO = 0.3;

    private final AtomicInteger ejected = new AtomicInteger();
    private final Pleas pleas = new Pleas(this);
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

    /** Who asked to be left alone, which goes with how many are out. */
    Pleas pleas() {
        return pleas;
    }

    int instances() {
        return instances;
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

    /** Where an instance is, as its guard wants it and as the list and the quota have it. */
    private enum Place {
        /** Serves with the others. */
        IN,
        /** Its guard has it out, on a seat. */
        SEATED,
        /** Its guard has it out and there is no seat: it serves all the same. */
        PARDONED,
        /** No member to be called; its guard is content. */
        AWAY,
        /** No member to be called; its guard has it out and it needs a seat when it is back. */
        AWAY_OUT
    }

    /**
     * One instance's seat among the ejected. Whether its guard has it out is what the guard asked for and gave back here,
     * never what it says in words. One step of one word for each event, so that a return to the list and a last probe that
     * succeeds come to the same in either order.
     */
    final class Seat implements InstanceGuard.EjectionCap {
        private final InstanceState state;
        private final AtomicReference<Place> place = new AtomicReference<>(Place.IN);

        Seat(InstanceState state) {
            this.state = state;
        }

        boolean isTaken() {
            return place.get() == Place.SEATED;
        }

        /** Out by its guard's wish, and serving for want of a seat. */
        boolean isPardoned() {
            return place.get() == Place.PARDONED;
        }

        /** Whether its guard has it out, with a seat or without. */
        boolean isGuardOut() {
            Place now = place.get();
            return now != Place.IN && now != Place.AWAY;
        }

        @Override
        public boolean tryEject(String reason) {
            while (true) {
                Place now = Objects.requireNonNull(place.get());
                switch (now) {
                    case SEATED, AWAY_OUT -> {
                        return true;
                    }
                    // Whoever is gone can not be taken out; what its last calls came to is no reason to keep others in.
                    case AWAY -> {
                        return false;
                    }
                    default -> {
                        if (!take()) {
                            listener.onEjectionRefused(state, reason);
                            return false;
                        }
                        if (sit(now)) {
                            return true;
                        }
                    }
                }
            }
        }

        @Override
        public long unwatched() {
            return state.unwatchedSoFar();
        }

        @Override
        public void restore(String reason) {
            Place before =
                    place.getAndUpdate(now -> now == Place.AWAY || now == Place.AWAY_OUT ? Place.AWAY : Place.IN);
            leaveSeat(before);
        }

        /** Left the list, or is not to be called by the registry's word: it occupies nothing. */
        void leave() {
            Place before =
                    place.getAndUpdate(now -> now == Place.IN || now == Place.AWAY ? Place.AWAY : Place.AWAY_OUT);
            leaveSeat(before);
        }

        /** To be called again: if its guard still has it out, it needs a seat, or serves without. */
        void comeBack() {
            if (!place.compareAndSet(Place.AWAY, Place.IN) && place.compareAndSet(Place.AWAY_OUT, Place.PARDONED)) {
                claim();
            }
        }

        /** A seat for one that was pardoned, if there is one. */
        void claim() {
            while (isPardoned() && take()) {
                if (sit(Place.PARDONED)) {
                    return;
                }
            }
        }

        /** Serves although its guard has it out: a smaller list leaves fewer seats. */
        void pardon() {
            if (place.compareAndSet(Place.SEATED, Place.PARDONED)) {
                leaveSeat(Place.SEATED);
            }
        }

        /** Sits down on a seat that was taken for it; gives it back when its place changed meanwhile. */
        private boolean sit(Place from) {
            if (!place.compareAndSet(from, Place.SEATED)) {
                ejected.decrementAndGet();
                return false;
            }
            listener.onEjectionChanged(state, true);
            if (!isTaken()) {
                // Whoever had it stand up meanwhile may have told that first.
                listener.onEjectionChanged(state, false);
            }
            return true;
        }

        private void leaveSeat(@Nullable Place before) {
            if (before == Place.SEATED) {
                ejected.decrementAndGet();
                listener.onEjectionChanged(state, false);
            }
        }
    }
}
