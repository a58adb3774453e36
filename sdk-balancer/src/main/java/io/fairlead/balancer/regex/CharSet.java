// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import java.util.Arrays;

/** Some of the 65,536 UTF-16 units, as the points where membership begins and ends. An immutable value. */
final class CharSet {
    static final int END = 1 << 16;
    static final CharSet ALL = new CharSet(0, END);
    static final CharSet DIGITS = range('0', '9');
    static final CharSet WORD = DIGITS.or(range('A', 'Z')).or(range('a', 'z')).or(range('_', '_'));
    /** As in Java: blank, tab, line feed, vertical tab, form feed, carriage return. */
    static final CharSet BLANKS = range(' ', ' ').or(range('\t', '\r'));

    /** Rising; within from an even place to the odd one behind it. */
    private final int[] points;

    private CharSet(int... points) {
        this.points = points;
    }

    static CharSet range(int first, int last) {
        return new CharSet(first, last + 1);
    }

    int[] points() {
        return points;
    }

    boolean contains(int unit) {
        int place = Arrays.binarySearch(points, unit);
        return (place >= 0 ? place : -place - 2) % 2 == 0;
    }

    CharSet not() {
        boolean fromZero = points.length > 0 && points[0] == 0;
        boolean toEnd = points.length > 0 && points[points.length - 1] == END;
        int[] inverse = new int[points.length + (fromZero ? -1 : 1) + (toEnd ? -1 : 1)];
        int length = 0;
        if (!fromZero) {
            inverse[length++] = 0;
        }
        for (int point : points) {
            if (point != 0 && point != END) {
                inverse[length++] = point;
            }
        }
        if (!toEnd) {
            inverse[length] = END;
        }
        return new CharSet(inverse);
    }

    /** All of both, by one walk along their points. */
    CharSet or(CharSet other) {
        int[] merged = new int[points.length + other.points.length];
        int length = 0;
        int mine = 0;
        int its = 0;
        boolean isIn = false;
        while (mine < points.length || its < other.points.length) {
            int next = Math.min(at(points, mine), at(other.points, its));
            mine += at(points, mine) == next ? 1 : 0;
            its += at(other.points, its) == next ? 1 : 0;
            boolean isInNow = mine % 2 == 1 || its % 2 == 1;
            if (isInNow != isIn) {
                merged[length++] = next;
                isIn = isInNow;
            }
        }
        return new CharSet(Arrays.copyOf(merged, length));
    }

    private static int at(int[] points, int place) {
        return place < points.length ? points[place] : Integer.MAX_VALUE;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CharSet set && Arrays.equals(set.points, points);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(points);
    }
}
