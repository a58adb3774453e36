// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.table;

import io.fairlead.balancer.policy.plain.SplitMix;

/**
 * A number from 0 to 999,999 that depends on a key and on what is drawn, and on nothing else: the same in every process. What
 * is drawn is salted, so that two draws of one key have nothing to do with each other, nor with the place that the key has on a
 * ring. Stateless.
 */
final class Draw {
    static final int ALL = 1_000_000;

    /** No subset has this name. */
    private static final String PERCENT = "%";

    private Draw() {}

    /** The salt of a destination. */
    static long salt(String seed, String subset) {
        return SplitMix.hash(seed + "/" + subset);
    }

    /** The salt of a rule's percentages. */
    static long percentSalt(String seed) {
        return salt(seed, PERCENT);
    }

    static long hash(String key) {
        return SplitMix.hash(key);
    }

    static int of(long hash, long salt) {
        return SplitMix.below(ALL, SplitMix.mix(hash ^ salt));
    }
}
