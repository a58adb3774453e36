// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/** The number of each slot's owner, in two bytes where that is enough. For one thread until nobody writes any more. */
final class SlotOwners {
    static final int NOBODY = -1;
    private static final int MOST_NARROW = Character.MAX_VALUE;

    private final char[] narrow;
    private final int[] wide;

    private SlotOwners(char[] narrow, int[] wide) {
        this.narrow = narrow;
        this.wide = wide;
    }

    /** All slots of nobody, with room for numbers below {@code numbers}. */
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

    /** Of a slot that has an owner. */
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
