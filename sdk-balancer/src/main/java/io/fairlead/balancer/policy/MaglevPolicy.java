// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code maglev}: equal keys go to the same instance by Google's Maglev table (Eisenbud et al. 2016): one read, shares equal
 * but for one slot, and a few more keys moved than must when an instance comes or goes (half as many again with a hundred
 * instances). Load is bounded as under {@code ring_hash}. The table has 65,537 slots up to 655 instances, 655,373 up to
 * 6,553, and 1,000,003 beyond; where lists cross these numbers fix it, for another size moves every key. An immutable value.
 *
 * <p>A change of a list of thousands takes milliseconds to tens of them to compute: {@code ring_hash} moves fewer keys, and
 * neither balances by load as {@code adaptive} does.
 */
public final class MaglevPolicy implements BalancingPolicy {
    private static final int[] SIZES = {65_537, 655_373, 1_000_003};
    private static final int SLOTS_PER_INSTANCE = 100;
    private static final int LEAST_SIZE = 251;
    private static final int LARGEST_SIZE = 5_000_011;
    private static final int BY_NUMBER = 0;
    private static final int PRIME_CERTAINTY = 40;

    private final StickyKey key;
    private final double loadFactor;
    private final int tableSize;

    /** For {@link java.util.ServiceLoader}: the caller's key, 1.25 times the fair share, a table by the list's size. */
    public MaglevPolicy() {
        this(StickyKey.hashKey(), LoadFactor.DEFAULT, BY_NUMBER);
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

    /** The same with another bound on the share of what is in flight, above 1; default 1.25, infinity for no bound. */
    public MaglevPolicy withLoadFactor(double value) {
        return new MaglevPolicy(key, LoadFactor.require(value), tableSize);
    }

    /** The same with a table of this many slots, four bytes each: a prime from 251 to 5,000,011. */
    public MaglevPolicy withTableSize(int value) {
        if (value < LEAST_SIZE
                || value > LARGEST_SIZE
                || !BigInteger.valueOf(value).isProbablePrime(PRIME_CERTAINTY)) {
            throw new IllegalArgumentException("table size: " + value + " (expected: a prime from 251 to 5000011)");
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
        long[] identities = Placement.identities(candidates, before);
        int size = tableSize == BY_NUMBER ? sizeFor(candidates.size()) : tableSize;
        Placement table = before != null
                        && before.placement() instanceof MaglevTable same
                        && same.size() == size
                        && same.isOf(identities)
                ? same
                : MaglevTable.of(size, identities);
        return new KeyedPicker(candidates, table, key, loadFactor, environment.random());
    }

    private static int sizeFor(int instances) {
        for (int size : SIZES) {
            if (size >= instances * SLOTS_PER_INSTANCE) {
                return size;
            }
        }
        return SIZES[SIZES.length - 1];
    }
}
