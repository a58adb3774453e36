// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.ListBefore;
import io.fairlead.balancer.policy.plain.SplitMix;

/**
 * A table of slots as in Google's Maglev (Eisenbud et al. 2016): the high bits of a hash name a slot, and the hash belongs to
 * the instance that owns this slot; that is one read. {@link SlotMatching} says which instance owns which slot. The result
 * depends on nothing but the instances and their weights. Immutable.
 */
final class MaglevTable implements Placement {
    /**
     * A slot that has lost its owner looks at every instance. When all such slots together look more often than this, for each
     * slot of the table, it is cheaper to make a new table from nothing.
     */
    private static final int MOST_LOOKS = 16;
    /**
     * The time that divides early from late slots is set for the sum of weights of that moment. When the sum has changed by more
     * than this factor, too many slots would be late, or too few: then the table is made from nothing.
     */
    private static final double CHANGED = 1.4;

    /** For how many rounds all instances ask for slots: this, and {@link #LATE_BY_SIZE} times the logarithm of their number. */
    private static final double LATE = 3.5;

    private static final double LATE_BY_SIZE = 0.45;

    private final long[] identities;
    private final Numbering numbering;
    private final SlotOrders orders;
    private final SlotOwners owners;
    private final SlotMatching.State state;
    /** The sum of the weights when a table was last made from nothing. */
    private final double sumFromNothing;

    private final int shift;

    private MaglevTable(
            long[] identities, Numbering numbering, SlotOrders orders, SlotMatching matching, double sumFromNothing) {
        this.identities = identities;
        this.numbering = numbering;
        this.orders = orders;
        this.owners = matching.owners();
        this.state = matching.state();
        this.sumFromNothing = sumFromNothing;
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(owners.size());
    }

    /**
     * A table made from nothing.
     *
     * @param size number of slots, a power of two
     * @param identities those of {@link Placement#identities}
     */
    static MaglevTable of(int size, long[] identities) {
        SlotOrders orders = new SlotOrders(size, identities);
        // Each of few instances goes through a long part of its order in a round, so that few rounds do.
        SlotMatching matching = SlotMatching.empty(orders);
        matching.matchAll(LATE + LATE_BY_SIZE * Math.log(orders.count()));
        return new MaglevTable(identities, Numbering.first(orders.count()), orders, matching, orders.sumOfWeights());
    }

    /**
     * The table of the list that follows. It equals the table that {@link #of} makes, and takes less work when little changed.
     *
     * @param others identities of the list that follows
     * @param before for each of its instances the place in this table's list, or {@link ListBefore#NOWHERE}
     */
    MaglevTable after(long[] others, int[] before) {
        if (isOf(others)) {
            return this;
        }
        Numbering next = numbering.after(notLighter(others, before));
        int[] gone = numbering.gone(next);
        long lost = 0;
        for (int number : gone) {
            lost += state.loads()[number];
        }
        SlotOrders now = orders.with(next.byNumber(others, orders.identities()));
        if (lost * before.length > (long) MOST_LOOKS * size()
                || next.isWasteful()
                || !owners.hasRoomFor(next.count())
                || now.sumOfWeights() > CHANGED * sumFromNothing
                || now.sumOfWeights() * CHANGED < sumFromNothing) {
            return of(size(), others);
        }
        SlotMatching matching = new SlotMatching(now, owners.copy(), state.copy(next.count(), size()));
        matching.matchAfter(gone, orders, next.newcomers(), heavier(now));
        return new MaglevTable(others, next, now, matching, sumFromNothing);
    }

    /**
     * For each instance its place before when it may keep its slots, else {@link Numbering#NONE}. An instance that became lighter
     * must give slots away: it is treated as one that leaves and another one that comes.
     */
    private int[] notLighter(long[] others, int[] before) {
        int[] places = before.clone();
        for (int i = 0; i < places.length; i++) {
            int place = places[i];
            if (place != ListBefore.NOWHERE
                    && (identities[2 * place] != others[2 * i] || identities[2 * place + 1] > others[2 * i + 1])) {
                places[i] = Numbering.NONE;
            }
        }
        return places;
    }

    /** The numbers of the instances that stayed and became heavier. */
    private int[] heavier(SlotOrders now) {
        IntStack heavier = new IntStack();
        for (int number = 0; number < orders.count(); number++) {
            if (now.isSame(number, orders) && orders.weight(number) > 0 && now.weight(number) > orders.weight(number)) {
                heavier.push(number);
            }
        }
        return heavier.toArray();
    }

    @Override
    public int slot(long hash) {
        return (int) (hash >>> shift);
    }

    @Override
    public int owner(int slot) {
        return numbering.place(owners.owner(slot));
    }

    /**
     * The slot that is an odd number of slots further; the key determines this number. So the keys of an instance that has no
     * room spread over all others.
     */
    @Override
    public int next(int slot, long hash) {
        return slot + ((int) SplitMix.mix(hash) | 1) & size() - 1;
    }

    @Override
    public long[] identities() {
        return identities;
    }

    int size() {
        return owners.size();
    }
}
