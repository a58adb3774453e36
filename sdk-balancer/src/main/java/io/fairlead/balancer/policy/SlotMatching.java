// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * Matches the slots of a table to instances so that no slot and no instance would both rather have each other (Gale and Shapley
 * 1962). Each instance has seats for a few more slots than its fair share. Both sides want each other by the same times, those
 * of {@link SlotOrders}, so there is one such matching and no other: whoever knows the instances and their weights comes to it,
 * from nothing or from any list before.
 *
 * <p>So a change is worked out from the matching before. A slot whose owner is gone goes to whom it wants most of those who have
 * a seat or a worse slot to give away; an instance with a new seat asks on from where it had stopped.
 *
 * <p>It is one long file: each step changes what all others go by (owners, loads, limits, worst slots, who waits), so whoever
 * reads one reads all. For one thread.
 */
final class SlotMatching {
    /** Seats beyond the fair share, in square roots of it: as many as make that a third to a half have one free. */
    private static final double SPARE_SEATS = 0.5;
    /** From nothing all ask in steps of this many mean turns. */
    private static final double STRIDE = 0.25;
    /** Looks at all instances, for each slot of the table, that the slots left over may cost. */
    private static final int LOOKS = 2;

    private final SlotOrders orders;
    private final SlotOwners owners;
    private final int size;
    private final int[] seats;
    private State state;
    private final int[] ranks;
    private final IntStack late;
    private final IntStack vacant = new IntStack();
    private final IntStack free = new IntStack();
    /** Whether everybody asks, so that who asks for a slot of nobody need not look whether it wants another more. */
    private boolean all;

    /**
     * What is known of a matching besides owners, by number. Nobody writes to it once a table has it.
     *
     * @param loads slots each has
     * @param limits the rank each wants no slot beyond: that of its worst slot when its seats are full, else the number of slots
     * @param lasts the rank of each one's worst slot, or later
     * @param lateFrom the time from which slots are listed, for they are few and their owners' orders long
     * @param late those with an owner whose turn came after that
     */
    record State(int[] loads, int[] limits, int[] lasts, double lateFrom, int[] late) {
        /** With room for so many numbers; those that are new want all slots. */
        State copy(int count, int size) {
            int[] more = Arrays.copyOf(limits, count);
            Arrays.fill(more, Math.min(count, limits.length), count, size);
            return new State(Arrays.copyOf(loads, count), more, Arrays.copyOf(lasts, count), lateFrom, late);
        }
    }

    SlotMatching(SlotOrders orders, SlotOwners owners, State state) {
        this.orders = orders;
        this.owners = owners;
        this.size = owners.size();
        this.state = state;
        this.seats = seats(orders);
        this.ranks = new int[seats.length];
        this.late = IntStack.of(state.late);
    }

    /** Of nothing. */
    static SlotMatching empty(SlotOrders orders) {
        State none = new State(new int[0], new int[0], new int[0], 0, new int[0]);
        SlotOwners owners = SlotOwners.of(orders.size(), orders.count());
        return new SlotMatching(orders, owners, none.copy(orders.count(), orders.size()));
    }

    SlotOwners owners() {
        return owners;
    }

    /** What it has come to. */
    State state() {
        int[] sorted = late.toArray();
        Arrays.sort(sorted);
        int count = 0;
        for (int i = 0; i < sorted.length; i++) {
            int slot = sorted[i];
            int owner = owners.get(slot);
            if ((count == 0 || sorted[count - 1] != slot) && isLate(owner, orders.rank(owner, slot))) {
                sorted[count++] = slot;
            }
        }
        return new State(state.loads, state.limits, state.lasts, state.lateFrom, Arrays.copyOf(sorted, count));
    }

    /** Always more than there are slots, all together; each rounds at a point of its own, lest all get one more at once. */
    static int[] seats(SlotOrders orders) {
        int[] seats = new int[orders.count()];
        for (int i = 0; i < seats.length; i++) {
            if (orders.weight(i) > 0) {
                double fair = orders.size() * (orders.weight(i) / orders.sumOfWeights());
                double most = 1 + Math.floor(fair + SPARE_SEATS * Math.sqrt(fair) + orders.fraction(i));
                seats[i] = (int) Math.min(orders.size(), most);
            }
        }
        return seats;
    }

    /**
     * Everybody asks for slots, a stride of time each in turn, for so many mean turns and until few slots are left; then those ask.
     * What is later is late.
     */
    void matchAll(double turns) {
        int[] next = new int[seats.length];
        double until = turns / orders.sumOfWeights();
        double asking = orders.sumOfWeights();
        double time = 0;
        long left = size;
        all = true;
        while (asking > 0 && (time < until || left * seats.length > (long) LOOKS * size)) {
            time += STRIDE / asking;
            asking = 0;
            left = size;
            for (int i = 0; i < seats.length; i++) {
                if (hasSeat(i)) {
                    next[i] = ask(i, next[i], orders.ranksUntil(i, time));
                }
            }
            for (int i = 0; i < seats.length; i++) {
                asking += hasSeat(i) ? orders.weight(i) : 0;
                left -= state.loads[i];
            }
        }
        state = new State(state.loads, state.limits, state.lasts, time, state.late);
        all = false;
        for (int i = 0; i < seats.length; i++) {
            if (hasSeat(i)) {
                state.limits[i] = next[i] - 1;
                vacant.push(i);
            }
        }
        for (int slot = 0; slot < size; slot++) {
            if (owners.get(slot) == SlotOwners.NOBODY) {
                free.push(slot);
            }
        }
        settle();
    }

    /**
     * After the instances, and so the seats, have become others.
     *
     * @param gone numbers that are out of use, or another's now
     * @param before orders in which they were in use
     * @param newcomers numbers that have no slots yet
     * @param heavier numbers of those that have slots, and whose turns come earlier now
     */
    void matchAfter(int[] gone, SlotOrders before, int[] newcomers, int[] heavier) {
        for (int instance : gone) {
            free(instance, before);
        }
        for (int newcomer : newcomers) {
            state.limits[newcomer] = size;
            askOn(newcomer, 0);
        }
        for (int instance : heavier) {
            askAgain(instance);
        }
        for (int i = 0; i < seats.length; i++) {
            while (state.loads[i] > seats[i]) {
                give(i);
            }
            if (state.loads[i] == seats[i]) {
                state.limits[i] = seats[i] == 0 ? 0 : worst(i);
            } else if (state.limits[i] < size) {
                vacant.push(i);
            }
        }
        settle();
    }

    /** Takes all its slots from one who has gone. */
    private void free(int instance, SlotOrders before) {
        int undoFirst = before.undoFirst(instance);
        int undoSecond = before.undoSecond(instance);
        int until = before.ranksUntil(instance, state.lateFrom);
        for (int rank = 0; rank < until && state.loads[instance] > 0; rank++) {
            free(instance, before.slot(rank, instance, undoFirst, undoSecond));
        }
        for (int i = 0; i < late.size() && state.loads[instance] > 0; i++) {
            free(instance, late.get(i));
        }
        state.lasts[instance] = 0;
        state.limits[instance] = 0;
    }

    private void free(int instance, int slot) {
        if (owners.get(slot) == instance) {
            owners.set(slot, SlotOwners.NOBODY);
            state.loads[instance]--;
            free.push(slot);
        }
    }

    /** Until nobody asks any more. */
    private void settle() {
        while (true) {
            if (!vacant.isEmpty()) {
                int instance = vacant.pop();
                if (hasSeat(instance) && state.limits[instance] < size) {
                    askOn(instance, state.limits[instance] + 1);
                }
            } else if (!free.isEmpty()) {
                place(free.pop());
            } else {
                return;
            }
        }
    }

    private boolean hasSeat(int instance) {
        return state.loads[instance] < seats[instance];
    }

    private boolean isLate(int instance, int rank) {
        return orders.time(instance, rank) > state.lateFrom;
    }

    /** Asks for all it may want from a rank on. */
    private void askOn(int instance, int from) {
        state.limits[instance] = size;
        int until = orders.ranksUntil(instance, state.lateFrom);
        int next = Math.max(from, ask(instance, from, until));
        if (hasSeat(instance)) {
            for (long wanted : wantedLate(instance, next)) {
                int slot = (int) wanted;
                // It may be listed twice.
                if (hasSeat(instance) && owners.get(slot) != instance) {
                    take(instance, slot, (int) (wanted >>> Integer.SIZE));
                }
            }
        }
    }

    /** Asks for all it may want, also when its seats are full: then the worst slot makes room for a better one. */
    private void askAgain(int instance) {
        int until = orders.ranksUntil(instance, state.lateFrom);
        int undoFirst = orders.undoFirst(instance);
        int undoSecond = orders.undoSecond(instance);
        for (int rank = 0; rank < until && hasUse(instance, rank); rank++) {
            int slot = orders.slot(rank, instance, undoFirst, undoSecond);
            if (isWanted(instance, slot, rank)) {
                exchange(instance, slot, rank);
            }
        }
        for (long wanted : wantedLate(instance, until)) {
            int slot = (int) wanted;
            int rank = (int) (wanted >>> Integer.SIZE);
            if (owners.get(slot) != instance && hasUse(instance, rank)) {
                exchange(instance, slot, rank);
            }
        }
        state.limits[instance] = hasSeat(instance) ? size : worst(instance);
    }

    private boolean hasUse(int instance, int rank) {
        return hasSeat(instance) || rank < worst(instance);
    }

    private void exchange(int instance, int slot, int rank) {
        take(instance, slot, rank);
        if (state.loads[instance] > seats[instance]) {
            give(instance);
        }
    }

    /** The late slots that want an instance more than their owner, from a rank on: rank and slot, the least rank first. */
    private long[] wantedLate(int instance, int from) {
        long[] wanted = new long[late.size()];
        int count = 0;
        for (int i = 0; i < wanted.length; i++) {
            int slot = late.get(i);
            int rank = orders.rank(instance, slot);
            if (rank >= from && isWanted(instance, slot, rank)) {
                wanted[count++] = (long) rank << Integer.SIZE | slot;
            }
        }
        Arrays.sort(wanted, 0, count);
        return Arrays.copyOf(wanted, count);
    }

    /** Takes what wants it more than its owner, from a rank on, until its seats are full; returns where it stopped. */
    private int ask(int instance, int from, int until) {
        int undoFirst = orders.undoFirst(instance);
        int undoSecond = orders.undoSecond(instance);
        for (int rank = from; rank < until; rank++) {
            int slot = orders.slot(rank, instance, undoFirst, undoSecond);
            if (isWanted(instance, slot, rank)) {
                take(instance, slot, rank);
                if (!hasSeat(instance)) {
                    return rank;
                }
            }
        }
        return until;
    }

    /** Whether a slot wants an instance more than the owner it has; a free one is about to ask by itself. */
    private boolean isWanted(int instance, int slot, int rank) {
        int owner = owners.get(slot);
        return owner == SlotOwners.NOBODY
                ? all
                : owner != instance && orders.prefers(slot, instance, rank, owner, orders.rank(owner, slot));
    }

    private void take(int instance, int slot, int rank) {
        int owner = owners.get(slot);
        if (owner != SlotOwners.NOBODY && state.loads[owner]-- == seats[owner] && !all) {
            vacant.push(owner);
        }
        add(instance, slot, rank);
        if (!hasSeat(instance)) {
            state.limits[instance] = rank;
        }
    }

    private void add(int instance, int slot, int rank) {
        owners.set(slot, instance);
        state.loads[instance]++;
        state.lasts[instance] = Math.max(state.lasts[instance], rank);
        if (!all && isLate(instance, rank)) {
            late.push(slot);
        }
    }

    /** A free slot goes to whom it wants most of those who want it. */
    private void place(int slot) {
        if (owners.get(slot) != SlotOwners.NOBODY) {
            return;
        }
        int instance = orders.mostWanted(slot, state.limits, ranks);
        add(instance, slot, orders.rank(instance, slot));
        if (state.loads[instance] > seats[instance]) {
            give(instance);
        }
        if (state.loads[instance] == seats[instance]) {
            state.limits[instance] = worst(instance);
        }
    }

    /** Gives the worst slot away. */
    private void give(int instance) {
        int slot = orders.slot(worst(instance), instance, orders.undoFirst(instance), orders.undoSecond(instance));
        owners.set(slot, SlotOwners.NOBODY);
        free.push(slot);
        state.loads[instance]--;
    }

    /** The last rank of a slot it has. */
    private int worst(int instance) {
        int undoFirst = orders.undoFirst(instance);
        int undoSecond = orders.undoSecond(instance);
        int rank = state.lasts[instance];
        while (owners.get(orders.slot(rank, instance, undoFirst, undoSecond)) != instance) {
            rank--;
        }
        state.lasts[instance] = rank;
        return rank;
    }
}
