// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * What is left of an instance's weight, and why. Written by the service's updates under the update lock; {@code explain}
 * reads it there, slow start is for any thread.
 */
final class Standing {
    private double share = 1;
    private volatile double slowStart = 1; // any thread reads
    private double health = 1;

    /** The part of it that belongs to this process's subset, above 0 to 1. */
    double share() {
        return share;
    }

    void setShare(double value) {
        share = value;
    }

    /** What slow start leaves of its weight. */
    double slowStart() {
        return slowStart;
    }

    /** What its condition and its dynamic level leave of its weight. */
    double health() {
        return health;
    }

    void weighed(double bySlowStart, double byHealth) {
        slowStart = bySlowStart;
        health = byHealth;
    }
}
