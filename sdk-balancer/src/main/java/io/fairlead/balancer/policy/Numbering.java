// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * Gives every instance of a list a number. An instance that stays in the next list keeps its number, although its place may change.
 * So what is stored by number can be copied from list to list. An instance that is new takes a number that nobody uses any more, or
 * the next one. An immutable value.
 */
final class Numbering {
    /** Stands for a place that an instance does not have. */
    static final int NONE = -1;
    /** All are numbered anew when there are more numbers than this times the instances, and {@link #BESIDES}. */
    private static final int MOST = 2;

    private static final int BESIDES = 64;

    /** For each place in the list, the number of its instance. */
    private final int[] numbers;
    /** For each number, the place of its instance in the list; {@link #NONE} when nobody uses the number. */
    private final int[] places;
    /** The places of the instances that are new in this list. */
    private final int[] newcomers;

    private Numbering(int[] numbers, int count, int[] newcomers) {
        this.numbers = numbers;
        this.newcomers = newcomers;
        this.places = new int[count];
        Arrays.fill(places, NONE);
        for (int i = 0; i < numbers.length; i++) {
            places[numbers[i]] = i;
        }
    }

    /** The numbering of a first list: the number of an instance is its place, and all instances are new. */
    static Numbering first(int count) {
        int[] all = new int[count];
        Arrays.setAll(all, i -> i);
        return new Numbering(all, count, all);
    }

    /**
     * The numbering of the list that follows.
     *
     * @param before for each of its instances the place in this list; {@link #NONE} for an instance that counts as new
     */
    Numbering after(int[] before) {
        int[] next = new int[before.length];
        boolean[] stays = new boolean[places.length];
        IntStack others = new IntStack();
        for (int i = 0; i < before.length; i++) {
            if (before[i] == NONE) {
                others.push(i);
            } else {
                next[i] = numbers[before[i]];
                stays[next[i]] = true;
            }
        }
        IntStack unused = new IntStack();
        for (int number = places.length - 1; number >= 0; number--) {
            if (!stays[number]) {
                unused.push(number);
            }
        }
        int count = places.length;
        for (int place : others.toArray()) {
            next[place] = unused.isEmpty() ? count++ : unused.pop();
        }
        return new Numbering(next, count, others.toArray());
    }

    /** Whether so many numbers are unused that all instances had better be numbered anew. */
    boolean isWasteful() {
        return places.length > MOST * numbers.length + BESIDES;
    }

    /** How many numbers there are, used or not. */
    int count() {
        return places.length;
    }

    int number(int place) {
        return numbers[place];
    }

    int place(int number) {
        return places[number];
    }

    /** The numbers of the instances that are new in this list. */
    int[] newcomers() {
        int[] found = new int[newcomers.length];
        Arrays.setAll(found, i -> numbers[newcomers[i]]);
        return found;
    }

    /** The numbers whose instances do not stay: in {@code next}, which follows this, nobody has them, or somebody new. */
    int[] gone(Numbering next) {
        IntStack gone = new IntStack();
        boolean[] taken = new boolean[next.count()];
        for (int number : next.newcomers()) {
            taken[number] = true;
        }
        for (int number = 0; number < places.length; number++) {
            if (places[number] != NONE && (next.places[number] == NONE || taken[number])) {
                gone.push(number);
            }
        }
        return gone.toArray();
    }

    /**
     * Sorts identities, two longs for each instance as in {@link Placement#identities}, by number. An unused number gets weight 0 and
     * keeps the identity that it had.
     *
     * @param identities by place
     * @param before identities by number that were valid before
     */
    long[] byNumber(long[] identities, long[] before) {
        long[] numbered = Arrays.copyOf(before, 2 * places.length);
        for (int number = 0; number < places.length; number++) {
            int place = places[number];
            if (place != NONE) {
                numbered[2 * number] = identities[2 * place];
            }
            numbered[2 * number + 1] = place == NONE ? 0 : identities[2 * place + 1];
        }
        return numbered;
    }
}
