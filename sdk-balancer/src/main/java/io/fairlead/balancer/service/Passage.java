// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.RouteFacts;
import org.jspecify.annotations.Nullable;

/**
 * How an attempt came to where its instance was picked. One object for each place of a {@link Chain} and each reason, so that
 * an attempt makes none.
 *
 * @param place which of the chain's subsets, from 0
 * @param subset where it was picked; null for all of the service
 */
record Passage(RouteFacts facts, int place, @Nullable SubsetState subset) {
    /** The attempt begins: it counts where it was picked. The service counts its own. */
    void begin() {
        if (subset != null) {
            subset.begin();
        }
    }

    /** It is over. */
    void end() {
        if (subset != null) {
            subset.end();
        }
    }
}
