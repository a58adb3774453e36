// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.ListBefore;
import io.fairlead.balancer.policy.plain.SplitMix;

/**
 * Consistent hashing on a ring (Karger et al. 1997). Each instance has points in proportion to its weight ({@link RingWeights}); a
 * hash belongs to the first point at or after it. An index over the hash's high bits finds that in a few steps, whatever the
 * size. A ring depends on nothing but the instances and their weights. Immutable.
 */
final class HashRing implements Placement {
    /** The low bits of a point tell its owner's number; they leave 43 bits to tell points apart. */
    private static final int OWNER_BITS = 20;

    private static final long OWNER = (1L << OWNER_BITS) - 1;
    private static final int HASH_BITS = 63;
    private static final int POINTS_PER_BUCKET = 2;
    private static final int COIN_SHIFT = 40;
    /** Part of the points that may change before all are sorted anew. */
    private static final int CHANGED = 4;

    private final long[] identities;
    private final Numbering numbering;
    /** By number, as long as its points are there. */
    private final long[] numbered;

    private final RingWeights weights;
    private final boolean thin;
    private final long[] points;
    private final int[] index;
    private final int shift;

    private HashRing(
            long[] identities, Numbering numbering, long[] numbered, RingWeights weights, long[] points, int[] index) {
        this.identities = identities;
        this.numbering = numbering;
        this.numbered = numbered;
        this.weights = weights;
        this.thin = weights.hasThin();
        this.points = points;
        this.index = index;
        this.shift = shift(index.length);
    }

    /** A ring of {@link Placement#identities}. */
    static HashRing of(long[] identities) {
        RingWeights weights = new RingWeights(identities);
        RingEdits all = new RingEdits(weights.sum());
        for (int i = 0; i < identities.length / 2; i++) {
            all.add(identities[2 * i], i, 0, weights.points(i));
        }
        long[] points = all.sorted(identities);
        int[] index = new int[indexSize(points.length)];
        int at = 0;
        int shift = shift(index.length);
        for (int bucket = 0; bucket < index.length; bucket++) {
            while (at < points.length && points[at] >>> shift < bucket) {
                at++;
            }
            index[bucket] = at;
        }
        return new HashRing(identities, Numbering.first(identities.length / 2), identities, weights, points, index);
    }

    /** The same as from nothing, worked out from this one, where the instances had these places or none. */
    HashRing after(long[] others, int[] before) {
        if (isOf(others)) {
            return this;
        }
        Numbering next = numbering.after(unchanged(others, before));
        long[] nextNumbered = next.byNumber(others, numbered);
        RingWeights nextWeights = new RingWeights(nextNumbered);
        RingEdits less = new RingEdits(0);
        RingEdits more = new RingEdits(0);
        for (int i = 0; i < next.count(); i++) {
            int had = weights.points(i);
            int has = nextWeights.points(i);
            if (i < numbering.count() && numbered[2 * i] == nextNumbered[2 * i]) {
                less.add(numbered[2 * i], i, has, had);
                more.add(numbered[2 * i], i, had, has);
            } else {
                less.add(i < numbering.count() ? numbered[2 * i] : 0, i, 0, had);
                more.add(nextNumbered[2 * i], i, 0, has);
            }
        }
        int count = points.length + more.size() - less.size();
        if (next.isWasteful()
                || less.size() + more.size() > points.length / CHANGED
                || indexSize(count) != index.length) {
            return of(others);
        }
        long[] gone = less.sorted(numbered);
        long[] come = more.sorted(nextNumbered);
        return new HashRing(
                others,
                next,
                nextNumbered,
                nextWeights,
                RingEdits.merge(points, numbered, gone, come, nextNumbered),
                RingEdits.merge(index, shift, gone, come));
    }

    /** The places of those that are the same, whatever their weight. */
    private int[] unchanged(long[] others, int[] before) {
        int[] places = before.clone();
        for (int i = 0; i < places.length; i++) {
            if (places[i] != ListBefore.NOWHERE && identities[2 * places[i]] != others[2 * i]) {
                places[i] = Numbering.NONE;
            }
        }
        return places;
    }

    private static int indexSize(int points) {
        return Math.max(2, Integer.highestOneBit(Math.max(1, points / POINTS_PER_BUCKET)));
    }

    private static int shift(int buckets) {
        return HASH_BITS - Integer.numberOfTrailingZeros(buckets);
    }

    /** The part of a hash that places it on the ring; never negative, so that sorting is plain. */
    static long place(long hash) {
        return hash >>> 1 & ~OWNER;
    }

    /** The place of a point. */
    static long placeOf(long point) {
        return point & ~OWNER;
    }

    /** The number of a point's owner. */
    static int number(long point) {
        return (int) (point & OWNER);
    }

    @Override
    public int slot(long hash) {
        long place = place(hash);
        int at = index[(int) (place >>> shift)];
        while (at < points.length && points[at] < place) {
            at++;
        }
        return taking(at == points.length ? 0 : at, hash);
    }

    @Override
    public int owner(int slot) {
        return numbering.place(number(points[slot]));
    }

    /** Clockwise. */
    @Override
    public int next(int slot, long hash) {
        return taking(after(slot), hash);
    }

    /** The first point from a slot on that takes a hash: a thin one takes its part of them, always the same. */
    private int taking(int slot, long hash) {
        if (!thin) {
            return slot;
        }
        int at = slot;
        for (int i = 0; i < points.length; i++) {
            int thickness = weights.thickness(number(points[at]));
            if (thickness == RingWeights.FULL
                    || SplitMix.mix(hash ^ points[at] >>> OWNER_BITS) >>> COIN_SHIFT < thickness) {
                return at;
            }
            at = after(at);
        }
        return slot;
    }

    private int after(int slot) {
        return slot + 1 == points.length ? 0 : slot + 1;
    }

    @Override
    public long[] identities() {
        return identities;
    }
}
