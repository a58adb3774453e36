// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import java.util.Arrays;

/**
 * A regular expression that is matched with one look at each character: its states are a table. Whole texts match, or do not;
 * {@code ^} and {@code $} at the ends say nothing. A character is a UTF-16 unit, and {@code .} takes every one. Immutable, safe
 * for any thread.
 */
public final class Automaton {
    /** A longer text does not match. */
    public static final int MOST_TEXT = 8_192;

    private static final int DEAD = 0;

    private final int[] table;
    private final int width;
    private final boolean[] accepting;
    private final char[] ascii;
    private final int[] begins;
    private final char[] classOf;

    private Automaton(Classes classes, int[] table, boolean[] accepting) {
        this.table = table;
        this.width = classes.size();
        this.accepting = accepting;
        this.ascii = classes.ascii();
        this.begins = classes.begins;
        this.classOf = classes.classOf;
    }

    /**
     * Compiles an expression, within some 20 ms and a few megabytes whatever it is.
     *
     * @throws IllegalArgumentException says what is wrong, where, and what was expected
     */
    public static Automaton of(String expression) {
        Nfa nfa = new Nfa(RegexParser.parse(expression));
        Classes classes = new Classes(nfa.sets());
        Dfa dfa = new Dfa(nfa, classes);
        int[] table = dfa.table();
        boolean[] accepting = new boolean[dfa.size()];
        for (int state = 0; state < accepting.length; state++) {
            accepting[state] = dfa.isAccepting(state);
        }
        return new Automaton(classes, table, accepting);
    }

    static IllegalArgumentException tooLarge() {
        return new IllegalArgumentException("over 2,000 states (expected: less {m,n} and '.*')");
    }

    /** How many states it has, that from which nothing leads on aside. */
    public int states() {
        return accepting.length - 1;
    }

    /** Numbers in its table: what it takes of the memory. */
    public int cells() {
        return table.length;
    }

    /** Whether a whole text is a word of the expression. Allocates nothing. */
    public boolean matches(String text) {
        return matches(text, 0, text.length());
    }

    /** Whether a part of a text is a word of the expression. Allocates nothing. */
    public boolean matches(String text, int begin, int end) {
        if (end - begin > MOST_TEXT) {
            return false;
        }
        int row = width;
        for (int i = begin; i < end; i++) {
            char unit = text.charAt(i);
            row = table[row + (unit < 128 ? ascii[unit] : classOf(unit))];
            if (row == DEAD) {
                return false;
            }
        }
        return accepting[row / width];
    }

    private int classOf(char unit) {
        int place = Arrays.binarySearch(begins, unit);
        return classOf[place >= 0 ? place : -place - 2];
    }
}
