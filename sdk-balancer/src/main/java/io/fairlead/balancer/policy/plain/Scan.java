// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.api.PickContext;
import io.fairlead.spi.Candidate;
import org.jspecify.annotations.Nullable;

/** The last resort of a picker whose draws were all refused: every candidate in turn. */
public final class Scan {
    private Scan() {}

    /** Where a candidate is among others; -1 when it is not. */
    public static int placeOf(Candidate candidate, Candidate[] candidates) {
        for (int i = 0; i < candidates.length; i++) {
            if (candidates[i] == candidate) {
                return i;
            }
        }
        return -1;
    }

    /** The first that accepts, from {@code start} round to before it; null when none does. */
    public static @Nullable Candidate from(int start, Candidate[] candidates, PickContext context, long nowNanos) {
        for (int i = 0; i < candidates.length; i++) {
            int at = start + i;
            Candidate candidate = candidates[at < candidates.length ? at : at - candidates.length];
            if (candidate.accepts(context, nowNanos)) {
                return candidate;
            }
        }
        return null;
    }
}
