// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * Google's Maglev table (Eisenbud et al. 2016, section 3.4): each instance prefers the slots of a prime-sized table in an
 * order of its own; they take turns, as often as their weight says, to claim the next one that is free. A hash belongs to
 * the owner of its slot: one read, and shares equal but for one slot.
 */
final class MaglevTable implements Placement {
    /** Turns add up in floating point. */
    private static final double ROUNDING = 1e-9;

    private final long[] identities;
    private final int[] owners;

    private MaglevTable(long[] identities, int[] owners) {
        this.identities = identities;
        this.owners = owners;
    }

    /** A table of a prime size, of {@link Placement#identities}. */
    static MaglevTable of(int size, long[] identities) {
        return new MaglevTable(identities, fill(size, identities));
    }

    /** The owner of every slot, with offsets, skips and weights of {@link Placement#identities}. */
    static int[] fill(int size, long[] identities) {
        int count = identities.length / 2;
        int[] offsets = new int[count];
        int[] skips = new int[count];
        double[] weights = new double[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = (int) Long.remainderUnsigned(SplitMix.at(identities[2 * i], 1), size);
            skips[i] = (int) Long.remainderUnsigned(SplitMix.at(identities[2 * i], 2), size - 1) + 1;
            weights[i] = identities[2 * i + 1];
        }
        return fill(size, offsets, skips, weights);
    }

    /** The owner of every slot. */
    static int[] fill(int size, int[] offsets, int[] skips, double[] weights) {
        int[] owners = new int[size];
        Arrays.fill(owners, -1);
        int[] next = offsets.clone();
        double[] due = new double[offsets.length];
        double heaviest = Arrays.stream(weights).max().orElse(1);
        int filled = 0;
        while (filled < size) {
            for (int i = 0; i < offsets.length && filled < size; i++) {
                due[i] += weights[i] / heaviest;
                if (due[i] < 1 - ROUNDING) {
                    continue;
                }
                due[i] -= 1;
                int slot = next[i];
                while (owners[slot] >= 0) {
                    slot = after(slot, skips[i], size);
                }
                owners[slot] = i;
                next[i] = after(slot, skips[i], size);
                filled++;
            }
        }
        return owners;
    }

    private static int after(int slot, int skip, int size) {
        int next = slot + skip;
        return next < size ? next : next - size;
    }

    @Override
    public int slot(long hash) {
        return (int) Long.remainderUnsigned(hash, owners.length);
    }

    @Override
    public int owner(int slot) {
        return owners[slot];
    }

    /** By a step of the key's own, so that the keys of one that is full spread over all others. */
    @Override
    public int next(int slot, long hash) {
        int skip = SplitMix.below(owners.length - 1, SplitMix.mix(hash)) + 1;
        return after(slot, skip, owners.length);
    }

    @Override
    public long[] identities() {
        return identities;
    }

    int size() {
        return owners.length;
    }
}
