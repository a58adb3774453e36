// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import org.jspecify.annotations.Nullable;

/** What the caller got. Written by whoever makes the call, read when it is over. */
final class Seen {
    int status;
    /** The answer's number as its header says, 0 for none. */
    int answer;

    byte[] body = {};
    /** The caller stopped reading on purpose. */
    boolean isPartial;

    boolean isFromCache;

    @Nullable
    Throwable failure;
    /** It came while the body was read. */
    boolean failedInBody;
    /** How often a callback or a sink was told of an end. */
    int ends = 1;

    long millis;

    @Override
    public String toString() {
        return (status == 0 ? "no answer" : status + " by answer " + answer)
                + (isFromCache ? " from the cache" : "")
                + ", " + body.length + " bytes"
                + (isPartial ? " and no more wanted" : "")
                + (failure == null ? "" : ", " + failure)
                + " in " + millis + " ms";
    }
}
