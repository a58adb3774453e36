// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * Decides which instance owns which slot of a table, as a stable matching (Gale and Shapley 1962): there is no slot and no
 * instance that would both prefer each other to what they have.
 *
 * <p>What they prefer: an instance has an order of its own for the slots, and the place of a slot in it is the slot's
 * <em>rank</em>. In the course of an imagined time the instance goes through its order, quicker when its weight is larger. A slot
 * prefers the instance that comes to it first. {@link SlotOrders} computes ranks and times. An instance may own as many slots
 * as it has <em>seats</em>, a few more than its fair share. Its <em>worst</em> slot is the last in its order of those that it
 * owns, and its <em>limit</em> is the rank from which on it wants no slot: the worst slot's when all seats are taken.
 *
 * <p>Instances and slots both go by these times, so there is exactly one stable matching. Whoever knows the instances and their
 * weights computes the same one, from nothing ({@link #matchAll}) or from the matching of any earlier list
 * ({@link #matchAfter}), whatever the order of the steps.
 *
 * <p>There are two kinds of steps. An instance with a free seat <em>asks</em>: it goes on in its order and takes each slot that
 * prefers it to its owner. A slot without an owner is <em>placed</em>: it goes to the instance that it prefers among those
 * that want it, and an instance that then has a slot too many gives up its worst one. Instances that are to ask wait in
 * {@code vacant}, slots that are to be placed in {@code free}; the matching is stable when both are empty.
 *
 * <p>Most slots belong to whoever came to them early, so that an instance's slots are found by going through the beginning of its
 * order. The few whose owner came <em>late</em>, after a certain time, are kept in a list; otherwise each search would have to go
 * through the whole order.
 *
 * <p>It is one long file: every step changes what all others read (owners, loads, limits, worst slots, both stacks), so whoever
 * reads one step reads all. For one thread.
 */
final class SlotMatching {
    /** Seats beyond the fair share, as a multiple of its square root. With so many a third to a half of the instances have one free. */
    private static final double SPARE_SEATS = 0.5;
    /** The part of a round that each instance asks for before it is the next one's turn. */
    private static final double STRIDE = 0.25;
    /** Each slot that is left over looks at all instances; they may do so this many times together for each slot of the table. */
    private static final int LOOKS = 2;

    private final SlotOrders orders;
    private final SlotOwners owners;
    private final int size;
    private final int[] seats;
    private State state;
    /** Room for the ranks of one slot. */
    private final int[] ranks;
    /** Slots whose owner came late to them; some may be in it twice, or not be late any more. */
    private final IntStack late;
    /** Instances that are to ask. */
    private final IntStack vacant = new IntStack();
    /** Slots that are to be placed. */
    private final IntStack free = new IntStack();
    /** Whether all instances are asking: then a slot without an owner takes whoever asks, and is not placed. */
    private boolean all;

    /**
     * What is known of a matching besides the owners. The arrays have an entry for the number of each instance. Nobody writes to
     * it once a table has it.
     *
     * @param loads how many slots each instance owns
     * @param limits the rank from which on each instance wants no slot; the number of slots when it wants all
     * @param lasts for each instance a rank that its worst slot's rank does not exceed
     * @param lateFrom the time after which an instance comes late to a slot
     * @param late the slots whose owner came late to them
     */
    record State(int[] loads, int[] limits, int[] lasts, double lateFrom, int[] late) {
        /** A copy with room for so many numbers; instances of new numbers own nothing and want all slots. */
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

    /** A matching in which nobody owns a slot. */
    static SlotMatching empty(SlotOrders orders) {
        State none = new State(new int[0], new int[0], new int[0], 0, new int[0]);
        SlotOwners owners = SlotOwners.of(orders.size(), orders.count());
        return new SlotMatching(orders, owners, none.copy(orders.count(), orders.size()));
    }

    SlotOwners owners() {
        return owners;
    }

    /** What is known of the matching now, for the next list's. */
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

    /**
     * How many seats each instance has; all together they are more than the slots. Each number is rounded at a point of the
     * instance's own: otherwise a small change of the sum would give all instances one more at once.
     */
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
     * Matches from nothing. All instances ask, one after the other and each for a stride of time, until so many rounds are over
     * and few slots are left. Then these are placed. A round is the time in which all instances together ask about as
     * often as there are slots. An instance that comes to a slot after that comes late.
     */
    void matchAll(double rounds) {
        int[] next = new int[seats.length];
        double until = rounds / orders.sumOfWeights();
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
     * Matches from the matching of an earlier list.
     *
     * @param gone numbers of instances that left; somebody new may have such a number now
     * @param before the orders of the earlier list
     * @param newcomers numbers of instances that own no slots yet
     * @param heavier numbers of instances that own slots and became heavier, so that they come to slots earlier
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

    /** Takes all slots from an instance that left. */
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

    /** Takes a slot from an instance, if it owns the slot. */
    private void free(int instance, int slot) {
        if (owners.get(slot) == instance) {
            owners.set(slot, SlotOwners.NOBODY);
            state.loads[instance]--;
            free.push(slot);
        }
    }

    /** Makes steps until no instance is to ask and no slot is to be placed. */
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

    /** An instance with a free seat asks from a rank on, until its seats are taken or its order ends. */
    private void askOn(int instance, int from) {
        state.limits[instance] = size;
        int until = orders.ranksUntil(instance, state.lateFrom);
        int next = Math.max(from, ask(instance, from, until));
        if (hasSeat(instance)) {
            for (long wanted : wantedLate(instance, next)) {
                int slot = (int) wanted;
                // The list may have a slot twice.
                if (hasSeat(instance) && owners.get(slot) != instance) {
                    take(instance, slot, (int) (wanted >>> Integer.SIZE));
                }
            }
        }
    }

    /** An instance asks from the start, also when its seats are taken: then it gives up its worst slot for a better one. */
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

    /** Whether an instance would take a slot of this rank. */
    private boolean hasUse(int instance, int rank) {
        return hasSeat(instance) || rank < worst(instance);
    }

    private void exchange(int instance, int slot, int rank) {
        take(instance, slot, rank);
        if (state.loads[instance] > seats[instance]) {
            give(instance);
        }
    }

    /**
     * The late slots that prefer an instance to their owner and have at least this rank, in the instance's order. Each number has
     * the rank in its upper half and the slot in its lower.
     */
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

    /**
     * An instance takes the slots that prefer it to their owner, from one rank to below another, until its seats are taken. Returns
     * the rank at which it stopped.
     */
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

    /** Whether a slot prefers an instance to its owner. False for a slot without an owner, which is about to be placed. */
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

    /** Gives a slot without an owner to the instance that it prefers among those that want it. */
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

    /** Takes its worst slot from an instance; the slot is to be placed anew. */
    private void give(int instance) {
        int slot = orders.slot(worst(instance), instance, orders.undoFirst(instance), orders.undoSecond(instance));
        owners.set(slot, SlotOwners.NOBODY);
        free.push(slot);
        state.loads[instance]--;
    }

    /** The rank of the worst slot of an instance, which owns one. */
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
