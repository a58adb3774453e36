// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy.plain;

import io.fairlead.spi.Candidate;
import java.util.List;

/** Finds the candidates of a list in the one before, so that what depends on identity alone is worked out once. */
public final class ListBefore {
    public static final int NOWHERE = -1;

    private ListBefore() {}

    /**
     * The place each had, or {@link #NOWHERE}: one walk along both, which are sorted by id. A candidate is the same object for
     * as long as it stands for the same copy of the service at the same address.
     */
    public static int[] places(Candidate[] before, List<Candidate> now) {
        int[] places = new int[now.size()];
        int at = 0;
        for (int i = 0; i < places.length; i++) {
            Candidate candidate = now.get(i);
            while (at < before.length && before[at] != candidate && isBefore(before[at], candidate)) {
                at++;
            }
            places[i] = at < before.length && before[at] == candidate ? at++ : NOWHERE;
        }
        return places;
    }

    private static boolean isBefore(Candidate one, Candidate other) {
        return one.instance().id().compareTo(other.instance().id()) < 0;
    }
}
