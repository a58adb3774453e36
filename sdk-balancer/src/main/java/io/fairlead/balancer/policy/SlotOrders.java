// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.balancer.policy.plain.SplitMix;
import java.util.Arrays;

/**
 * In which order each instance wants the slots of a table, and which of two instances a slot prefers. The order of an instance is
 * a permutation of all slots that is computed from its identity alone. It can be computed both ways: the rank of a slot, which
 * is its place in the order, and the slot at a rank each cost two multiplications. An instance comes to the slot at a rank at the
 * time {@code -ln(1 - rank / size) / weight}, and a slot prefers the instance that comes to it first: that is the exponential race
 * of weighted rendezvous hashing.
 *
 * <p>Instances have numbers, and an unused number has weight 0. Nobody writes to it once its maker has given it away.
 */
final class SlotOrders {
    private static final int SIGN = 31;
    private static final double HALF = 0.5;

    private final int mask;
    private final int shift;
    private final long[] identities;
    private final int[] first;
    private final int[] second;
    private final int[] offset;
    private final double sumOfWeights;
    private final boolean equal;

    /** Orders of a table of a power of two of slots, of {@link Placement#identities} by number. */
    SlotOrders(int size, long[] identities) {
        this(size, identities, new long[0], new int[0], new int[0], new int[0]);
    }

    private SlotOrders(int size, long[] identities, long[] known, int[] first, int[] second, int[] offset) {
        this.mask = size - 1;
        // Half of the bits, rounded up: to xor the upper half into the lower one twice is to do nothing.
        this.shift = (Integer.numberOfTrailingZeros(size) + 1) / 2;
        this.identities = identities;
        int count = identities.length / 2;
        this.first = Arrays.copyOf(first, count);
        this.second = Arrays.copyOf(second, count);
        this.offset = Arrays.copyOf(offset, count);
        double sum = 0;
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < count; i++) {
            if (2 * i >= known.length || known[2 * i] != identities[2 * i]) {
                long bits = SplitMix.at(identities[2 * i], 1);
                this.first[i] = (int) bits | 1;
                this.second[i] = (int) (bits >>> Integer.SIZE) | 1;
                this.offset[i] = (int) SplitMix.at(identities[2 * i], 2);
            }
            long weight = weight(i);
            sum += weight;
            most = Math.max(most, weight);
            least = weight == 0 ? least : Math.min(least, weight);
        }
        this.sumOfWeights = sum;
        this.equal = least >= most;
    }

    /** The orders of other instances, most of whose numbers stand for the same instance as here. */
    SlotOrders with(long[] others) {
        return new SlotOrders(size(), others, identities, first, second, offset);
    }

    int size() {
        return mask + 1;
    }

    /** How many numbers there are, used or not. */
    int count() {
        return first.length;
    }

    /** By number. */
    long[] identities() {
        return identities;
    }

    long weight(int instance) {
        return identities[2 * instance + 1];
    }

    /** Whether a number stands for the same instance in both. */
    boolean isSame(int number, SlotOrders others) {
        return identities[2 * number] == others.identities[2 * number];
    }

    double sumOfWeights() {
        return sumOfWeights;
    }

    /** A number from 0 to below 1 that belongs to the instance and looks like chance. */
    double fraction(int instance) {
        return SplitMix.fraction(SplitMix.at(identities[2 * instance], 3));
    }

    /** The rank of a slot for an instance, from 0. */
    int rank(int instance, int slot) {
        int mixed = slot * first[instance] + offset[instance] & mask;
        mixed ^= mixed >>> shift;
        return mixed * second[instance] & mask;
    }

    /** The slot at a rank of an instance, given {@link #undoFirst} and {@link #undoSecond} of the instance. */
    int slot(int rank, int instance, int undoFirst, int undoSecond) {
        int mixed = rank * undoSecond & mask;
        mixed ^= mixed >>> shift;
        return (mixed - offset[instance]) * undoFirst & mask;
    }

    /** The factor that undoes an instance's first multiplication. */
    int undoFirst(int instance) {
        return SplitMix.inverse(first[instance]);
    }

    /** The factor that undoes an instance's second multiplication. */
    int undoSecond(int instance) {
        return SplitMix.inverse(second[instance]);
    }

    /** The time at which an instance comes to the slot at a rank. */
    double time(int instance, int rank) {
        return -SplitMix.logarithm((mask - rank + HALF) / size()) / weight(instance);
    }

    /** How many slots an instance has come to at a time. */
    int ranksUntil(int instance, double time) {
        int ranks = (int) Math.min(size(), size() * -StrictMath.expm1(-time * weight(instance)));
        while (ranks > 0 && time(instance, ranks - 1) > time) {
            ranks--;
        }
        while (ranks < size() && time(instance, ranks) <= time) {
            ranks++;
        }
        return ranks;
    }

    /** Whether a slot prefers one instance to another, given its rank for each. */
    boolean prefers(int slot, int one, int rank, int other, int otherRank) {
        if (equal || weight(one) == weight(other)) {
            if (rank != otherRank) {
                return rank < otherRank;
            }
        } else {
            double time = time(one, rank);
            double otherTime = time(other, otherRank);
            if (time != otherTime) {
                return time < otherTime;
            }
        }
        return SplitMix.mix(identities[2 * one] ^ slot) < SplitMix.mix(identities[2 * other] ^ slot);
    }

    /**
     * The instance that a slot prefers among those for which the slot's rank is below their limit. There must be one.
     *
     * @param ranks room for as many as there are numbers
     */
    int mostWanted(int slot, int[] limits, int[] ranks) {
        for (int i = 0; i < ranks.length; i++) {
            int mixed = slot * first[i] + offset[i] & mask;
            mixed ^= mixed >>> shift;
            int rank = mixed * second[i] & mask;
            // Without a jump the loop runs several lanes wide: a rank not below the limit becomes the largest number.
            ranks[i] = rank | (limits[i] - 1 - rank >> SIGN) & Integer.MAX_VALUE;
        }
        return equal ? mostWantedOfEqual(slot, ranks) : mostWantedByTime(slot, ranks);
    }

    private int mostWantedOfEqual(int slot, int[] ranks) {
        int least = Integer.MAX_VALUE;
        for (int rank : ranks) {
            least = Math.min(least, rank);
        }
        int best = -1;
        for (int i = 0; i < ranks.length; i++) {
            if (ranks[i] == least && (best < 0 || prefers(slot, i, least, best, least))) {
                best = i;
            }
        }
        return best;
    }

    private int mostWantedByTime(int slot, int[] ranks) {
        int best = -1;
        double most = Double.POSITIVE_INFINITY;
        for (int i = 0; i < ranks.length; i++) {
            // -ln(1 - u) is never below u, so that few need the logarithm.
            if (ranks[i] < Integer.MAX_VALUE
                    && ranks[i] <= most * weight(i)
                    && (best < 0 || prefers(slot, i, ranks[i], best, ranks[best]))) {
                best = i;
                most = time(i, ranks[i]) * size();
            }
        }
        return best;
    }
}
