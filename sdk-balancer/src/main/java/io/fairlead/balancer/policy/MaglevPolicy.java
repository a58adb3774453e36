// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code maglev}: equal keys go to the same instance by a table of slots that is looked up with one read, as in Google's Maglev
 * (Eisenbud et al. 2016). Slots and instances are matched stably (Gale and Shapley 1962): the table depends on nothing but the
 * instances and their weights, so that any number of clients agree without talking, whatever each has seen before.
 *
 * <p>When an instance comes, goes or changes weight, at most as many keys again as must move do, at every size of the list, as
 * the mean of whoever it may be: two thirds as many, hardly any up to 64 instances. One that is worth a few slots only may move
 * half as many more than that. Nobody is worth more slots than the fair number, half of its square
 * root, and two; few are worth much less. Equal instances of ten have 99 to 101 % of the fair share, of a hundred 95 to 102,
 * of 1,000 87 to 103, of 10,000 60 to 112. A share of less than a slot is rounded to one, or none. Load is bounded as under
 * {@code ring_hash}.
 *
 * <p>Up to 64 instances have a table of 65,536 slots, 1,024 and more one of 524,288, of two bytes each; in between there are both,
 * and with every instance more a few more keys go by the large one, so that nowhere a change of size moves many. A change of one
 * instance takes one to six milliseconds to compute; a list from nothing, and a weight hundreds of times the others' that falls,
 * 4 to 80. The thread that brings the list does it, no caller's.
 * {@code adaptive} balances by load, which this does not. An immutable value.
 */
public final class MaglevPolicy implements BalancingPolicy {
    private static final int BY_NUMBER = 0;
    private static final int LEAST_SIZE = 1 << 8;
    private static final int LARGEST_SIZE = 1 << 22;

    private final StickyKey key;
    private final double loadFactor;
    private final int tableSize;

    /** For {@link java.util.ServiceLoader}: the caller's key, 1.25 times the fair share, tables by the list's size. */
    public MaglevPolicy() {
        this(StickyKey.hashKey(), LoadBound.DEFAULT_FACTOR, BY_NUMBER);
    }

    private MaglevPolicy(StickyKey key, double loadFactor, int tableSize) {
        this.key = key;
        this.loadFactor = loadFactor;
        this.tableSize = tableSize;
    }

    /** The same with another key; default {@link StickyKey#hashKey()}. */
    public MaglevPolicy keyedBy(StickyKey value) {
        return new MaglevPolicy(value, loadFactor, tableSize);
    }

    /** The same with another bound on the share of what is in flight, above 1; default 1.25, as of {@code ring_hash}. */
    public MaglevPolicy withLoadFactor(double value) {
        return new MaglevPolicy(key, LoadBound.requireFactor(value), tableSize);
    }

    /**
     * The same with one table of this many slots, two bytes each, whatever the list's size: a power of two from 256 to 4,194,304.
     * More make shares more even and changes dearer. Where clients have different ones they do not agree.
     */
    public MaglevPolicy withTableSize(int value) {
        if (value < LEAST_SIZE || value > LARGEST_SIZE || Integer.bitCount(value) != 1) {
            throw new IllegalArgumentException(
                    "table size: " + value + " (expected: a power of two from 256 to 4194304)");
        }
        return new MaglevPolicy(key, loadFactor, value);
    }

    @Override
    public String name() {
        return "maglev";
    }

    @Override
    public boolean isKeyed() {
        return true;
    }

    @Override
    public boolean needsServiceInFlight() {
        return true;
    }

    @Override
    public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
        KeyedPicker before = previous instanceof KeyedPicker keyed ? keyed : null;
        int[] places = Placement.places(candidates, before);
        long[] identities = Placement.identities(candidates, before, places);
        Placement table =
                tableSize == BY_NUMBER ? tables(before, identities, places) : table(before, identities, places);
        return new KeyedPicker(candidates, table, key, loadFactor, environment.random());
    }

    private static Placement tables(@Nullable KeyedPicker before, long[] identities, int[] places) {
        return before != null && before.placement() instanceof MaglevTables known
                ? known.after(identities, places)
                : MaglevTables.of(identities);
    }

    private Placement table(@Nullable KeyedPicker before, long[] identities, int[] places) {
        return before != null && before.placement() instanceof MaglevTable known && known.size() == tableSize
                ? known.after(identities, places)
                : MaglevTable.of(tableSize, identities);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MaglevPolicy policy
                && policy.key.equals(key)
                && policy.loadFactor == loadFactor
                && policy.tableSize == tableSize;
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, loadFactor, tableSize);
    }

    /** With its options, as in {@code maglev(cookie sid, load factor 1.25)}. */
    @Override
    public String toString() {
        return name() + '(' + key + ", load factor " + loadFactor
                + (tableSize == BY_NUMBER ? "" : ", " + tableSize + " slots") + ')';
    }
}
