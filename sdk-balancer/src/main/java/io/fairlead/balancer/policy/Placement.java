// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.policy;

import io.fairlead.api.ServiceInstance;
import io.fairlead.spi.Candidate;
import java.util.List;

/** Which candidate a hash belongs to, and which come after it. Immutable, safe for any thread, constant time. */
interface Placement {
    /** The slot of a hash. */
    int slot(long hash);

    /** The candidate a slot belongs to, by its place in the list. */
    int owner(int slot);

    /** Where a key goes when the owner of {@code slot} has no room. */
    int next(int slot, long hash);

    /** Whether it was made of the same instances with the same registry weights, in the same order. */
    boolean isOf(long[] identities);

    /**
     * What a placement depends on: identity and the registry's weight, not the effective one, or slow start would move keys
     * to and fro. Two longs each: a hash of the identity, then the weight.
     */
    static long[] identities(List<Candidate> candidates) {
        long[] identities = new long[candidates.size() * 2];
        int next = 0;
        for (Candidate candidate : candidates) {
            ServiceInstance instance = candidate.instance();
            identities[next++] = SplitMix.hash(instance.id() + " " + instance.authority());
            identities[next++] = instance.weight();
        }
        return identities;
    }
}
