// SPDX-License-Identifier: Apache-2.0
package io.fairlead.routes.tree;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/** What is wrong with one document, all of it. Not safe for several threads: it belongs to one reading. */
public final class DocumentProblems {
    /** A document of a mebibyte may have more problems than anybody reads; those beyond are only counted. */
    private static final int KEPT = 1_000;

    private static final int LONGEST_QUOTE = 80;
    private static final int LONGEST_KEY = 300;
    private static final int LONGEST_TEXT = 500;

    private final List<Problem> kept = new ArrayList<>();
    private final NavigableSet<String> paths = new TreeSet<>();
    private int total;

    /**
     * One problem.
     *
     * @param path where in the document, as in {@code services.orders.rules[2].to}; empty when it is no part of it
     * @param message what was found, and what was expected
     */
    public record Problem(Position place, String path, String message) {}

    /** Adds one. */
    public void add(Position place, String path, String message) {
        total++;
        if (kept.size() < KEPT) {
            paths.add(path);
            kept.add(new Problem(place, printable(path), printable(message)));
        }
    }

    /** Whether something is wrong at this path, or at a part of it. */
    public boolean isKnown(String path) {
        return paths.contains(path) || hasBelow(path + ".") || hasBelow(path + "[");
    }

    private boolean hasBelow(String start) {
        String next = paths.ceiling(start);
        return next != null && next.startsWith(start);
    }

    /** Whether something is wrong at this very path. */
    public boolean isExactly(String path) {
        return paths.contains(path);
    }

    /** Whether nothing is wrong. */
    public boolean isEmpty() {
        return total == 0;
    }

    /** How many there are. */
    public int total() {
        return total;
    }

    /** Those kept, in the order of the document. */
    public List<Problem> list() {
        List<Problem> sorted = new ArrayList<>(kept);
        sorted.sort(Comparator.comparing(Problem::place));
        return List.copyOf(sorted);
    }

    /** What somebody wrote, for a message: in quotes, and shortened. */
    public static String quote(String text) {
        return text.codePointCount(0, text.length()) <= LONGEST_QUOTE
                ? "'" + text + "'"
                : "'" + text.substring(0, text.offsetByCodePoints(0, LONGEST_QUOTE)) + "…' (" + text.length()
                        + " characters)";
    }

    /** A key as a path has it: one of a mebibyte would be in the path of all that lies below. */
    public static String key(String key) {
        return key.length() <= LONGEST_KEY ? key : key.substring(0, LONGEST_KEY) + "…";
    }

    /** Text of others without what could forge a line of a log, hide in it or turn its direction. */
    private static String printable(String text) {
        StringBuilder printable = new StringBuilder();
        text.codePoints().limit(LONGEST_TEXT).forEach(c -> printable.appendCodePoint(isHarmful(c) ? '?' : c));
        return printable.append(text.length() > 2 * LONGEST_TEXT ? "…" : "").toString();
    }

    private static boolean isHarmful(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.FORMAT -> true;
            default -> false;
        };
    }
}
