// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.policy.plain.ListBefore;
import io.fairlead.balancer.policy.plain.SplitMix;
import io.fairlead.spi.Candidate;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which candidate a hash belongs to, and which come after it. Immutable, safe for any thread, constant time. */
interface Placement {
    /** The slot of a hash. */
    int slot(long hash);

    /** The candidate a slot belongs to, by its place in the list. */
    int owner(int slot);

    /** Where a key goes when the owner of {@code slot} has no room. */
    int next(int slot, long hash);

    /** What it was made of, not to be written to. */
    long[] identities();

    /** Whether it was made of the same instances with the same registry weights, in the same order. */
    default boolean isOf(long[] others) {
        return Arrays.equals(identities(), others);
    }

    /**
     * What a placement depends on: identity and the registry's weight, a whole number, and not the effective one, or slow start
     * and health would move keys to and fro. Two longs each: a hash of the identity, then the weight.
     *
     * @param places those that candidates had before, of {@link #places}
     */
    static long[] identities(List<Candidate> candidates, @Nullable KeyedPicker before, int[] places) {
        long[] known = before == null ? new long[0] : before.placement().identities();
        long[] identities = new long[candidates.size() * 2];
        for (int i = 0; i < places.length; i++) {
            ServiceInstance instance = candidates.get(i).instance();
            identities[2 * i] = places[i] == ListBefore.NOWHERE
                    ? SplitMix.hash(instance.id() + " " + instance.authority())
                    : known[2 * places[i]];
            identities[2 * i + 1] = instance.weight();
        }
        return identities;
    }

    /** The place each candidate had before, or {@link ListBefore#NOWHERE}. */
    static int[] places(List<Candidate> candidates, @Nullable KeyedPicker before) {
        return ListBefore.places(before == null ? new Candidate[0] : before.candidates(), candidates);
    }
}
