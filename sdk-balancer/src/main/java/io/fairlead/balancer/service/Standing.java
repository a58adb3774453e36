// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/** What is left of an instance's weight, and why. The service's updates write, any thread reads. */
final class Standing {
    private volatile double share = 1;
    private volatile double health = 1;
    private volatile double slowStart = 1;

    /** The part of it that belongs to this process's subset, above 0 to 1. */
    double share() {
        return share;
    }

    void setShare(double value) {
        share = value;
    }

    /** What its condition and its dynamic level leave of its weight. */
    double health() {
        return health;
    }

    void setHealth(double value) {
        health = value;
    }

    /** What slow start leaves of its weight, above 0 to 1. */
    double slowStart() {
        return slowStart;
    }

    void setSlowStart(double value) {
        slowStart = value;
    }
}
