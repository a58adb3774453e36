// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what somebody who misspelt a name most likely meant. Stateless, safe for any thread. */
public final class NearestName {
    private NearestName() {}

    /**
     * The known name closest to {@code given} by edit distance (Levenshtein 1965), or null when none is within two
     * edits or a third of its length.
     */
    public static @Nullable String suggest(String given, Collection<String> known) {
        String best = null;
        int bestDistance = Math.min(given.length(), Math.max(2, given.length() / 3) + 1);
        for (String name : known) {
            int distance = distance(given.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = name;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** The suggestion as the end of a sentence: {@code "; did you mean 'dc'?"}, or nothing. */
    public static String hint(String given, Collection<String> known) {
        String suggestion = suggest(given, known);
        return suggestion == null ? "" : "; did you mean '" + suggestion + "'?";
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
