// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * A table of slots as in Google's Maglev (Eisenbud et al. 2016): a hash belongs to the owner of its slot, one read. Who owns
 * which slot is a {@link SlotMatching}'s result and depends on nothing but the instances and their weights. Immutable.
 */
final class MaglevTable implements Placement {
    /** From this many looks at all instances a slot, all from nothing is cheaper. */
    private static final int MOST_LOOKS = 4;
    /** How much the weights' sum may change before what is late is late no more, or too little is. */
    private static final double CHANGED = 1.4;

    /** Numbers out of use, for each in use, and besides, before all are numbered anew. */
    private static final int MOST_UNUSED = 2;

    private static final int SOME_UNUSED = 64;
    private static final int NONE = -1;
    private static final double LATE = 3.5;
    private static final double LATE_BY_SIZE = 0.45;

    private final long[] identities;
    private final SlotOrders orders;
    private final SlotOwners owners;
    private final SlotMatching.State state;
    /** The place in the list that a number has. */
    private final int[] places;
    /** The numbers that places in the list have. */
    private final int[] numbers;

    private final double sumFromNothing;
    private final int shift;

    private MaglevTable(
            long[] identities, int[] numbers, SlotOrders orders, SlotMatching matching, double sumFromNothing) {
        this.identities = identities;
        this.numbers = numbers;
        this.orders = orders;
        this.owners = matching.owners();
        this.state = matching.state();
        this.places = new int[orders.count()];
        for (int i = 0; i < numbers.length; i++) {
            places[numbers[i]] = i;
        }
        this.sumFromNothing = sumFromNothing;
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(owners.size());
    }

    /** A table of a power of two of slots, of {@link Placement#identities}. */
    static MaglevTable of(int size, long[] identities) {
        SlotOrders orders = new SlotOrders(size, identities);
        int[] numbers = new int[orders.count()];
        Arrays.setAll(numbers, i -> i);
        // The fewer instances, the longer is the part of its order that each goes through in a turn.
        SlotMatching matching = SlotMatching.empty(orders, LATE + LATE_BY_SIZE * Math.log(orders.count()));
        matching.matchAll();
        return new MaglevTable(identities, numbers, orders, matching, orders.sumOfWeights());
    }

    /** The same as from nothing, worked out from this one, where the instances had these places or none. */
    MaglevTable after(long[] others, int[] before) {
        if (isOf(others)) {
            return this;
        }
        int[] renumbered = new int[before.length];
        long[] numbered = orders.identities().clone();
        boolean[] stays = new boolean[places.length];
        for (int i = 0; i < before.length; i++) {
            int place = before[i];
            boolean same = place >= 0
                    && identities[2 * place] == others[2 * i]
                    && identities[2 * place + 1] == others[2 * i + 1];
            renumbered[i] = same ? numbers[place] : NONE;
            if (same) {
                stays[numbers[place]] = true;
            }
        }
        IntStack gone = new IntStack();
        IntStack unused = new IntStack();
        long lost = 0;
        for (int number = 0; number < stays.length; number++) {
            if (stays[number]) {
                continue;
            }
            unused.push(number);
            numbered[2 * number + 1] = 0;
            if (orders.weight(number) > 0) {
                gone.push(number);
                lost += state.loads()[number];
            }
        }
        IntStack newcomers = new IntStack();
        int count = stays.length;
        for (int i = 0; i < before.length; i++) {
            if (renumbered[i] == NONE) {
                renumbered[i] = unused.isEmpty() ? count++ : unused.pop();
                newcomers.push(i);
            }
        }
        if (lost * before.length > (long) MOST_LOOKS * size()
                || count > MOST_UNUSED * before.length + SOME_UNUSED
                || !owners.hasRoomFor(count)) {
            return of(size(), others);
        }
        numbered = Arrays.copyOf(numbered, 2 * count);
        for (int i = 0; i < newcomers.size(); i++) {
            int place = newcomers.get(i);
            numbered[2 * renumbered[place]] = others[2 * place];
            numbered[2 * renumbered[place] + 1] = others[2 * place + 1];
        }
        SlotOrders now = orders.with(numbered);
        if (now.sumOfWeights() > CHANGED * sumFromNothing || now.sumOfWeights() * CHANGED < sumFromNothing) {
            return of(size(), others);
        }
        SlotMatching matching = new SlotMatching(now, owners.copy(), state.copy(count, size()));
        matching.matchAfter(gone, orders, numbersOf(newcomers, renumbered));
        return new MaglevTable(others, renumbered, now, matching, sumFromNothing);
    }

    private static IntStack numbersOf(IntStack listed, int[] numbers) {
        IntStack found = new IntStack();
        for (int i = 0; i < listed.size(); i++) {
            found.push(numbers[listed.get(i)]);
        }
        return found;
    }

    @Override
    public int slot(long hash) {
        return (int) (hash >>> shift);
    }

    @Override
    public int owner(int slot) {
        return places[owners.owner(slot)];
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
