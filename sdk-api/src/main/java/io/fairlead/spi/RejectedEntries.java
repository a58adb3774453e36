// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi;

import io.fairlead.api.EventListener;
import java.util.HashSet;
import java.util.Set;

/**
 * Tells of the entries of one service that could not be used, each once until it is wrong in another way, and never with
 * anything in it that could forge a log line. Not thread-safe: for the one queue of a watch.
 */
public final class RejectedEntries {
    private static final int MOST_TOLD = 1_000;
    private static final int LONGEST = 120;

    private final String service;
    private final EventListener listener;
    private final Set<String> told = new HashSet<>();
    private final Set<String> toldLeftOut = new HashSet<>();

    /** Nothing told yet. The listener also writes the log, so nobody else does. */
    public RejectedEntries(String service, EventListener listener) {
        this.service = service;
        this.listener = listener;
    }

    /** Tells of an entry, unless it was told with this reason before, or 1,000 others were. */
    public void tell(String entry, String reason) {
        tell(entry, reason, told);
    }

    /** As {@link #tell}, of an entry that is used without something it says; counted by itself. */
    public void tellLeftOut(String entry, String what) {
        tell(entry, "used without " + what, toldLeftOut);
    }

    private void tell(String entry, String reason, Set<String> before) {
        String shown = shorten(entry.replaceAll("[^\\x21-\\x7e]+", "?"));
        String why = shorten(reason.replaceAll("[\\p{C}\\u2028\\u2029]+", "?"));
        if (before.size() < MOST_TOLD && before.add(shown + ' ' + why)) {
            listener.onInstanceRejected(service, shown, why);
        }
    }

    private static String shorten(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        // Half a character would be one that no terminal knows.
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return text.substring(0, end) + "…";
    }
}
