// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/**
 * Is asked before a breaker takes its instance out of rotation, and told when the instance is back. The gate of a breaker
 * that is used alone, {@link #OPEN}, always allows it.
 */
interface TripGate {
    TripGate OPEN = new TripGate() {
        @Override
        public boolean mayTrip(String reason) {
            return true;
        }

        @Override
        public void closed(String reason) {}
    };

    boolean mayTrip(String reason);

    void closed(String reason);

    /** Successes so far that were counted elsewhere and not recorded. */
    default long unreported() {
        return 0;
    }
}
