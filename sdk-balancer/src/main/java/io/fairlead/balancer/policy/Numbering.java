// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import java.util.Arrays;

/**
 * Numbers for the instances of a list that follows another: who stays keeps its number, whatever its place is now, so that most of
 * what is stored by number can be copied. Newcomers take numbers that are out of use. An immutable value.
 */
final class Numbering {
    static final int NONE = -1;
    /** Numbers for each instance, and besides, before all are numbered anew. */
    private static final int MOST = 2;

    private static final int BESIDES = 64;

    /** By place in the list. */
    private final int[] numbers;
    /** The place of each number that is in use, else {@link #NONE}. */
    private final int[] places;
    /** The places of those that do not stay. */
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

    /** Everybody's number is its place, and everybody is new. */
    static Numbering first(int count) {
        int[] all = new int[count];
        Arrays.setAll(all, i -> i);
        return new Numbering(all, count, all);
    }

    /** That of a list whose instances had these places, or {@link #NONE} when they are others now. */
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

    /** Whether so many are out of use that all had better be numbered anew. */
    boolean isWasteful() {
        return places.length > MOST * numbers.length + BESIDES;
    }

    /** Numbers in use and out of it. */
    int count() {
        return places.length;
    }

    int number(int place) {
        return numbers[place];
    }

    int place(int number) {
        return places[number];
    }

    /** Numbers of those that are new in this list. */
    int[] newcomers() {
        int[] found = new int[newcomers.length];
        Arrays.setAll(found, i -> numbers[newcomers[i]]);
        return found;
    }

    /** Numbers of those of {@code next}'s list before that are not in it any more. */
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

    /** {@link Placement#identities} by number instead of by place; who is out of use keeps what {@code before} has, at weight 0. */
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
