// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes one state of each set of states that an {@link Nfa} can be in at once (Rabin and Scott 1959), state by state from the
 * start. Ends early when there are too many, or when it takes too long. For one thread.
 */
final class Dfa {
    static final int MOST_STATES = 2_000;

    /** Looks at a state of the other automaton; some 20 ms of work. */
    private static final int MOST_STEPS = 4_000_000;

    private final Nfa nfa;
    private final Classes classes;
    private final Map<Key, Integer> numbers = new HashMap<>();
    private final List<Key> states = new ArrayList<>();
    private final int[] mark;
    private final int[] stack;
    private int round;
    private int steps;

    /** The states of a set, rising: those that a unit leads on from, and the accepting one. */
    private record Key(int[] members) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(key.members, members);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(members);
        }
    }

    Dfa(Nfa nfa, Classes classes) {
        this.nfa = nfa;
        this.classes = classes;
        this.mark = new int[nfa.size()];
        this.stack = new int[2 * nfa.size() + 2];
    }

    /** The steps, a row for each state and in it a column for each class; row 0 is where nothing leads out of. */
    int[] table() {
        int[] found = new int[nfa.size()];
        number(new Key(new int[0]));
        round++;
        number(key(found, close(nfa.start(), found, 0)));
        int width = classes.size();
        int[] table = new int[16 * width];
        for (int state = 1; state < states.size(); state++) {
            if ((state + 1) * width > table.length) {
                table = Arrays.copyOf(table, 2 * table.length);
            }
            int[] members = states.get(state).members();
            for (int column = 0; column < width; column++) {
                round++;
                int size = 0;
                for (int member : members) {
                    count();
                    if (!nfa.isAccepting(member) && classes.setsOf[column].get(nfa.set(member))) {
                        size = close(nfa.next(member), found, size);
                    }
                }
                if (size > 0) { // else nothing leads on, which is row 0
                    table[state * width + column] = number(key(found, size)) * width;
                }
            }
        }
        return Arrays.copyOf(table, states.size() * width);
    }

    boolean isAccepting(int state) {
        int[] members = states.get(state).members();
        // the accepting state was made first
        return members.length > 0 && nfa.isAccepting(members[0]);
    }

    int size() {
        return states.size();
    }

    private int number(Key key) {
        Integer known = numbers.putIfAbsent(key, states.size());
        if (known != null) {
            return known;
        }
        states.add(key);
        if (states.size() > MOST_STATES + 1) {
            throw Automaton.tooLarge();
        }
        return states.size() - 1;
    }

    private static Key key(int[] found, int size) {
        int[] members = Arrays.copyOf(found, size);
        Arrays.sort(members);
        return new Key(members);
    }

    /** Adds what a state leads to without a unit, itself included, unless this round had it. */
    private int close(int from, int[] found, int size) {
        int depth = 0;
        int length = size;
        stack[depth++] = from;
        while (depth > 0) {
            count();
            int state = stack[--depth];
            if (mark[state] == round) {
                continue;
            }
            mark[state] = round;
            if (nfa.isFork(state)) {
                stack[depth++] = nfa.other(state);
                stack[depth++] = nfa.next(state);
            } else {
                found[length++] = state;
            }
        }
        return length;
    }

    private void count() {
        if (++steps > MOST_STEPS) {
            throw Automaton.tooLarge();
        }
    }
}
