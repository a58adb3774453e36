// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/**
 * The arc of a ring of instances that one of several clients covers (Finagle's deterministic aperture). Clients start at
 * even distances, and every arc has the same length, a whole number of those distances and wide enough for {@code size}
 * instances: so each point of the ring is covered equally often, and every instance is offered exactly the same load.
 * Computed in whole numbers, in units of which a client's distance has {@code instances} and an instance {@code clients}.
 *
 * @param instances on the ring
 * @param client number of the client, from 0
 * @param clients on the ring
 * @param size least number of instances an arc is as wide as, when there are so many
 */
record Aperture(int instances, int client, int clients, int size) {

    /** Length of the arc in distances between clients. */
    long distances() {
        long wanted = Math.min(size, instances) * (long) clients;
        return Math.min(clients, (wanted + instances - 1) / instances);
    }

    /** Length of the arc, 1 for the whole ring. */
    double width() {
        return (double) distances() / clients;
    }

    /** The part of an instance that the arc covers, from 0 to 1. */
    double share(int instance) {
        long ring = (long) instances * clients;
        long from = (long) client * instances;
        long to = from + distances() * instances;
        long start = (long) instance * clients;
        long covered = overlap(from, to, start) + overlap(from, to, start + ring);
        return (double) covered / clients;
    }

    private long overlap(long from, long to, long start) {
        return Math.max(0, Math.min(to, start + clients) - Math.max(from, start));
    }
}
