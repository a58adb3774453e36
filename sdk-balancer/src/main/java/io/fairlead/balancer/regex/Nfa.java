// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An automaton that may be in several states at once (Thompson 1968), built from its end: each part is given the state that
 * follows it. Counted repetition copies its part, so steps are counted and end early. For one thread.
 */
final class Nfa {
    /** Above this the automaton without choices would be above its own bound, or most of its states would do nothing. */
    private static final int MOST_STEPS = 10_000;

    private static final int ACCEPT = -1;
    private static final int FORK = -2;

    private final Map<CharSet, Integer> sets = new LinkedHashMap<>();
    /** By state: the number of a set, {@link #ACCEPT} or {@link #FORK}. */
    private int[] kinds = new int[64];

    private int[] nexts = new int[64];
    private int[] others = new int[64];
    private int size;
    private int steps;
    private final int start;

    Nfa(Expression expression) {
        int end = add(ACCEPT, 0, 0);
        start = build(expression, end);
    }

    int start() {
        return start;
    }

    int size() {
        return size;
    }

    List<CharSet> sets() {
        return new ArrayList<>(sets.keySet());
    }

    boolean isAccepting(int state) {
        return kinds[state] == ACCEPT;
    }

    boolean isFork(int state) {
        return kinds[state] == FORK;
    }

    /** The number of the set that leads on from a state which is neither a fork nor accepting. */
    int set(int state) {
        return kinds[state];
    }

    int next(int state) {
        return nexts[state];
    }

    /** Where else a fork leads. */
    int other(int state) {
        return others[state];
    }

    private int build(Expression expression, int next) {
        if (++steps > MOST_STEPS) {
            throw Automaton.tooLarge();
        }
        if (expression instanceof Expression.Unit unit) {
            return add(sets.computeIfAbsent(unit.set(), set -> sets.size()), next, 0);
        }
        if (expression instanceof Expression.All all) {
            int first = next;
            for (int i = all.parts().size() - 1; i >= 0; i--) {
                first = build(all.parts().get(i), first);
            }
            return first;
        }
        if (expression instanceof Expression.Any any) {
            int first = build(any.parts().get(0), next);
            for (Expression part : any.parts().subList(1, any.parts().size())) {
                first = add(FORK, first, build(part, next));
            }
            return first;
        }
        return expression instanceof Expression.Repeat repeat ? repeat(repeat, next) : next;
    }

    private int repeat(Expression.Repeat repeat, int next) {
        int first = next;
        if (repeat.most() == Expression.Repeat.ENDLESS) {
            first = add(FORK, 0, next);
            int body = build(repeat.part(), first);
            nexts[first] = body; // only now: building may have moved the array
        }
        for (int i = repeat.least(); i < repeat.most(); i++) {
            first = add(FORK, build(repeat.part(), first), next);
        }
        for (int i = 0; i < repeat.least(); i++) {
            first = build(repeat.part(), first);
        }
        return first;
    }

    private int add(int kind, int next, int other) {
        if (size == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * size);
            nexts = Arrays.copyOf(nexts, 2 * size);
            others = Arrays.copyOf(others, 2 * size);
        }
        kinds[size] = kind;
        nexts[size] = next;
        others[size] = other;
        return size++;
    }
}
