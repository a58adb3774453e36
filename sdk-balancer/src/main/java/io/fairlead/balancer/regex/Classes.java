// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Units that no set of an expression tells apart are one class. Immutable. */
final class Classes {
    /** By class: which sets have it. */
    final BitSet[] setsOf;

    /** Where intervals begin, rising from 0, and the class of each. */
    final int[] begins;

    final char[] classOf;

    Classes(List<CharSet> sets) {
        TreeSet<Integer> points = new TreeSet<>(List.of(0));
        sets.forEach(set -> Arrays.stream(set.points()).forEach(points::add));
        points.remove(CharSet.END);
        begins = points.stream().mapToInt(Integer::intValue).toArray();
        classOf = new char[begins.length];
        Map<BitSet, Integer> known = new HashMap<>();
        BitSet[] inOrder = new BitSet[begins.length];
        for (int i = 0; i < begins.length; i++) {
            BitSet members = new BitSet();
            for (int set = 0; set < sets.size(); set++) {
                members.set(set, sets.get(set).contains(begins[i]));
            }
            int fresh = known.size();
            int found = known.computeIfAbsent(members, ignored -> fresh);
            inOrder[found] = members;
            classOf[i] = (char) found;
        }
        setsOf = Arrays.copyOf(inOrder, known.size());
    }

    int size() {
        return setsOf.length;
    }

    /** The classes of ASCII, one by one. */
    char[] ascii() {
        char[] classes = new char[128];
        for (char c = 0; c < classes.length; c++) {
            int place = Arrays.binarySearch(begins, c);
            classes[c] = classOf[place >= 0 ? place : -place - 2];
        }
        return classes;
    }
}
