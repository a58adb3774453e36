// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/** Asked before a breaker takes its instance out of rotation, told when it is back. Alone, a breaker asks nobody. */
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
