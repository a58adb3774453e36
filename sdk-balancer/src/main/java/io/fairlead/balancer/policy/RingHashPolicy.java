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
 * {@code ring_hash}: equal keys go to the same instance, and an instance that comes or goes moves only its own keys (Karger
 * et al. 1997). No instance takes more than 1.25 times its fair share of what is in flight; beyond that a key goes to the
 * next on the ring (Mirrokni, Thorup, Zadimoghaddam 2018). The key is the caller's unless {@link #keyedBy} says otherwise;
 * calls without one go anywhere, by weight. An immutable value.
 *
 * <p>On rings of more than 131,072 points, which 819 equal instances have, points grow with the square root of the list only, and
 * a change moves up to half as many keys again. Where the heaviest weight comes to 16, 256, 4,096 or 65,536, or leaves it, most
 * keys move. The tiniest weight's share is right within a factor of two, whatever the others are.
 *
 * <p>Shares of equal instances differ even with many keys: the largest of 100 has 1.2 times the fair one, of 1,000 1.3, of 10,000
 * 1.8; {@code maglev} is evener. Not for few, hot keys, nor for calls that any instance serves equally well: {@code adaptive}
 * balances those by load. A change of one instance takes a millisecond to compute, and a list of 10,000 from nothing 40.
 */
public final class RingHashPolicy implements BalancingPolicy {
    private final StickyKey key;
    private final double loadFactor;

    /** For {@link java.util.ServiceLoader}: the caller's key, 1.25 times the fair share. */
    public RingHashPolicy() {
        this(StickyKey.hashKey(), LoadBound.DEFAULT_FACTOR);
    }

    private RingHashPolicy(StickyKey key, double loadFactor) {
        this.key = key;
        this.loadFactor = loadFactor;
    }

    /** The same with another key; default {@link StickyKey#hashKey()}. */
    public RingHashPolicy keyedBy(StickyKey value) {
        return new RingHashPolicy(value, loadFactor);
    }

    /**
     * The same with another bound on the share of what is in flight, above 1; default 1.25, rounded to a millionth, infinity for
     * no bound. The lower it is, the more keys leave their instance under load.
     */
    public RingHashPolicy withLoadFactor(double value) {
        return new RingHashPolicy(key, LoadBound.requireFactor(value));
    }

    @Override
    public String name() {
        return "ring_hash";
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
        Placement ring = before != null && before.placement() instanceof HashRing known
                ? known.after(identities, places)
                : HashRing.of(identities);
        return new KeyedPicker(candidates, ring, key, loadFactor, environment.random());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RingHashPolicy policy && policy.key.equals(key) && policy.loadFactor == loadFactor;
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, loadFactor);
    }

    /** With its options, as in {@code ring_hash(cookie sid, load factor 1.25)}. */
    @Override
    public String toString() {
        return name() + '(' + key + ", load factor " + loadFactor + ')';
    }
}
