// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * For each slot of a table the number of the instance that owns it, in two bytes when all numbers fit into two. One thread may write;
 * when it has given this away nobody writes, and any thread may read.
 */
final class SlotOwners {
    static final int NOBODY = -1;
    private static final int MOST_NARROW = Character.MAX_VALUE;

    private final char[] narrow;
    private final int[] wide;

    private SlotOwners(char[] narrow, int[] wide) {
        this.narrow = narrow;
        this.wide = wide;
    }

    /** So many slots that nobody owns; owners will have numbers below {@code numbers}. */
    static SlotOwners of(int size, int numbers) {
        boolean fits = numbers <= MOST_NARROW;
        char[] narrow = new char[fits ? size : 0];
        int[] wide = new int[fits ? 0 : size];
        Arrays.fill(narrow, (char) NOBODY);
        Arrays.fill(wide, NOBODY);
        return new SlotOwners(narrow, wide);
    }

    SlotOwners copy() {
        return new SlotOwners(narrow.clone(), wide.clone());
    }

    boolean hasRoomFor(int numbers) {
        return narrow.length == 0 || numbers <= MOST_NARROW;
    }

    int size() {
        return narrow.length + wide.length;
    }

    int get(int slot) {
        if (narrow.length == 0) {
            return wide[slot];
        }
        char number = narrow[slot];
        return number == (char) NOBODY ? NOBODY : number;
    }

    /** The owner of a slot that has one; for other slots the answer means nothing. Quicker than {@link #get}. */
    int owner(int slot) {
        return narrow.length == 0 ? wide[slot] : narrow[slot];
    }

    void set(int slot, int number) {
        if (narrow.length == 0) {
            wide[slot] = number;
        } else {
            narrow[slot] = (char) number;
        }
    }
}
