// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.SplitMix;
import org.jspecify.annotations.Nullable;

/**
 * A small table for short lists and a large one for long lists. In between each key goes by one of the two, by a coin of its own;
 * with every instance more, a few more keys go by the large one. So no number of instances moves many keys because the table's
 * size changes. Like the tables it depends on nothing but the instances and their weights. Immutable.
 */
final class MaglevTables implements Placement {
    private static final int SMALL = 1 << 16;
    private static final int LARGE = 1 << 19;
    /** Up to so many instances all keys go by the small table. */
    private static final int SHORT = 64;
    /** From so many instances on all keys go by the large table. */
    private static final int LONG = 1_024;
    /** A table that is not needed is kept up to date until the list has this many times fewer or more than it would need. */
    private static final int SPARE = 2;

    private static final double COINS = 0x1p32;
    private static final long COIN = 0xFFFF_FFFFL;

    private final long[] identities;
    private final @Nullable MaglevTable small;
    private final @Nullable MaglevTable large;
    private final long large32;

    private MaglevTables(long[] identities, @Nullable MaglevTable small, @Nullable MaglevTable large) {
        this.identities = identities;
        this.small = small;
        this.large = large;
        this.large32 = (long) (COINS * partOfLarge(identities.length / 2));
    }

    /** Tables of {@link Placement#identities}. */
    static MaglevTables of(long[] identities) {
        int count = identities.length / 2;
        return new MaglevTables(
                identities,
                count < LONG ? MaglevTable.of(SMALL, identities) : null,
                count > SHORT ? MaglevTable.of(LARGE, identities) : null);
    }

    /** The same as from nothing, worked out from these, where the instances had these places or none. */
    MaglevTables after(long[] others, int[] before) {
        if (isOf(others)) {
            return this;
        }
        int count = before.length;
        return new MaglevTables(
                others,
                after(small, SMALL, others, before, count < LONG, count < LONG * SPARE),
                after(large, LARGE, others, before, count > SHORT, count > SHORT / SPARE));
    }

    private static @Nullable MaglevTable after(
            @Nullable MaglevTable table, int size, long[] others, int[] before, boolean needed, boolean kept) {
        if (table != null && kept) {
            return table.after(others, before);
        }
        return needed ? MaglevTable.of(size, others) : null;
    }

    /** Grows with the logarithm: an instance more moves a part of its own share, whatever the size. */
    private static double partOfLarge(int count) {
        double part = SplitMix.logarithm((double) count / SHORT) / SplitMix.logarithm((double) LONG / SHORT);
        return Math.max(0, Math.min(1, part));
    }

    @Override
    public int slot(long hash) {
        return (hash & COIN) < large32
                ? SMALL + table(large).slot(hash)
                : table(small).slot(hash);
    }

    @Override
    public int owner(int slot) {
        return slot < SMALL ? table(small).owner(slot) : table(large).owner(slot - SMALL);
    }

    @Override
    public int next(int slot, long hash) {
        return slot < SMALL
                ? table(small).next(slot, hash)
                : SMALL + table(large).next(slot - SMALL, hash);
    }

    @Override
    public long[] identities() {
        return identities;
    }

    private static MaglevTable table(@Nullable MaglevTable table) {
        if (table == null) {
            throw new IllegalStateException("no key goes by a table that is not there");
        }
        return table;
    }
}
