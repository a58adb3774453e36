// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Others' text as a part of one line. */
final class LogText {
    private static final int LONGEST = 300;
    private static final int MOST_CAUSES = 3;
    private static final int MOST_FRAMES = 3;
    private static final Pattern HARMFUL = Pattern.compile("[\\p{C}\\u2028\\u2029]+");

    private LogText() {}

    /** Shortened; each run of characters that could begin a line, hide or turn the direction is a question mark. */
    static String oneLine(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        // Cut first, as a server's text may be long; what is cut away only makes the rest shorter.
        String begin = text.length() <= LONGEST ? text : text.substring(0, LONGEST);
        String shown = HARMFUL.matcher(begin).replaceAll("?");
        return begin.length() == text.length() ? shown : shown + "…";
    }

    /**
     * What was thrown, its causes and the places it came through last. A stack trace would be of many lines, and the messages in it
     * may be others' words.
     */
    static String of(Throwable failure) {
        StringBuilder text = new StringBuilder(oneLine(failure.toString()));
        Throwable root = failure;
        for (int i = 0; i < MOST_CAUSES && root.getCause() != null && root.getCause() != root; i++) {
            root = root.getCause();
            text.append("; caused by ").append(oneLine(root.toString()));
        }
        StackTraceElement[] frames = root.getStackTrace();
        for (int i = 0; i < Math.min(MOST_FRAMES, frames.length); i++) {
            text.append(i == 0 ? "; at " : " < ").append(oneLine(frames[i].toString()));
        }
        return text.toString();
    }
}
