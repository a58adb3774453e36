// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.regex;

import java.util.random.RandomGenerator;

/** Expressions of the dialect over a few characters, and texts of them, so that many match. */
public final class RandomRegex {
    private static final String[] UNITS = {
        "a", "b", "1", "-", ".", "[ab]", "[^a]", "[a-c1]", "\\d", "\\w", "\\s", "\\.", "é"
    };
    private static final String[] MARKS = {"*", "+", "?", "{2}", "{1,3}", "{0,2}", "{1,}"};
    private static final String LETTERS = "aabbc1-. é";

    private RandomRegex() {}

    /** An expression whose groups lie at most so deep. */
    public static String of(RandomGenerator random, int depth) {
        StringBuilder text = new StringBuilder();
        int alternatives = random.nextInt(4) == 0 ? 2 : 1;
        for (int i = 0; i < alternatives; i++) {
            text.append(i == 0 ? "" : "|");
            int length = random.nextInt(4);
            for (int part = 0; part < length; part++) {
                boolean isGroup = depth > 0 && random.nextInt(4) == 0;
                text.append(
                        isGroup
                                ? (random.nextBoolean() ? "(" : "(?:") + of(random, depth - 1) + ")"
                                : UNITS[random.nextInt(UNITS.length)]);
                text.append(random.nextInt(3) == 0 ? MARKS[random.nextInt(MARKS.length)] : "");
            }
        }
        return text.toString();
    }

    /** A text of at most so many characters. */
    public static String text(RandomGenerator random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(length + 1); i > 0; i--) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }
}
