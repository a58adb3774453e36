// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.spi.InstanceGuard;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How many instances of a service guards may have out at once: 30 %, at least one, never the last; all of them where others
 * answer instead. Check and count are one compare-and-set, so the cap is never exceeded, whoever races. Safe for any thread.
 */
final class EjectionQuota {
    private static final double MAX_RATIO = 0.3;

    private final AtomicInteger ejected = new AtomicInteger();
    private volatile int instances;
    private volatile boolean replaceable;
    /** Out by its guard's wish, on a seat of this quota. */
    private final Position seated = new Position(this);

    /** Whose seat it is. Hears of its ejection and return, and of ejections denied, on the thread that asked. */
    interface Owner {
        void onEjectionChanged(boolean ejected);

        /** The ejection was denied: too many instances are out. */
        void onEjectionDenied(String reason);

        /** See {@link InstanceGuard.EjectionCap#unreported}. */
        long unreported();
    }

    void setInstances(int count) {
        instances = count;
    }

    /** Whether all may be out, because every call to these instances names others that answer instead. */
    void setReplaceable(boolean isReplaceable) {
        replaceable = isReplaceable;
    }

    int instances() {
        return instances;
    }

    int ejected() {
        return ejected.get();
    }

    int limit() {
        int count = instances;
        if (replaceable) {
            return count;
        }
        return count <= 1 ? 0 : Math.max(1, (int) (count * MAX_RATIO));
    }

    Seat seatFor(Owner owner) {
        return new Seat(owner, this);
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

    /** Where an instance is, as its guard wants it and as the list and the quota have it. A seat is one of a certain quota. */
    private static final class Position {
        /** Serves with the others. */
        static final Position IN = new Position(null);
        /** Its guard has it out and there is no seat: it serves all the same. */
        static final Position PARDONED = new Position(null);
        /** No member to be called; its guard is content. */
        static final Position AWAY = new Position(null);
        /** No member to be called; its guard has it out and it needs a seat when it is back. */
        static final Position AWAY_OUT = new Position(null);

        /** Whose seat it is on; null when on none. */
        private final @Nullable EjectionQuota quota;

        Position(@Nullable EjectionQuota quota) {
            this.quota = quota;
        }
    }

    /**
     * One instance's seat among the ejected. Whether its guard has it out is what the guard asked for and gave back here,
     * never what it says in words. One step of one word for each event, so that a return to the list and a last probe that
     * succeeds come to the same in either order.
     */
    static final class Seat implements InstanceGuard.EjectionCap {
        private final Owner owner;
        private volatile EjectionQuota quota;
        private final AtomicReference<Position> position = new AtomicReference<>(Position.IN);

        Seat(Owner owner, EjectionQuota quota) {
            this.owner = owner;
            this.quota = quota;
        }

        boolean isTaken() {
            return position().quota != null;
        }

        private Position position() {
            return Objects.requireNonNull(position.get());
        }

        /** Out by its guard's wish, and serving for want of a seat. */
        boolean isPardoned() {
            return position.get() == Position.PARDONED;
        }

        /** Whether its guard has it out, with a seat or without. */
        boolean isGuardOut() {
            Position now = position();
            return now != Position.IN && now != Position.AWAY;
        }

        @Override
        public boolean tryEject(String reason) {
            while (true) {
                Position now = position();
                if (now.quota != null || now == Position.AWAY_OUT) {
                    return true;
                }
                // An instance that left can not be ejected: its last results must take no seat from the others.
                if (now == Position.AWAY) {
                    return false;
                }
                EjectionQuota mine = quota;
                if (!mine.take()) {
                    owner.onEjectionDenied(reason);
                    return false;
                }
                if (sit(now, mine)) {
                    return true;
                }
            }
        }

        @Override
        public long unreported() {
            return owner.unreported();
        }

        @Override
        public void restore(String reason) {
            Position before = position.getAndUpdate(
                    now -> now == Position.AWAY || now == Position.AWAY_OUT ? Position.AWAY : Position.IN);
            leaveSeat(before);
        }

        /** Left the list, or is not to be called by the registry's word: it occupies nothing. */
        void leave() {
            Position before = position.getAndUpdate(
                    now -> now == Position.IN || now == Position.AWAY ? Position.AWAY : Position.AWAY_OUT);
            leaveSeat(before);
        }

        /** To be called again: if its guard still has it out, it needs a seat, or serves without. */
        void comeBack() {
            if (!position.compareAndSet(Position.AWAY, Position.IN)
                    && position.compareAndSet(Position.AWAY_OUT, Position.PARDONED)) {
                claim();
            }
        }

        /** A seat for one that was pardoned, if there is one. */
        void claim() {
            EjectionQuota mine = quota;
            while (isPardoned() && mine.take()) {
                if (sit(Position.PARDONED, mine)) {
                    return;
                }
            }
        }

        /** Serves although its guard has it out: a smaller list leaves fewer seats. */
        void pardon() {
            Position now = position();
            if (now.quota != null && position.compareAndSet(now, Position.PARDONED)) {
                leaveSeat(now);
            }
        }

        /** Belongs to other instances from now on: takes a seat among them for its own, or serves without. */
        void moveTo(EjectionQuota other) {
            quota = other;
            follow();
        }

        /** Whoever comes second, the move or the ejection, sees what the other did, and brings the seat to the quota. */
        private void follow() {
            while (true) {
                EjectionQuota mine = quota;
                Position now = position();
                if (now.quota == null || now.quota == mine) {
                    return;
                }
                if (!mine.take()) {
                    pardon();
                    return;
                }
                EjectionQuota given = position.compareAndSet(now, mine.seated) ? now.quota : mine;
                given.ejected.decrementAndGet();
            }
        }

        /** Sits down on a seat that was taken for it; gives it back when its position changed meanwhile. */
        private boolean sit(Position from, EjectionQuota taken) {
            if (!position.compareAndSet(from, taken.seated)) {
                taken.ejected.decrementAndGet();
                return false;
            }
            owner.onEjectionChanged(true);
            if (!isTaken()) {
                // Another thread may have freed the seat meanwhile, and have told that before this.
                owner.onEjectionChanged(false);
            }
            follow();
            return true;
        }

        private void leaveSeat(@Nullable Position before) {
            if (before != null && before.quota != null) {
                before.quota.ejected.decrementAndGet();
                owner.onEjectionChanged(false);
            }
        }
    }
}
