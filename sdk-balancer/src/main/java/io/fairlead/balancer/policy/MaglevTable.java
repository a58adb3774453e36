// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.ListBefore;
import io.fairlead.balancer.policy.plain.SplitMix;

/**
 * A table of slots as in Google's Maglev (Eisenbud et al. 2016): a hash belongs to the owner of its slot, one read. Who owns
 * which slot is a {@link SlotMatching}'s result and depends on nothing but the instances and their weights. Immutable.
 */
final class MaglevTable implements Placement {
    /** From this many looks at all instances a slot, all from nothing is cheaper. */
    private static final int MOST_LOOKS = 16;
    /** How much the weights' sum may change before what is late is late no more, or too little is. */
    private static final double CHANGED = 1.4;

    private static final double LATE = 3.5;
    private static final double LATE_BY_SIZE = 0.45;

    private final long[] identities;
    private final Numbering numbering;
    private final SlotOrders orders;
    private final SlotOwners owners;
    private final SlotMatching.State state;
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

    /** A table of a power of two of slots, of {@link Placement#identities}. */
    static MaglevTable of(int size, long[] identities) {
        SlotOrders orders = new SlotOrders(size, identities);
        // The fewer instances, the longer is the part of its order that each goes through in a turn.
        SlotMatching matching = SlotMatching.empty(orders);
        matching.matchAll(LATE + LATE_BY_SIZE * Math.log(orders.count()));
        return new MaglevTable(identities, Numbering.first(orders.count()), orders, matching, orders.sumOfWeights());
    }

    /** The same as from nothing, worked out from this one, where the instances had these places or none. */
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
     * The places of those that are not lighter: they keep their slots. Who is lighter is as one that goes and another that
     * comes.
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

    /** Numbers of those that have kept theirs and are heavier. */
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

    /** By an odd step of the key's own, so that the keys of one that is full spread over all others. */
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
