// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.spi.Candidate;

/**
 * A candidate whose weight depends on the others: an instance among all of its service, or among those of one subset. Any thread reads; only
 * the service's updates change it.
 */
interface Weighted extends Candidate {
    /** The part of it that belongs to this process's portion, above 0 to 1. */
    double portionShare();

    void setPortionShare(double value);

    /** What its condition and its dynamic level leave of its weight. */
    double health();

    /**
     * Makes its weight of the registry's and what is left of it.
     *
     * @return whether the weight changed
     */
    boolean weigh(double registry, double slowStart, double health);
}
