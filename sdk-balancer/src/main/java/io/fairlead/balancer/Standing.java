// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.ServiceInstance;

/**
 * Where an instance stands in the choice its service publishes, and why. Written by the service's updates and read by
 * {@code explain}, all under the update lock.
 */
final class Standing {
    /** No tier. */
    static final int NOWHERE = -1;

    /** Why an instance is, or is not, among those a picker chooses from. */
    enum Place {
        /** A picker chooses among it and others. */
        CHOSEN,
        /** On its way out by its own wish. */
        DRAINING,
        /** Out by our own decision, waiting for probes. */
        EJECTED,
        /** A check of the registry fails. */
        CRITICAL,
        /** This process calls a subset of the instances, to which it does not belong. */
        OUTSIDE_SUBSET
    }

    private int tier = NOWHERE;
    private Place place = Place.OUTSIDE_SUBSET;
    private double share = 1;
    private volatile double slowStart = 1; // any thread reads
    private double health = 1;
    private long rank;
    private boolean ranked;

    /** Which of the zone preference's tiers it belongs to, chosen or not. */
    int tier() {
        return tier;
    }

    Place place() {
        return place;
    }

    void put(int inTier, Place newPlace) {
        tier = inTier;
        place = newPlace;
        share = 1;
    }

    /** Keeps the tier. */
    void move(Place newPlace) {
        place = newPlace;
    }

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

    /** A number that only its identity and the seed of this process determine; computed once. */
    long rank(ServiceInstance instance, long seed) {
        if (!ranked) {
            rank = Subset.rank(instance.id() + ' ' + instance.authority(), seed);
            ranked = true;
        }
        return rank;
    }
}
